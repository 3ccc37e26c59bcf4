import Foundation
import PolicyCore
import PolicyFiles
import PolicyFormats
import Testing

@testable import PolicyApply

/// An archive holds all that GNU tar would keep, both read it alike, and whatever is wrong with one is found.
@Suite struct ArchiveWritingTests {
  /// A run with everything that archives find hard.
  private func decorated(_ root: TestRoot) {
    root.run("exp1", files: ["sub/deep/a\nb\\c": "odd name", "empty": ""])
    let path = root.path + "/exp1"
    Disk.hardLink(path + "/weights/best.pt", path + "/weights/same.pt")
    Disk.symbolicLink("weights/best.pt", path + "/best")
    Disk.symbolicLink("nowhere", path + "/dangling")
    shell("truncate", ["-s", "10M", path + "/holes"])
    Disk.append(path + "/holes", "end")
    shell("truncate", ["-s", "3M", path + "/nothing"])
    Disk.makeDirectory(path + "/e\u{301}toile", 0o2770)
    Disk.write(path + "/e\u{301}toile/名字", Array("unicode".utf8))
    Disk.makeDirectory(path + "/plain")
    _ = Disk.move("plain", in: path, to: [0x66, 0xff, 0xfe])
    Disk.setMode(path + "/weights/last.pt", 0o4751)
    shell("touch", ["-d", "2001-02-03 04:05:06.789012345", path + "/args.yaml", path + "/weights"])
    shell("touch", ["-d", "1901-02-03 04:05:06.5", path + "/empty"])
    shell("touch", ["-h", "-d", "1999-01-01", path + "/best"])
    if geteuid() == 0 { shell("chown", ["4711:4000000000", path + "/weights/best.pt"]) }
    if !shell("setfattr", ["-n", "user.note", "-v", "keep", path + "/weights/last.pt"]) {
      RootOnly.notShown("extended attributes", "`setfattr` is missing or does nothing here")
    }
    if !shell("setfacl", ["-m", "u:4713:rw", path + "/weights/last.pt"])
      || !shell("setfacl", ["-d", "-m", "g:4714:r", path + "/weights"])
    {
      RootOnly.notShown("access lists", "`setfacl` is missing or does nothing here")
    }
  }

  private struct Packed {
    let path: String
    let folder: Folder
    let written: ArchiveWriting.Written
  }

