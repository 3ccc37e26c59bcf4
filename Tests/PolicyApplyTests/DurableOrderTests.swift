import Foundation
import PolicyCore
import PolicyFormats
import Synchronization
import Testing

@testable import PolicyApply

/// The order of the calls, which is what a power cut tests: nothing moves before its intent is synced, and no commit is
/// written before what it speaks of is. A sync that failed is never tried again.
@Suite struct DurableOrderTests {
  static let syncs: Set<String> = ["fsync", "fdatasync", "syncfs"]

  private final class Calls: Sendable {
    private let names = Mutex<[String]>([])
    var list: [String] { names.withLock { $0 } }
    func note(_ call: String) -> Int {
      names.withLock { names in
        names.append(call)
        return names.count - 1
      }
    }
  }

  /// A root with a trash already, and two runs to move.
  private func stage() throws -> (TestRoot, [Action]) {
    let root = TestRoot(inMemory: true)
    for name in ["exp0", "exp1", "exp2"] { root.run(name) }
    #expect(root.apply([try root.trash("exp0")]).status == .done)
    root.digestSeed += 1
    return (root, [try root.trash("exp1"), try root.trash("exp2")])
  }

  @Test func everythingIsSyncedBeforeTheFirstMoveAndBeforeTheCommit() throws {
    let (root, actions) = try stage()
    let calls = Calls()
    #expect(
      root.apply(
        actions,
        FileChanges(fault: {
          _ = calls.note($0.name); return nil
        })
      ).status == .done)
    let names = calls.list
    let first = try #require(names.firstIndex(of: "renameat2"))
    let last = try #require(names.lastIndex(of: "renameat2"))
    #expect(last - first == 1, "\(names)")
    // Whatever was written before the first move was synced before it.
    let before = names[..<first]
    let lastWrite = try #require(before.lastIndex { $0 == "pwrite" || $0 == "openat" })
    #expect(before[lastWrite...].contains { Self.syncs.contains($0) }, "\(before)")
    // The intents too: a write of the journal and its sync, before the info files are made.
    let info = try #require(before.lastIndex(of: "openat"))
    let intent = try #require(before[..<info].lastIndex(of: "pwrite"))
    #expect(before[intent...].contains("fdatasync"), "\(before)")
    // Both folders are synced between the last move and the commit; the commit and the end of the run with one sync.
    let after = Array(names[(last + 1)...].prefix(5))
    #expect(after == ["fsync", "fsync", "pwrite", "pwrite", "fdatasync"], "\(names[last...])")
  }

  /// Three batches of one: what the next one needs is made while one is moved, and still comes before its own move.
  @Test func batchesThatOverlapKeepTheOrderOfEach() throws {
    for _ in 0..<20 {
      let (root, actions) = try stage()
      root.run("exp3")
      root.batch = 1
      let calls = Calls()
      let changes = FileChanges(fault: {
        _ = calls.note($0.name); return nil
      })
      #expect(root.apply(actions + [try root.trash("exp3")], changes).status == .done)
      let names = calls.list
      func count(_ call: String, before place: Int) -> Int { names[..<place].count { $0 == call } }
      let first = try #require(names.firstIndex(of: "renameat2"))
      // The begin, then intent and info file of the first, and then already the intent of the second.
      #expect(count("pwrite", before: first) >= 4, "nothing overlapped: \(names)")
      let moves = names.indices.filter { names[$0] == "renameat2" }
      #expect(moves.count == 3)
      // What comes before the first record: lock and journal are opened.
      let begun = try #require(names.firstIndex(of: "pwrite"))
      for (number, move) in moves.enumerated() {
        // Of each batch until this one the intent and the info file are synced, and the folder of the info files.
        #expect(count("openat", before: move) >= count("openat", before: begun) + number + 1, "\(names)")
        #expect(count("fdatasync", before: move) >= count("fdatasync", before: begun) + 2 * (number + 1), "\(names)")
        // Of each batch before this one both folders of the move as well.
        #expect(count("fsync", before: move) >= count("fsync", before: begun) + 3 * number + 1, "\(names)")
      }
    }
  }

  @Test(arguments: ["fdatasync", "fsync"]) func afterAFailedSyncOfTheNextBatchNothingOfItMoves(_ call: String) throws {
    for number in 1...12 {
      let (root, actions) = try stage()
      root.run("exp3")
      root.batch = 1
      let seen = Mutex(0)
      let changes = FileChanges(fault: { now in
        guard now.name == call else { return nil }
        return seen.withLock { seen -> Int32? in
          seen += 1
          return seen == number ? EIO : nil
        }
      })
      let outcome = root.apply(actions + [try root.trash("exp3")], changes)
      guard seen.withLock({ $0 }) >= number else { break }
      #expect(outcome.status == .environment, "\(call) \(number): \(outcome)")
      #expect(root.recover().status == .done)
      #expect(try root.history().open.isEmpty)
      let listed = root.list().map(\.path)
      for name in ["exp1", "exp2", "exp3"] {
        #expect(root.exists(name) != listed.contains(ByteString(name)), "\(call) \(number): \(name)")
      }
      let infos = try FileManager.default.contentsOfDirectory(
        atPath: root.path + "/.policy/\(root.uid)/trash/info")
      #expect(infos.count == listed.count, "\(call) \(number): \(infos)")
      // What is told as done is.
      for item in outcome.items where item.isDone { #expect(listed.contains(item.path), "\(call) \(number)") }
    }
  }

  @Test func aPurgeSyncsItsIntentBeforeItRemovesAnything() throws {
    let (root, _) = try stage()
    root.clock.advance(100 * TestRoot.hour)
    let calls = Calls()
    let changes = FileChanges(fault: {
      _ = calls.note($0.name); return nil
    })
    #expect(
      TrashCan.purge(.plan(root.digest, nowFree: true), roots: [root.root], options: root.options(changes)).status
        == .done)
    let names = calls.list
    let first = try #require(names.firstIndex(of: "unlink"))
    let write = try #require(names[..<first].lastIndex(of: "pwrite"))
    #expect(names[write..<first].contains("fdatasync"), "\(names)")
    // The trash folder is synced after the last removal in it, and the end is journaled after that.
    let last = try #require(names.lastIndex(of: "rmdir"))
    let commit = try #require(names[last...].firstIndex(of: "pwrite"))
    #expect(names[last..<commit].contains("fsync"), "\(names)")
  }

  @Test(arguments: ["fsync", "fdatasync", "syncfs"]) func aFailedSyncIsNotTriedAgainAndCommitsNothing(
    _ call: String
  ) throws {
    var points = 0
    for number in 1... {
      let (root, actions) = try stage()
      let before = root.inventory()
      let calls = Calls()
      let seen = Mutex((count: 0, at: -1))
      let changes = FileChanges(fault: { now in
        let place = calls.note(now.name)
        guard now.name == call else { return nil }
        return seen.withLock { seen -> Int32? in
          seen.count += 1
          guard seen.count == number else { return nil }
          seen.at = place
          return EIO
        }
      })
      let outcome = root.apply(actions, changes)
      let at = seen.withLock { $0.at }
      if at < 0 { break }
      points += 1
      #expect(outcome.status == .environment, "\(call) \(number): \(outcome)")
      #expect(!calls.list[(at + 1)...].contains("renameat2"), "\(call) \(number): something moved after it")
      // The same file is not synced once more: after a failed sync of the journal nothing is written to it. A new info
      // file is opened, written and synced; after that one the journal still says that nothing moved.
      let list = calls.list
      let isInfo = at >= 2 && list[at - 2] == "openat" && list[at - 1] == "pwrite"
      if call == "fdatasync", !isInfo {
        #expect(!list[(at + 1)...].contains("pwrite"), "\(call) \(number): \(list[at...])")
      }
      // Whatever moved before it is known by its intent, and taken up by the next run.
      #expect(root.recover().status == .done)
      let moved = root.list().map(\.path).filter { $0 != "exp0" }
      #expect(moved.isEmpty ? root.inventory() == before : moved == ["exp1", "exp2"], "\(call) \(number): \(moved)")
      #expect(try root.history().open.isEmpty)
    }
    print("\(call) failed at each of \(points) places: status 9, nothing tried again")
    #expect(points > 0 || call == "syncfs")
  }
}
