import Glibc
import PolicyCore
import PolicyFiles
import PolicyFormats
import PolicyTestSupport
import Testing

@testable import PolicyScan

struct OwnerRecordTests {
  let tree = TemporaryTree()
  let me = geteuid()

  func pins(of path: ByteString, kind: EntityKind = .run, inodeShift: UInt64 = 0) throws -> [UInt8] {
    let root = try DirectoryDescriptor.openRoot(tree.path.bytes)
    let status = try root.status(#require(RelativePath(path.bytes)))
    let pin = Pin(
      kind: kind, path: path, device: status.device, inode: status.inode + inodeShift,
      born: status.born.map { Timestamp(nanoseconds: $0) }, at: Timestamp(nanoseconds: 0), because: "paper")
    return PinsCodec.encode(PinList([pin]))
  }

  @Test func pinsAreBoundToIdentity() throws {
    Sample.run(tree, "a")
    Sample.run(tree, "b")
    tree.file(ByteString(".policy/\(me)/pins"), try pins(of: "a"))
    #expect(Scan(tree).fact("a", "pinned") == .value(.bool(true)) && Scan(tree).fact("b", "pinned") == .missing)
    tree.rename("a", to: "moved")
    Sample.run(tree, "a")
    #expect(Scan(tree).fact("moved", "pinned") == .value(.bool(true)) && Scan(tree).fact("a", "pinned") == .missing)
    tree.file(ByteString(".policy/\(me)/pins"), try pins(of: "b/weights/best.pt", kind: .checkpoint))
    #expect(Scan(tree).checkpoint("b/weights/best.pt", "pinned") == .value(.bool(true)))
    #expect(Scan(tree).fact("b", "pinned") == .missing)
  }

  @Test func pinsOnWhatIsGoneAreListed() throws {
    Sample.run(tree, "a")
    tree.file(ByteString(".policy/\(me)/pins"), try pins(of: "a"))
    #expect(Scan(tree).snapshot.unmatchedPins.isEmpty)
    tree.file(ByteString(".policy/\(me)/pins"), try pins(of: "a", inodeShift: 1 << 40))
    #expect(Scan(tree).snapshot.unmatchedPins.map(\.path) == ["a"])
    #expect(Scan(tree).snapshot.unmatchedPins.map(\.reason) == ["paper"])
  }

  /// A journal in which `path` was trashed, committed and, when asked, taken back to where it is now.
  func journal(of path: ByteString, restored: Bool) throws -> [[UInt8]] {
    let entity = try #require(Scan(tree).entity(path))
    let identity = try #require(entity.identity)
    let item = JournalItem(
      record: "r1", action: nil, plan: nil, kind: .run, path: path, stored: ByteString(".policy/\(me)/trash/files/r1"),
      owner: "alice", bytes: 4096, identity: identity, purgeAfter: .hours(24), because: [],
      contents: [SnapshotCodec.entityJSON(entity)])
    var bodies: [JournalRecord.Body] = [.trash(item), .commit(.trash, record: "r1", identity: identity)]
    if restored {
      bodies += [.restore(record: "r1", to: path), .commit(.restore, record: "r1", identity: identity)]
    }
    return lines(bodies)
  }

  func lines(_ bodies: [JournalRecord.Body]) -> [[UInt8]] {
    bodies.enumerated().map { index, body in
      JournalCodec.encode(
        JournalRecord(
          sequence: Int64(index + 1), synced: Int64(index), at: Timestamp(nanoseconds: Sample.clock - Sample.hour),
          boot: nil, body: body))
    }
  }

  @Test func whatWasTakenBackIsKnown() throws {
    Sample.run(tree, "a")
    Sample.run(tree, "b")
    tree.file(ByteString(".policy/\(me)/journal"), try journal(of: "a", restored: true).flatMap { $0 })
    let scan = Scan(tree)
    #expect(scan.fact("a", "restored_at") == .value(.integer(Sample.clock - Sample.hour)))
    #expect(scan.fact("b", "restored_at") == .missing)
    #expect(scan.snapshot.trash.isEmpty && scan.snapshot.unreadable.isEmpty)
  }

  /// Also after its name has come to stand in another run: somebody took it back to there.
  @Test func aRunThatHoldsWhatWasTakenBackWasTakenBackWithIt() throws {
    for name in ["a", "a-b", "b", "sweep", "sweep/c"] { Sample.run(tree, name) }
    let top = try DirectoryDescriptor.openRoot(tree.path.bytes)
    func inode(_ path: String) throws -> UInt64 {
      try top.status(try #require(RelativePath(Array(path.utf8)))).inode
    }
    let places = [
      ("a/weights/best.pt", try inode("a/weights/best.pt")), ("b/weights/best.pt", 1),
      ("sweep/c", try inode("sweep/c")),
    ]
    var bodies: [JournalRecord.Body] = []
    let identity = try #require(Scan(tree).entity("a")?.identity)
    for (number, (path, inode)) in places.enumerated() {
      var own = identity
      own.inode = inode
      let item = JournalItem(
        record: "r\(number)", action: nil, plan: nil, kind: .checkpoint, path: ByteString(path),
        stored: ByteString(".policy/\(me)/trash/files/r\(number)"), owner: nil, bytes: 1, identity: own,
        purgeAfter: nil,
        because: [], contents: [])
      bodies += [
        .trash(item), .commit(.trash, record: item.record, identity: own),
        .restore(record: item.record, to: ByteString(path)), .commit(.restore, record: item.record, identity: own),
      ]
    }
    tree.file(ByteString(".policy/\(me)/journal"), lines(bodies).flatMap { $0 })
    let scan = Scan(tree)
    let known = Fact.value(.integer(Sample.clock - Sample.hour))
    #expect(scan.fact("a", "restored_at") == known && scan.fact("a-b", "restored_at") == .missing)
    // What lies at its path is not what was taken back.
    #expect(scan.fact("b", "restored_at") == .missing)
    #expect(scan.fact("sweep/c", "restored_at") == known && scan.fact("sweep", "restored_at") == known)
  }

  @Test func whatLiesInTheTrashIsKnown() throws {
    Sample.run(tree, "a")
    let text = try journal(of: "a", restored: false).flatMap { $0 }
    tree.directory(ByteString(".policy/\(me)/trash/files"))
    tree.rename("a", to: ByteString(".policy/\(me)/trash/files/r1"))
    tree.file(ByteString(".policy/\(me)/journal"), text)
    let scan = Scan(tree)
    #expect(scan.runs.isEmpty)
    let record = try #require(scan.snapshot.trash.first)
    #expect(record.path == "a" && record.record == "r1" && record.bytes == 4096 && record.purgeAfter == .hours(24))
    #expect(record.contents.map(\.path) == ["a"])
    #expect(record.contents.first?.facts.fact("mAP50") == .value(.number("0.80000")))
  }

  /// A journal in which `path` was archived into `cold/<me>/a.r1`, and left its place.
  private func archived(_ path: ByteString) throws -> [UInt8] {
    let entity = try #require(Scan(tree).entity(path))
    let identity = try #require(entity.identity)
    let place = ArchivePlace(folder: tree.absolute(ByteString("cold/\(me)")), run: path, record: "r1", format: .gzip)
    tree.file(ByteString("cold/\(me)/a.r1/a.tar.gz"), "not read by a scan")
    tree.file(ByteString("cold/\(me)/a.r1/SHA256SUMS"), "nor this")
    let folder = try #require(Name("a.r1"))
    let summary = try TreeSummary.of(.openRoot(place.folder.bytes), folder)
    var seen = identity
    (seen.inode, seen.entries, seen.bytes) = (summary.status.inode, summary.entries, summary.allocatedBytes)
    let item = JournalItem(
      record: "r1", action: nil, plan: nil, kind: .run, path: path, stored: place.path, owner: "alice", bytes: 4096,
      identity: identity, purgeAfter: nil, because: [], contents: [SnapshotCodec.entityJSON(entity)])
    let bodies: [JournalRecord.Body] = [
      .archive(item, at: place),
      .archived(record: "r1", ArchiveSeal(identity: seen, size: 18, digest: "a", manifestDigest: "b")),
      .keep(record: "r1", reason: "test"),
    ]
    return bodies.enumerated().flatMap { index, body in
      JournalCodec.encode(
        JournalRecord(
          sequence: Int64(index + 1), synced: Int64(index), at: Timestamp(nanoseconds: Sample.clock - Sample.hour),
          boot: nil, body: body))
    }
  }

  @Test func whatWasArchivedIsKnownAsLongAsItsArchiveIsThere() throws {
    Sample.run(tree, "a")
    let text = try archived("a")
    tree.directory(ByteString(".policy/\(me)"))
    tree.rename("a", to: ByteString(".policy/\(me)/gone"))
    tree.file(ByteString(".policy/\(me)/journal"), text)
    let entity = try #require(Scan(tree).snapshot.entities.first { $0.tier == .archived })
    #expect(entity.path == "a" && entity.kind == .run && entity.facts.fact("mAP50") == .value(.number("0.80000")))
    #expect(entity.facts.fact("archived_at") == .value(.integer(Sample.clock - Sample.hour)))
    #expect(entity.facts.fact("bytes") == .value(.integer(entity.identity?.bytes ?? -1)))
    // A live one of the same name is another entity.
    Sample.run(tree, "a")
    #expect(Scan(tree).snapshot.entities.filter { $0.kind == .run }.map(\.tier) == [.live, .archived])
    tree.file(ByteString("cold/\(me)/a.r1/a.tar.gz"), "cut off")
    let damaged = Scan(tree).snapshot
    #expect(!damaged.entities.contains { $0.tier == .archived })
    #expect(damaged.unreadable.contains { $0.reason.contains("a.r1 cannot be looked at") })
  }

  /// A journal in which `paths` were backed up to a folder, as they are now.
  private func backedUp(_ paths: [(EntityKind, ByteString)]) throws -> [UInt8] {
    let scan = Scan(tree)
    var bodies: [JournalRecord.Body] = []
    for (index, (kind, path)) in paths.enumerated() {
      let entity = try #require(scan.snapshot.entities.first { $0.kind == kind && $0.path == path })
      let record = "b\(index)"
      let place = BackupPlace(
        target: "nas", folder: tree.absolute(ByteString("nas/\(me)")), of: path, record: record)
      let item = JournalItem(
        record: record, action: nil, plan: nil, kind: kind, path: path, stored: place.path, owner: nil, bytes: 1,
        identity: try #require(entity.identity), purgeAfter: nil, because: [], contents: [])
      tree.file(ByteString("nas/\(me)/\(place.name.displayText)/SHA256SUMS"), "manifest")
      bodies += [
        .backup(item, at: place),
        .backedUp(record: record, BackupSeal(size: 1, entries: 1, manifestSize: 8, manifestDigest: "a")),
      ]
    }
    return bodies.enumerated().flatMap { index, body in
      JournalCodec.encode(
        JournalRecord(
          sequence: Int64(index + 1), synced: Int64(index), at: Timestamp(nanoseconds: Sample.clock - Sample.hour),
          boot: nil, body: body))
    }
  }

  @Test func whatIsBackedUpCountsAsLongAsItIsThereAndIsTheSame() throws {
    for name in ["a", "b", "c"] { Sample.run(tree, name) }
    let checkpoint: ByteString = "a/weights/best.pt"
    let text = try backedUp([(.run, "a"), (.run, "b"), (.run, "c"), (.checkpoint, checkpoint)])
    tree.file(ByteString(".policy/\(me)/journal"), text)
    let stamp = Fact.value(.integer(Sample.clock - Sample.hour))
    for name: ByteString in ["a", "b", "c"] { #expect(Scan(tree).fact(name, "backed_up_at") == stamp) }
    let entity = try #require(Scan(tree).snapshot.entities.first { $0.path == checkpoint })
    #expect(entity.backups.map(\.target) == ["nas"])
    #expect(entity.backups.first?.treeDigest == entity.identity?.treeDigest)
    // Whatever is written, or only touched, is not what was copied.
    tree.file("b/results.csv", "epoch,loss\n1,2\n")
    tree.remove(ByteString("nas/\(me)/c.b2/SHA256SUMS"))
    let scan = Scan(tree)
    #expect(scan.fact("a", "backed_up_at") == stamp)
    #expect(scan.fact("b", "backed_up_at") == .missing && scan.fact("c", "backed_up_at") == .missing)
    #expect(scan.entity("b")?.backups == [])
    #expect(
      scan.snapshot.unreadable.contains {
        $0.path == ByteString(tree.path.bytes + Array("/nas/\(me)".utf8))
          && $0.reason.contains("a backup there does not count")
      })
    // Another run under the old name.
    tree.rename("a", to: "elsewhere")
    Sample.run(tree, "a")
    #expect(Scan(tree).fact("a", "backed_up_at") == .missing)
  }

  @Test func damagedRecordsMakeFactsUnreadable() throws {
    Sample.run(tree, "a")
    var records = try journal(of: "a", restored: true)
    records[0][records[0].count / 2] ^= 1
    tree.file(ByteString(".policy/\(me)/pins"), "not a pin list\n")
    tree.file(ByteString(".policy/\(me)/journal"), records.flatMap { $0 })
    let scan = Scan(tree)
    #expect(scan.fact("a", "pinned") == .unreadable && scan.fact("a", "restored_at") == .unreadable)
    #expect(scan.fact("a", "backed_up_at") == .unreadable)
    let expected = ["journal", "pins"].map { ByteString(".policy/\(me)/\($0)") }
    #expect(scan.snapshot.unreadable.map(\.path) == expected)
  }

  @Test func recordsMayLieElsewhere() throws {
    Sample.run(tree, "runs/a")
    let root = tree.absolute("runs")
    let folder = StateLayout.stateName(root: root)
    tree.file(ByteString("state/\(folder)/\(me)/pins"), try pins(of: "runs/a"))
    let result = Scanner.scan(
      ScanRequest(
        roots: [root], clock: Timestamp(nanoseconds: Sample.clock), host: "gpu1", homes: [],
        state: tree.absolute("state")))
    let run = result.snapshot.entities.first { $0.kind == .run }
    #expect(run?.facts.fact("pinned") == .value(.bool(true)))
  }

  @Test func othersPinsDoNotCount() throws {
    guard me == 0 else {
      print("NOT RUN: othersPinsDoNotCount gives files away, which takes root")
      return
    }
    Sample.run(tree, "a")
    tree.owner("a", 3_000_000)
    let text = try pins(of: "a")
    tree.file(".policy/3000001/pins", text)
    for path: ByteString in [".policy/3000001", ".policy/3000001/pins"] { tree.owner(path, 3_000_001) }
    #expect(Scan(tree).fact("a", "pinned") == .missing)
    tree.file(".policy/3000000/pins", text)
    tree.owner(".policy/3000000/pins", 3_000_000)
    // The folder is still root's: not believed, and said so.
    #expect(Scan(tree).fact("a", "pinned") == .missing)
    #expect(Scan(tree).snapshot.unreadable.map(\.path) == [".policy/3000000"])
    tree.owner(".policy/3000000", 3_000_000)
    #expect(Scan(tree).fact("a", "pinned") == .value(.bool(true)))
    tree.remove(".policy/3000000/pins")
    tree.file(".policy/0/pins", text)
    #expect(Scan(tree).fact("a", "pinned") == .value(.bool(true)))
  }
}
