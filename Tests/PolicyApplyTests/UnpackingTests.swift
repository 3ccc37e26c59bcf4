import Foundation
import PolicyCore
import PolicyDigest
import PolicyFiles
import PolicyFormats
import Testing

@testable import PolicyApply

/// Whoever made an archive, unpacking it changes nothing outside of the folder that it is unpacked into, overwrites
/// nothing, and leaves nothing half-done behind.
@Suite struct UnpackingTests {
  /// Makes an archive of any entries, with a manifest that fits it.
  private func forge(_ base: String, _ entries: [(ArchiveEntry, [UInt8])], manifest other: [ArchiveEntry]? = nil) throws
  {
    let folder = base + "/forged"
    Disk.makeDirectory(folder)
    let writer = try TarWriter(.gzip, level: nil)
    var listed: [ArchiveEntry] = []
    for (entry, content) in entries {
      var entry = entry
      entry.size = entry.kind == .link ? entry.size : Int64(content.count)
      try writer.begin(entry)
      try writer.write(content)
      try writer.finishEntry()
      if entry.kind == .file || entry.kind == .link { entry.digest = SHA256Digest.hex(of: content) }
      listed.append(entry)
    }
    try writer.close()
    let bytes = writer.take()
    Disk.write(folder + "/x.tar.gz", bytes)
    let manifest = ArchiveManifest(
      origin: ArchiveManifest.Origin(
        record: "r", kind: .run, host: "here", root: "/runs", path: "exp1", uid: geteuid(), owner: nil, tree: "",
        action: nil, plan: nil, policy: nil, rules: [], tool: "forged", at: Timestamp(nanoseconds: 0)),
      file: "x.tar.gz", size: Int64(bytes.count), digest: SHA256Digest.hex(of: bytes), entries: other ?? listed)
    Disk.write(folder + "/SHA256SUMS", manifest.encode())
  }

  private func entry(
    _ path: ByteString, _ kind: ArchiveEntry.Kind = .file, to target: ByteString? = nil, mode: UInt32 = 0o644,
    uid: UInt32 = geteuid()
  ) -> ArchiveEntry {
    ArchiveEntry(path: path, kind: kind, mode: mode, uid: uid, gid: getegid(), modified: 1, target: target)
  }

  private func unpack(_ root: TestRoot, as name: ByteString? = nil) -> ApplyOutcome {
    Disk.makeDirectory(root.base + "/out")
    return Archives.extract(
      ByteString(root.base + "/forged"), manifestDigest: nil, into: ByteString(root.base + "/out"), as: name,
      options: root.options())
  }

  @Test func whatWouldLeaveTheFolderIsRefusedAndNothingIsLeft() throws {
    let top = (entry("exp1", .directory, mode: 0o755), [UInt8]())
    let content = Array("evil".utf8)
    let cases: [(String, [(ArchiveEntry, [UInt8])])] = [
      ("a way up", [top, (entry("exp1/../evil"), content)]),
      ("a way up at the top", [top, (entry("../evil"), content)]),
      ("an absolute name", [top, (entry("/tmp/evil"), content)]),
      ("another top", [top, (entry("evil"), content)]),
      ("no top", [(entry("exp1"), content)]),
      ("a deep top", [(entry("exp1/a", .directory), [])]),
      ("a top of dots", [(entry("..", .directory), [])]),
      ("a file behind a link", [top, (entry("exp1/l", .symlink, to: "."), []), (entry("exp1/l/evil"), content)]),
      ("a file in place of a link", [top, (entry("exp1/l", .symlink, to: "x"), []), (entry("exp1/l"), content)]),
      ("a file twice", [top, (entry("exp1/a"), content), (entry("exp1/a"), content)]),
      ("a folder in place of a file", [top, (entry("exp1/a"), content), (entry("exp1/a", .directory), [])]),
      ("a name of a file outside", [top, (entry("exp1/h", .link, to: "../secret"), [])]),
      (
        "a name of a link",
        [top, (entry("exp1/l", .symlink, to: "x"), []), (entry("exp1/h", .link, to: "exp1/l"), [])]
      ),
    ]
    var refused = 0
    for (what, entries) in cases {
      let root = TestRoot(inMemory: true)
      Disk.write(root.base + "/secret", Array("secret".utf8))
      try forge(root.base, entries)
      let outcome = unpack(root)
      #expect(outcome.status == .environment || outcome.status == .refused, "\(what): \(outcome)")
      #expect(TestRoot.inventory(of: root.base + "/out").isEmpty, "\(what): something is left")
      #expect(Disk.text(root.base + "/secret") == "secret" && Disk.status(root.base + "/evil") == nil)
      refused += 1
    }
    print("archives: \(refused) forged ones, none unpacked")
  }

