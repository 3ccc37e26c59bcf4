import Foundation
import PolicyCore
import PolicyFormats
import Synchronization
import Testing

@testable import PolicyApply

/// Every descriptor that apply holds is closed on exec: no program that anything starts inherits a way into the root.
@Suite struct OpenDescriptorTests {
  @Test(arguments: [RaceTests.Scene.apply, .restore, .purge])
  func nothingIsLeftOpenForOtherPrograms(_ scene: RaceTests.Scene) throws {
    let root = TestRoot()
    root.policy.trash.purgeAfter = .hours(1)
    root.run("alice/exp1", files: ["a/b/c": "deep"])
    let action = try root.trash("alice/exp1")
    if scene != .apply {
      #expect(root.apply([action]).status == .done)
      root.clock.advance(48 * TestRoot.hour)
    }
    let base = root.base
    let seen = Mutex((open: 0, inherited: Set<String>()))
    let changes = FileChanges(fault: { _ in
      for number in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + number),
          target.hasPrefix(base), let text = Disk.text("/proc/self/fdinfo/" + number)
        else { continue }
        let flags = text.split(separator: "\n").first { $0.hasPrefix("flags:") }?.split(separator: "\t").last
        let isClosed = flags.flatMap { Int32($0, radix: 8) }.map { $0 & O_CLOEXEC != 0 } ?? true
        seen.withLock { seen in
          seen.open += 1
          if !isClosed { seen.inherited.insert(target) }
        }
      }
      return nil
    })
    let outcome: ApplyOutcome
    switch scene {
    case .apply: outcome = root.apply([action], changes)
    case .restore: outcome = root.restore(.plan(root.digest), changes)
    case .purge: outcome = TrashCan.purge(.elapsed, roots: [root.root], options: root.options(changes))
    }
    #expect(outcome.status == .done)
    let (open, inherited) = seen.withLock { ($0.open, $0.inherited) }
    #expect(open > 10, "nothing was seen open")
    #expect(inherited.isEmpty, "\(inherited)")
  }
}
