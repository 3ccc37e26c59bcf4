internal import PolicyCore
internal import PolicyFormats

extension SeededGenerator {
  mutating func time() -> Timestamp {
    let second = Int64(1_700_000_000 + below(100_000_000))
    let fraction: Int64 = chance(70) ? 0 : Int64(below(1_000_000_000))
    return Timestamp(nanoseconds: second * 1_000_000_000 + fraction)
  }

  mutating func word() -> String { pick(["a", "exp", "x-1", "αβγ", "é", "e\u{301}", "\"q\"", "\n", "長い名前"]) }

  mutating func identity() -> Identity {
    Identity(
      type: pick([.directory, .file, .symlink, .other]), uid: UInt32(truncatingIfNeeded: next()),
      device: next() >> UInt64(below(60)), inode: next() >> UInt64(below(60)), mountID: maybe { $0.next() >> 40 },
      size: Int64(below(1 << 40)), modified: time(), changed: time(), born: maybe { $0.time() },
      entries: Int64(below(1000)), bytes: Int64(below(1 << 40)), newestModified: time(), newestChanged: time(),
      treeDigest: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  mutating func fact(_ type: FactType) -> FactValue {
    switch type {
    case .bool: .bool(chance(50))
    case .int: .integer(Int64(truncatingIfNeeded: next() >> UInt64(below(64))))
    case .bytes, .duration: .integer(Int64(below(1 << 50)))
    case .number: .number(pick(["1e-4", "-3", "0", "12.50", "99999999999999999999", "0.1E5"]))
    case .ratio: .number(pick(["0", "1", "0.8123", "1.000", "5e-1", "0.00000000000000000000000000000000001"]))
    case .time: .integer(time().nanoseconds)
    case .string: .text(name())
    case .enumeration(let words): .text(ByteString(pick(words)))
    case .stringSet: .set(sortedUnique((0..<below(3)).map { _ in name() }))
    }
  }

  private func sortedUnique(_ names: [ByteString]) -> [ByteString] {
    names.sorted().reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  mutating func entity(_ kind: EntityKind, root: Int, path: ByteString, schema: FactSchema) -> Entity {
    let derived: Set<String> = ["name", "path", "host", "root", "layout"]
    var facts: [String: FactValue] = [:]
    var unreadable: [String] = []
    for definition in schema.facts(of: kind) where !derived.contains(definition.name) {
      if chance(5) {
        unreadable.append(definition.name)
      } else if chance(30) {
        facts[definition.name] = fact(definition.type)
      }
    }
    return Entity(
      kind: kind, root: root, path: path, tier: chance(10) ? .archived : .live, layout: pick(["", "ultralytics"]),
      facts: FactRow(facts, unreadable: unreadable),
      notes: (0..<(chance(20) ? 2 : 0)).map { ScanNote(code: "note-\($0)", text: text()) },
      links: chance(10) ? [HardLink(device: next(), inode: next(), bytes: 4096, total: 3, inside: 1)] : [],
      backups: chance(10) ? [BackupRecord(target: word(), at: time(), treeDigest: maybe { _ in "ab" })] : [],
      identity: maybe { $0.identity() })
  }

  /// A snapshot with everything in it, normalised.
  mutating func snapshot(hosts: Int = 1) -> Snapshot {
    let declared = [
      FactDeclaration(name: "deployed_at", type: .time, better: nil, source: nil),
      FactDeclaration(
        name: "dice", type: .ratio, better: .higher,
        source: .column(file: "results.csv", name: "metrics/dice", take: .best)),
      FactDeclaration(
        name: "quality", type: .enumeration(["good", "bad"]), better: nil,
        source: .pointer(file: "meta.json", pointer: "/quality", take: .last)),
      FactDeclaration(name: "waited", type: .duration, better: nil, source: nil),
    ]
    let layout = LayoutDeclaration(
      name: "own", markers: ["train.cfg", name()], checkpoints: ["ckpt_{epoch}.pt"], metricFile: "log.csv",
      metrics: [MetricDeclaration("psnr", .number, better: .higher, columns: ["PSNR", "val/psnr"])])
    let scan = ScanSettings(
      layout: maybe { _ in "own" }, user: chance(50) ? .owner : .pattern("user_{user}/**"),
      project: maybe { $0.name() }, exclude: (0..<below(3)).map { _ in name() },
      grace: .minutes(30 + Int64(below(100))), layouts: [layout])
    let schema = FactSchema(layouts: [layout], declared: declared)
    var roots: [Root] = []
    for host in 0..<hosts {
      let name: ByteString = hosts == 1 && chance(20) ? "" : ByteString("gpu\(host)")
      roots.append(Root(host: name, path: "/data/runs", device: next(), inode: next(), mountID: 29, fileSystem: "ext4"))
      if chance(50) { roots.append(Root(host: name, path: ByteString([0x2F] + self.name().bytes + [0x31]))) }
    }
    var snapshot = Snapshot(
      now: time(), scannedAt: maybe { $0.time() }, roots: roots,
      volumes: roots.filter { $0.path == "/data/runs" }.map {
        Volume(host: $0.host, path: "/data", size: 1_000_000_000_000, used: 910_000_000_000)
      },
      scan: scan, declaredFacts: declared)
    var seen: Set<[ByteString]> = []
    for _ in 0..<below(12) {
      let (kind, root, path) = (pick([EntityKind.run, .checkpoint]), below(roots.count), path())
      guard seen.insert([ByteString("\(kind) \(root)"), path]).inserted else { continue }
      snapshot.entities.append(entity(kind, root: root, path: path, schema: schema))
    }
    for record in 0..<below(3) {
      let (root, path) = (below(roots.count), path())
      snapshot.trash.append(
        TrashRecord(
          root: root, path: path, kind: .run, record: "r\(record)", owner: maybe { $0.name() }, bytes: 4096,
          trashedAt: time(), purgeAfter: maybe { _ in .hours(24) },
          contents: [entity(.run, root: root, path: path, schema: schema)]))
    }
    for _ in 0..<below(3) {
      snapshot.unmatchedPins.append(ReportedPlace(root: below(roots.count), path: path(), reason: text()))
      snapshot.unreadable.append(ReportedPlace(root: below(roots.count), path: path(), reason: text()))
      snapshot.unrecognised.append(ReportedPlace(root: below(roots.count), path: path(), reason: text()))
    }
    snapshot.normalise()
    return snapshot
  }
}
