internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyFormats
internal import Testing

@Suite struct SnapshotMergerTests {
  private static let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)

  private static func snapshot(
    _ host: ByteString, root: ByteString = "/data/runs", scannedAt: Int64 = 1_799_999_999, used: Int64 = 5
  ) -> Snapshot {
    var snapshot = Snapshot(
      now: Timestamp(nanoseconds: scannedAt * 1_000_000_000),
      scannedAt: Timestamp(nanoseconds: scannedAt * 1_000_000_000),
      roots: [Root(host: host, path: root, device: 1, inode: 2)],
      volumes: [Volume(host: host, path: "/data", size: 10, used: used)],
      entities: [
        Entity(kind: .run, path: "a", facts: FactRow([:])),
        Entity(kind: .checkpoint, path: "a/w.pt", facts: FactRow([:])),
      ],
      trash: [
        TrashRecord(
          path: "old", kind: .run, record: "r", bytes: 1, trashedAt: now, purgeAfter: nil,
          contents: [Entity(kind: .run, path: "old", facts: FactRow([:]))])
      ],
      unreadable: [ReportedPlace(root: 0, path: "x", reason: "no")], scan: ScanSettings(), declaredFacts: [])
    snapshot.normalise()
    return snapshot
  }

  private static func merge(_ snapshots: [Snapshot]) -> Result<
    (snapshot: Snapshot, digest: String), SnapshotMerger.Failure
  > {
    SnapshotMerger.merge(snapshots.map { ($0, SnapshotCodec.digest($0)) }, now: now)
  }

  @Test func hostsStandSideBySide() throws {
    let (a, b) = (Self.snapshot("gpu1"), Self.snapshot("gpu2"))
    let merged = try Self.merge([a, b]).get()
    #expect(merged.snapshot.roots.map(\.host) == ["gpu1", "gpu2"])
    #expect(merged.snapshot.entities.map(\.root) == [0, 0, 1, 1])
    #expect(merged.snapshot.entities.map(\.parent) == [1, nil, 3, nil])
    #expect(merged.snapshot.trash.map(\.root) == [0, 1])
    #expect(merged.snapshot.trash.map { $0.contents.map(\.root) } == [[0], [1]])
    #expect(merged.snapshot.unreadable.map(\.root) == [0, 1])
    #expect(merged.snapshot.volumes.count == 2)
    #expect(merged.snapshot.now == Self.now)
    #expect(merged.snapshot.volume(host: "gpu2", path: "/data/runs") == 1)
    let other = try Self.merge([b, a]).get()
    #expect((other == merged) as Bool)
  }

  @Test func digestIsOverTheSortedDigests() throws {
    let merged = SnapshotMerger.merge(
      [(Self.snapshot("b"), "sha256:b"), (Self.snapshot("a"), "sha256:a")], now: Self.now)
    // SHA-256 of `["sha256:a","sha256:b"]`, by `openssl`.
    #expect(try merged.get().digest == "sha256:021feb8922be18fc8f178586919d339c55fc5d502a8c7abc4225006e7ac7eac1")
    let single = SnapshotMerger.merge([(Self.snapshot("a"), "sha256:a")], now: Self.now)
    #expect(try single.get().digest == "sha256:a")
  }

  @Test func aVolumeIsAHostAndAPath() throws {
    let merged = try Self.merge([
      Self.snapshot("gpu1", root: "/data/a", scannedAt: 1_700_000_000, used: 3),
      Self.snapshot("gpu1", root: "/data/b", scannedAt: 1_700_000_001, used: 7),
      Self.snapshot("gpu1", root: "/data/c", scannedAt: 1_700_000_001, used: 6),
    ]).get().snapshot
    #expect(merged.volumes == [Volume(host: "gpu1", path: "/data", size: 10, used: 6)])
  }

  @Test func refusals() {
    func message(_ snapshots: [Snapshot]) -> String? {
      guard case .failure(let failure) = Self.merge(snapshots) else { return nil }
      return failure.message
    }
    #expect(message([])?.contains("no snapshot") == true)
    #expect(message([Self.snapshot("gpu1", scannedAt: 1_800_000_001)])?.contains("before") == true)
    #expect(message([Self.snapshot("gpu1"), Self.snapshot("gpu1")])?.contains("gpu1:/data/runs") == true)
    #expect(message([Self.snapshot(""), Self.snapshot("gpu1")])?.contains("without `host`") == true)
    #expect(message([Self.snapshot("")]) == nil)
    var other = Self.snapshot("gpu2")
    other.scan?.grace = .hours(2)
    #expect(message([Self.snapshot("gpu1"), other])?.contains("scan.grace") == true)
    other.scan = nil
    #expect(message([Self.snapshot("gpu1"), other]) == nil)
    other.declaredFacts = [FactDeclaration(name: "dice", type: .ratio, better: nil, source: nil)]
    #expect(message([Self.snapshot("gpu1"), other])?.contains("facts.dice") == true)
  }

  @Test func settingsOfThePolicyMustBeThoseOfTheScan() {
    var snapshot = Self.snapshot("gpu1")
    #expect(SnapshotSettings.check(snapshot, against: Policy()).isEmpty)
    let dice = FactDeclaration(name: "dice", type: .ratio, better: nil, source: nil)
    let policy = Policy(
      scan: ScanSettings(
        layout: "yolov5", user: .pattern("{user}/**"), project: "p", exclude: ["x"], grace: .hours(1),
        layouts: [LayoutDeclaration(name: "own", metrics: [])]),
      facts: [dice])
    let keys = SnapshotSettings.check(snapshot, against: policy).map(\.message)
    #expect(
      keys
        == ["scan.exclude", "scan.grace", "scan.layout", "scan.layouts", "scan.project", "scan.user", "facts.dice"].map
      {
        "the snapshot was taken under another `\($0)` than the policy's"
      })
    snapshot.scan = nil
    snapshot.declaredFacts = nil
    #expect(SnapshotSettings.check(snapshot, against: policy).isEmpty)
    snapshot.declaredFacts = [dice, FactDeclaration(name: "a", type: .int, better: nil, source: nil)]
    let reordered = Policy(facts: (snapshot.declaredFacts ?? []).reversed())
    #expect(SnapshotSettings.check(snapshot, against: reordered).isEmpty)
  }
}