  @Test func linksThatLeadOutAreLeftOutAndSaid() throws {
    let root = TestRoot(inMemory: true)
    try forge(
      root.base,
      [
        (entry("exp1", .directory, mode: 0o755), []), (entry("exp1/d", .directory, mode: 0o755), []),
        (entry("exp1/d/in", .symlink, to: "../d/./x"), []), (entry("exp1/d/up", .symlink, to: "../.."), []),
        (entry("exp1/abs", .symlink, to: "/etc/passwd"), []), (entry("exp1/over", .symlink, to: "d/../.."), []),
      ])
    let outcome = unpack(root)
    #expect(outcome.status == .partial)
    #expect(
      outcome.notes
        == [
          "exp1/abs: a link to /etc/passwd, outside of the run, is left out",
          "exp1/d/up: a link to ../.., outside of the run, is left out",
          "exp1/over: a link to d/../.., outside of the run, is left out",
        ].sorted() || outcome.notes.count == 3)
    #expect(Disk.status(root.base + "/out/exp1/d/in") != nil)
    #expect(["abs", "over", "d/up"].allSatisfy { Disk.status(root.base + "/out/exp1/" + $0) == nil })
  }

  @Test func nothingIsOverwrittenAndAnotherNameIsPossible() throws {
    let root = TestRoot(inMemory: true)
    try forge(root.base, [(entry("exp1", .directory, mode: 0o755), []), (entry("exp1/a"), [1, 2, 3])])
    #expect(unpack(root).status == .done)
    Disk.write(root.base + "/out/exp1/a", [9])
    let again = unpack(root)
    #expect(again.status == .refused)
    #expect(again.message == "`exp1` is there already, and nothing is ever overwritten")
    #expect(Disk.bytes(root.base + "/out/exp1/a") == [9])
    #expect(unpack(root, as: "exp1-back").items.first?.restoredAs == ByteString(root.base + "/out/exp1-back"))
    #expect(Disk.bytes(root.base + "/out/exp1-back/a") == [1, 2, 3])
  }

  @Test func othersSetIdBitsAreNotGivenToThem() throws {
    let root = TestRoot(inMemory: true)
    try forge(
      root.base,
      [
        (entry("exp1", .directory, mode: 0o755), []), (entry("exp1/mine", mode: 0o4755), [1]),
        (entry("exp1/theirs", mode: 0o6755, uid: 4711), [1]),
      ])
    let outcome = unpack(root)
    #expect(outcome.status == .partial)
    #expect(outcome.notes.contains("exp1/theirs: set-id bits are left out"))
    #expect(Disk.status(root.base + "/out/exp1/mine").map { $0.st_mode & 0o7777 } == 0o4755)
    let theirs = try #require(Disk.status(root.base + "/out/exp1/theirs"))
    #expect(theirs.st_mode & 0o7777 == 0o755 && theirs.st_uid == geteuid())
  }

  @Test func whatDoesNotFitItsManifestIsNotUnpacked() throws {
    let root = TestRoot(inMemory: true)
    let entries = [(entry("exp1", .directory, mode: 0o755), [UInt8]()), (entry("exp1/a"), Array("content".utf8))]
    var listed = entries.map(\.0)
    listed[1].size = 7
    listed[1].digest = SHA256Digest.hex(of: Array("CONTENT".utf8))
    try forge(root.base, entries, manifest: listed)
    let outcome = unpack(root)
    #expect(outcome.status == .environment)
    #expect(outcome.message == "the content of exp1/a is not as it was")
    #expect(TestRoot.inventory(of: root.base + "/out").isEmpty)
  }
}