  private func pack(
    _ root: TestRoot, _ format: ArchiveSettings.Format = .zstandard, level: Int? = nil, to folder: String = "/packed",
    goOn: @escaping () throws(ArchiveTrouble) -> Void = {}
  ) throws -> Packed {
    let path = root.base + folder
    Disk.makeDirectory(path)
    let folder = try Folder(.openRoot(Array(path.utf8)))
    let parent = try Folder(.openRoot(Array(root.path.utf8)))
    let origin = ArchiveManifest.Origin(
      record: "r-1-1", kind: .run, host: "here", root: ByteString(root.path), path: "exp1", uid: geteuid(), owner: "me",
      tree: "", action: "a", plan: nil, policy: nil, rules: ["cold"], tool: "test", at: Timestamp(nanoseconds: 0))
    let written = try ArchiveWriting(changes: FileChanges(), format: format, level: level, goOn: goOn)
      .write(parent, try #require(Name("exp1")), origin, into: folder, file: ByteString("exp1.\(format.rawValue)"))
    return Packed(path: path, folder: folder, written: written)
  }

  @Test(arguments: ArchiveSettings.Format.allCases) func tarAgreesAndUnpacksTheSame(
    format: ArchiveSettings.Format
  ) throws {
    let root = TestRoot()
    decorated(root)
    let packed = try pack(root, format, level: 5)
    let manifest = try ArchiveCheck.manifest(packed.folder, digest: packed.written.manifestDigest)
    #expect(manifest == packed.written.manifest)
    #expect(manifest.entries.count == 17)
    try ArchiveCheck.verify(packed.folder, manifest)
    let file = packed.path + "/exp1.\(format.rawValue)"
    let attributes = ["--xattrs", "--xattrs-include=*"]
    #expect(shell("tar", ["--compare", "--file", file, "--directory", root.path] + attributes))
    let copy = root.base + "/copy"
    Disk.makeDirectory(copy)
    #expect(shell("tar", ["-x", "-p", "--file", file, "--directory", copy] + attributes))
    let check = "cd \(copy) && sha256sum --check --strict --quiet \(packed.path)/SHA256SUMS"
    #expect(shell("sh", ["-c", check]))
    // What GNU tar says of the run and of what it unpacked.
    #expect(try listing(root.path, root.base) == listing(copy, root.base))
    #expect(Disk.status(copy + "/exp1/holes")?.st_blocks == Disk.status(root.path + "/exp1/holes")?.st_blocks)
    #expect(Disk.status(copy + "/exp1/nothing")?.st_blocks == 0)
    // The comparisons can fail.
    Disk.append(copy + "/exp1/args.yaml", "x")
    Disk.append(root.path + "/exp1/args.yaml", "x")
    #expect(!shell("sh", ["-c", check]))
    #expect(!shell("tar", ["--compare", "--file", file, "--directory", root.path]))
  }

  private func listing(_ folder: String, _ base: String) throws -> [UInt8] {
    let file = base + "/listing-\(UUID().uuidString)"
    let isMade = shell(
      "tar",
      [
        "--create", "--file", file, "--directory", folder, "--sort=name", "--format=posix", "--xattrs",
        "--xattrs-include=*", "--acls", "--pax-option=delete=atime,delete=ctime,exthdr.name=x", "exp1",
      ])
    try #require(isMade, "tar failed")
    return try #require(Disk.bytes(file))
  }

  @Test func everyDamageIsFound() throws {
    let root = TestRoot()
    decorated(root)
    let packed = try pack(root, .gzip)
    let manifest = packed.written.manifest
    let file = packed.path + "/exp1.tar.gz"
    let good = try #require(Disk.bytes(file))
    func isFound(_ bytes: [UInt8]) -> Bool {
      Disk.write(file, bytes)
      do throws(ArchiveTrouble) {
        try ArchiveCheck.verify(packed.folder, manifest)
        return false
      } catch {
        return error.isDamage
      }
    }
    #expect(!isFound(good))
    var tried = 0
    for place in stride(from: 0, to: good.count, by: 7) {
      var bytes = good
      bytes[place] ^= 0x10
      #expect(isFound(bytes), "a flipped bit at \(place)")
      tried += 1
    }
    #expect(isFound(Array(good.dropLast())))
    #expect(isFound(good + [0]))
    #expect(isFound([]))
    print("archives: \(tried) flipped bits of \(good.count) bytes, all found")
    Disk.write(file, good)
    for index in manifest.entries.indices {
      var other = manifest
      other.entries[index].modified += 1
      #expect(throws: ArchiveTrouble.self) { try ArchiveCheck.verify(packed.folder, other) }
      other = manifest
      other.entries.remove(at: index)
      #expect(throws: ArchiveTrouble.self) { try ArchiveCheck.verify(packed.folder, other) }
    }
    let text = try #require(Disk.bytes(packed.path + "/SHA256SUMS"))
    for place in stride(from: 0, to: text.count, by: 11) {
      var bytes = text
      bytes[place] ^= 1
      Disk.write(packed.path + "/SHA256SUMS", bytes)
      #expect(throws: ArchiveTrouble.self) { try ArchiveCheck.manifest(packed.folder) }
    }
  }

  @Test func whatNoArchiveKeepsIsRefused() throws {
    let root = TestRoot()
    root.run("exp1")
    shell("mkfifo", [root.path + "/exp1/weights/pipe"])
    do throws(any Error) {
      _ = try pack(root)
      Issue.record("a pipe was archived")
    } catch let trouble as ArchiveTrouble {
      #expect(trouble.reason == "it holds a pipe, socket or device, which no archive keeps: exp1/weights/pipe")
    }
  }

  @Test func aFileThatGrowsMeanwhileIsNoticed() throws {
    let root = TestRoot()
    root.run("exp1", files: ["big": String(repeating: "x", count: 3 << 20)])
    var pieces = 0
    do throws(any Error) {
      _ = try pack(root) { () throws(ArchiveTrouble) in
        pieces += 1
        if pieces == 4 { Disk.append(root.path + "/exp1/big", "more") }
      }
      Issue.record("it was archived")
    } catch let trouble as ArchiveTrouble {
      #expect(trouble.reason == "exp1/big changed while it was archived")
    }
  }

  @Test func aHugeFileOfHolesCostsNothing() throws {
    let root = TestRoot()
    root.run("exp1")
    guard shell("truncate", ["-s", "1T", root.path + "/exp1/huge"]) else {
      return RootOnly.notShown("a sparse file of 1 TiB", "the file system has no files of that size")
    }
    let packed = try pack(root, to: "/huge")
    try ArchiveCheck.verify(packed.folder, packed.written.manifest)
    #expect(packed.written.manifest.size < 20_000)
    let huge = try #require(packed.written.manifest.entries.first { $0.path == "exp1/huge" })
    #expect(huge.isDigestOfDataAlone && huge.segments == [])
    #expect(try ArchiveCheck.manifest(packed.folder) == packed.written.manifest)
  }
}
