import PolicyCore
import PolicyFormats
import Testing

@testable import PolicyApply

/// The parts of a backup in a repository that need no program.
@Suite struct GitPartsTests {
  private let digest = String(repeating: "a", count: 64)

  private func file(_ path: ByteString, _ size: Int64, _ digest: String? = nil) -> ArchiveEntry {
    ArchiveEntry(
      path: path, kind: .file, mode: 0o644, uid: 1, gid: 1, modified: 0, size: size, digest: digest ?? self.digest)
  }

  @Test func aPlaceIsReadAsItIsWritten() throws {
    let target = try GitTarget("git-lfs:https://host:1/m.git#a/b")
    let name = ByteString([UInt8(ascii: "x"), UInt8(ascii: "#"), UInt8(ascii: ":"), 10, 0xff])
    let place = try #require(GitPlace(GitPlace.folder(target, 1000).appending(name)))
    #expect(place.target == target && place.owner == "1000" && place.name == name)
    for text in [
      "git-lfs:/m.git", "git-lfs:/m.git#b:1000", "git-lfs:/m.git#b:me/x", "git-lfs:/m.git#b:1/x/y", "nas:1000/x",
    ] {
      #expect(!GitPlace.isMeant(ByteString(text)))
    }
    // Its backups would be taken for those of a repository.
    #expect(throws: ArchiveTrouble.self) { try RcloneTarget(planned: "rclone:git-lfs:/m.git#b") }
  }

  @Test func namesAreQuotedToTheLastByte() {
    let quoted = GitImport.quoted(ByteString(Array("a \"\\\n".utf8) + [0xff]))
    #expect(String(decoding: quoted, as: UTF8.self) == #""a \042\134\012\377""#)
  }

  @Test func aPointerIsWhatGitLFSWrites() {
    #expect(
      GitPointer(file("a", 5)).map { String(decoding: $0.text, as: UTF8.self) }
        == "version https://git-lfs.github.com/spec/v1\noid sha256:\(digest)\nsize 5\n")
    #expect(GitPointer(file("a", 0))?.text == [])
  }

  @Test func objectsAreSentInPartsThatFitOnADisk() throws {
    let large = try [1, 2, 3].map { try #require(GitPointer(file("a", GitPointer.mostBytesInPart / 2 + 1, "\($0)"))) }
    #expect(GitPointer.parts(large).map(\.count) == [1, 1, 1])
    let small = try (0..<450).map { try #require(GitPointer(file("a", 1, "\($0)"))) }
    #expect(GitPointer.parts(small).map(\.count) == [200, 200, 50])
    #expect(GitPointer.parts([]).isEmpty)
    #expect(GitPointer.objects([file("a", 1), file("b", 1), file("c", 0)]).count == 1)
  }

  @Test func onlyExactlyWhatWasPushedIsBelieved() throws {
    let origin = ArchiveManifest.Origin(
      record: "r", kind: .run, host: "h", root: "/r", path: "a", uid: 1, owner: nil, tree: "t", action: nil, plan: nil,
      policy: nil, rules: [], tool: "0", at: Timestamp(nanoseconds: 0))
    let entry = file("a/b", 1)
    let manifest = ArchiveManifest(
      origin: origin,
      entries: [ArchiveEntry(path: "a", kind: .directory, mode: 0o755, uid: 1, gid: 1, modified: 0), entry])
    let text = try #require(GitPointer(entry)).text
    typealias Found = (path: ByteString, mode: String, content: [UInt8])
    let whole: Found = ("a/b", "100644", text)
    try GitBackup.compare([whole], manifest)
    let wrong: [[Found]] = [
      [], [("a/b", "120000", text)], [("a/b", "100755", text)], [("a/b", "100644", text + [10])],
      [("a/b", "100644", Array("the file itself".utf8))], [whole, ("a/c", "100644", text)],
      [whole, ("a/d", "160000", [])],
    ]
    for found in wrong { #expect(throws: ArchiveTrouble.self) { try GitBackup.compare(found, manifest) } }
  }

  @Test func theFirstComplaintIsToldWithoutSecrets() {
    let cases = [
      ("fatal: Could not read.\n\nPlease make sure\nand the repository exists.", "Could not read."),
      ("remote: denied by a hook\nTo https://h/x\nerror: failed to push some refs", "denied by a hook"),
      ("warning: x\nbatch response: https://me:pw@h/a?sig=1 no", "batch response: https://***@h/a?*** no"),
      ("fatal: key geheim-1", "key ***"), ("", ""),
    ]
    for (text, expected) in cases { #expect(Redaction.complaint(text, secrets: ["geheim-1"]) == expected) }
  }
}
