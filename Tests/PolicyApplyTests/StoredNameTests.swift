import Foundation
import PolicyCore
import PolicyFormats
import Testing

@testable import PolicyApply

/// Names in the trash, and the info files beside it that other programs read.
@Suite struct StoredNameTests {
  @Test func oneNameOverAndOverIsAsManyThings() throws {
    let root = TestRoot(inMemory: true)
    var records: Set<String> = []
    let times = 150
    for life in 1...times {
      root.write("exp1/args.yaml", "life \(life)")
      root.digestSeed += 1
      #expect(root.apply([try root.trash("exp1")]).status == .done)
    }
    for item in root.list() { records.insert(item.record) }
    #expect(records.count == times)
    let stored = records.map { root.text("\(root.trashFiles)/\($0)/args.yaml") ?? "gone" }
    #expect(Set(stored) == Set((1...times).map { "life \($0)" }))
    print("one name trashed \(times) times: \(Set(stored).count) things, none overwritten")
    // The newest comes back first, and the others beside it.
    let path = ByteString(root.path + "/exp1")
    for life in [times, times - 1, times - 2] {
      let outcome = root.restore(.paths([path]))
      let name = outcome.items.first?.restoredAs?.displayText ?? "exp1"
      #expect(root.text(name + "/args.yaml") == "life \(life)")
    }
  }

  @Test(arguments: [200, 243, 244, 255]) func aNameOfAnyLengthFits(_ length: Int) throws {
    let root = TestRoot()
    let name = String(repeating: "n", count: length)
    root.run(name)
    let before = root.inventory()
    #expect(root.apply([try root.trash(name)]).status == .done)
    #expect(root.list().map(\.path) == [ByteString(name)])
    // Its own name is taken again: the one beside it must fit as well.
    root.run(name, files: ["second": "life"])
    let beside = root.restore(.plan(root.digest))
    #expect(beside.status == .done, "\(beside)")
    let place = try #require(beside.items.first?.restoredAs?.displayText)
    #expect(place != name && place.utf8.count <= 255)
    #expect(root.text(place + "/weights/best.pt") == "best of " + name)
    #expect(root.text(name + "/second") == "life")
    #expect(!before.isEmpty)
  }

  /// Info files are for people and other programs: what they say moves nothing.
  @Test func hostileInfoFilesMoveNothing() throws {
    let root = TestRoot()
    let outside = root.base + "/outside"
    Disk.makeDirectory(outside)
    let hostile = [
      "", "[Trash Info]\n", "[Trash Info]\nPath=\(outside)/taken\nDeletionDate=2020-01-01T00:00:00\n",
      "[Trash Info]\nPath=../../outside/taken\nDeletionDate=2020-01-01T00:00:00\n",
      "[Trash Info]\nPath=%2Fetc%2Fpasswd%00\nPath=two\n", "[Trash Info]\nPath=%zz%\n",
      String(repeating: "x", count: 70_000),
    ]
    for (number, text) in hostile.enumerated() {
      root.run("exp\(number)")
      root.digestSeed += 1
      #expect(root.apply([try root.trash("exp\(number)")]).status == .done)
      let record = try #require(root.list().last { $0.path == ByteString("exp\(number)") }?.record)
      let info = root.path + "/.policy/\(root.uid)/trash/info/\(record).trashinfo"
      #expect(Disk.status(info) != nil)
      Disk.write(info, Array(text.utf8))
    }
    Disk.write(root.path + "/.policy/\(root.uid)/trash/info/stranger.trashinfo", Array("Path=exp0".utf8))
    #expect(root.list().map(\.path) == hostile.indices.map { ByteString("exp\($0)") })
    let outcome = root.restore(.records(root.list().map(\.record)))
    #expect(outcome.status == .done, "\(outcome)")
    for number in hostile.indices { #expect(root.text("exp\(number)/weights/best.pt") == "best of exp\(number)") }
    #expect(TestRoot.inventory(of: outside).isEmpty)
  }

  @Test func withoutItsInfoFileAnItemIsRestoredAndPurgedAllTheSame() throws {
    let root = TestRoot()
    root.policy.trash.purgeAfter = .hours(1)
    for name in ["exp1", "exp2"] {
      root.run(name)
      root.digestSeed += 1
      #expect(root.apply([try root.trash(name)]).status == .done)
    }
    let info = root.path + "/.policy/\(root.uid)/trash/info"
    for record in root.list().map(\.record) { #expect(Disk.remove("\(info)/\(record).trashinfo")) }
    #expect(root.restore(.paths([ByteString(root.path + "/exp1")])).status == .done)
    root.clock.advance(48 * TestRoot.hour)
    #expect(TrashCan.purge(.elapsed, roots: [root.root], options: root.options()).status == .done)
    #expect(root.exists("exp1/weights/best.pt") && root.list().isEmpty)
  }
}
