import Foundation
import PolicyCore
import PolicyFormats
import Testing

@testable import PolicyApply

/// Permissions bind an ordinary uid only; under root these say that they were not shown.
@Suite struct PermissionTests {
  private func isOrdinary(_ what: String) -> Bool {
    let probe = NSTemporaryDirectory() + "policy-probe-" + UUID().uuidString
    Disk.makeDirectory(probe, 0o500)
    defer { Disk.removeDirectory(probe) }
    // Proof that a denial is a denial here.
    if geteuid() != 0, !Disk.makeDirectory(probe + "/x") { return true }
    RootOnly.notShown(what, "permissions do not bind this uid")
    return false
  }

  @Test func oneFolderThatMayNotBeChangedStopsNoOther() throws {
    guard isOrdinary("a read-only parent") else { return }
    let root = TestRoot()
    root.run("closed/exp1")
    root.run("open/exp2")
    let actions = [try root.trash("closed/exp1"), try root.trash("open/exp2")]
    Disk.setMode(root.path + "/closed", 0o555)
    let outcome = root.apply(actions)
    Disk.setMode(root.path + "/closed", 0o755)
    #expect(outcome.status == .partial)
    #expect(outcome.items.map(\.isDone) == [false, true])
    #expect(outcome.items.first?.result == .failed("permission denied"))
  }

  @Test func aReadOnlyFolderInTheTrashStopsItsPurgeBeforeItBegins() throws {
    guard isOrdinary("a read-only folder in the trash") else { return }
    let root = TestRoot()
    root.policy.trash.purgeAfter = .hours(1)
    root.run("exp1")
    Disk.setMode(root.path + "/exp1/weights", 0o555)
    #expect(root.apply([try root.trash("exp1")]).status == .done)
    root.clock.advance(48 * TestRoot.hour)
    let outcome = TrashCan.purge(.elapsed, roots: [root.root], options: root.options())
    #expect(outcome.status == .partial)
    let record = try #require(root.list().first?.record)
    #expect(root.restore(.records([record])).status == .done)
    #expect(root.text("exp1/weights/best.pt") == "best of exp1")
  }

  @Test func aRootOfSomebodyElseNeedsItsFolderFirst() throws {
    guard isOrdinary("a root of somebody else") else { return }
    let options = ApplyOptions(host: "here")
    let answer = Pins.pin("/usr/bin", because: "x", roots: [Root(host: "here", path: "/usr")], options: options)
    #expect(answer.status == .refused)
    #expect(answer.message.contains("install -d -m 1777"))
  }
}
