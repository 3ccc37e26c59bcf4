import CLinux
import Foundation
import PolicyCore
import PolicyFormats
import Testing

@testable import PolicyApply

/// What comes back is what went, in the eyes of GNU tar: names, modes, owners, times, links, extended attributes and
/// access lists are all in its archive. Holes are counted in blocks.
@Suite struct SameAsBeforeTests {
  /// A checksum of the archive of a folder.
  private func archive(_ root: TestRoot, _ name: String) throws -> [UInt8] {
    let file = root.base + "/archive-\(name)-\(UUID().uuidString)"
    let isMade = shell(
      "tar",
      [
        "--create", "--file", file, "--directory", root.path, "--sort=name", "--format=posix",
        "--xattrs", "--xattrs-include=*", "--acls", "--pax-option=delete=atime,delete=ctime,exthdr.name=x",
        "--transform=s,^\(name),run,", name,
      ])
    try #require(isMade, "tar failed")
    return try #require(Disk.bytes(file))
  }

  private func decorate(_ path: String) {
    Disk.hardLink(path + "/weights/best.pt", path + "/weights/same.pt")
    Disk.symbolicLink("weights/best.pt", path + "/best")
    Disk.symbolicLink("nowhere", path + "/dangling")
    shell("truncate", ["-s", "10M", path + "/holes"])
    Disk.append(path + "/holes", "end")
    Disk.setMode(path + "/weights/last.pt", 0o4751)
    Disk.setMode(path + "/weights", 0o2770)
    shell("touch", ["-d", "2001-02-03 04:05:06.789012345", path + "/args.yaml", path + "/weights"])
    shell("touch", ["-h", "-d", "1999-01-01", path + "/best"])
    if geteuid() == 0 { shell("chown", ["4711:4712", path + "/weights/best.pt"]) }
  }

  @Test func aRestoredRunIsTheSameToTar() throws {
    let root = TestRoot()
    root.run("exp1")
    decorate(root.path + "/exp1")
    let hasAttributes = shell("setfattr", ["-n", "user.note", "-v", "keep", root.path + "/exp1/weights/last.pt"])
    let hasLists = shell("setfacl", ["-m", "u:4713:rw", root.path + "/exp1/weights/last.pt"])
    if !hasAttributes { RootOnly.notShown("extended attributes", "`setfattr` is missing or does nothing here") }
    if !hasLists { RootOnly.notShown("access lists", "`setfacl` is missing or does nothing here") }
    let before = try archive(root, "exp1")
    #expect(before.count > 4096)
    let blocks = Disk.status(root.path + "/exp1/holes")?.st_blocks
    #expect(root.apply([try root.trash("exp1")]).status == .done)
    #expect(root.restore(.plan(root.digest)).status == .done)
    let isSame = try archive(root, "exp1") == before
    #expect(isSame)
    #expect(Disk.status(root.path + "/exp1/holes")?.st_blocks == blocks)
    // The comparison can fail.
    shell("touch", ["-d", "2001-02-03 04:05:06.789012346", root.path + "/exp1/args.yaml"])
    let isOther = try archive(root, "exp1") != before
    #expect(isOther)
  }

  @Test func aRunRestoredBesideItsNameIsTheSameToTar() throws {
    let root = TestRoot()
    root.run("exp1")
    decorate(root.path + "/exp1")
    let before = try archive(root, "exp1")
    #expect(root.apply([try root.trash("exp1")]).status == .done)
    root.run("exp1")
    #expect(root.restore(.plan(root.digest)).items.first?.restoredAs == "exp1.restored")
    let isSame = try archive(root, "exp1.restored") == before
    #expect(isSame)
  }
}
