import Foundation
import PolicyCore
import Testing

@testable import PolicyApply
@testable import PolicyFormats

/// A journal that another version of this program wrote.
@Suite struct JournalVersionTests {
  /// The journal of a finished apply with something said otherwise in each record, with right lengths and checksums.
  private func journal(_ root: TestRoot, replacing old: String, with new: String) throws -> [UInt8] {
    let bytes = try #require(Disk.bytes(root.path + "/.policy/\(root.uid)/journal"))
    let lines = bytes.split(separator: UInt8(ascii: "\n")).filter { $0.first != 0 }
    let changed = lines.map { line in
      let json = line.split(separator: UInt8(ascii: " "), maxSplits: 2).last ?? []
      return String(decoding: json, as: UTF8.self).replacingOccurrences(of: old, with: new)
    }
    #expect(changed.contains { $0.contains(new) })
    return changed.reduce(into: []) { JournalFraming.append(Array($1.utf8), to: &$0) }
  }

  private func stage() throws -> TestRoot {
    let root = TestRoot()
    root.policy.trash.purgeAfter = .hours(1)
    root.run("exp1")
    root.run("exp2")
    #expect(root.apply([try root.trash("exp1")]).status == .done)
    root.digestSeed += 1
    root.clock.advance(48 * TestRoot.hour)
    return root
  }

  @Test(arguments: [
    ("policy-journal/1.0", "policy-journal/2.0"), ("\"event\":\"intent\"", "\"event\":\"undertaking\""),
  ])
  func nothingIsDoneOnTheWordOfALaterVersion(_ old: String, _ new: String) throws {
    let root = try stage()
    let before = TestRoot.inventory(of: root.path)
    Disk.write(root.path + "/.policy/\(root.uid)/journal", try journal(root, replacing: old, with: new))
    let action = try root.trash("exp2")
    #expect(root.apply([action]).status == .damaged)
    let purged = TrashCan.purge(.elapsed, roots: [root.root], options: root.options())
    #expect(purged.status == .damaged)
    #expect(purged.message?.contains("newer version") == true, "\(purged.message ?? "")")
    #expect(root.recover().status == .damaged)
    let after = TestRoot.inventory(of: root.path).filter { !$0.contains("/journal ") }
    #expect(after == before.filter { !$0.contains("/journal ") })
  }

  @Test func aLaterMinorVersionWithKeysThatWeDoNotKnowIsRead() throws {
    let root = try stage()
    let bytes = try journal(root, replacing: "policy-journal/1.0", with: "policy-journal/1.7")
    let file = root.path + "/.policy/\(root.uid)/journal"
    Disk.write(file, bytes)
    Disk.write(file, try journal(root, replacing: "{\"", with: "{\"a_new_key\":[1],\""))
    #expect(root.recover().status == .done)
    #expect(root.list().map(\.path) == ["exp1"])
    #expect(root.restore(.paths([ByteString(root.path + "/exp1")])).status == .done)
  }
}
