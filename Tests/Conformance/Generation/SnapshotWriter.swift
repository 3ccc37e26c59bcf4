internal import PolicyCore

/// Writes small snapshots in which things collide: few values, many ties, much that is missing or unreadable.
struct SnapshotWriter {
  var dice: Dice

  static let now = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
  private static let hour: Int64 = 3_600_000_000_000
  /// Ages around the boundaries that policies test; the negative one is a stamp from the future.
  private static let ages: [Int64] = [
    0, 12 * hour, 24 * hour - 1, 24 * hour, 24 * hour, 24 * hour + 1, 48 * hour, 48 * hour, 200 * hour, -hour,
  ]
  private static let runPaths: [ByteString] = ["r1", "r2", "r3", "r1/r4", "r1/r4/r5", "s/r6", "r2/r7", "r1b"]
  private static let files: [ByteString] = ["best.pt", "last.pt", "e0.pt", "e10.pt", "w/e5.pt"]

  /// An entity in the making.
  private struct Draft {
    var kind: EntityKind
    var root: Int
    var path: ByteString
    var tier = Tier.live
    var facts: [String: FactValue] = [:]
    var unreadable: [String] = []
    var links: [HardLink] = []
    var backups: [BackupRecord] = []
    var digest: String?
    var size: Int64 = 0
  }

  mutating func write() -> Snapshot {
    let roots = writeRoots()
    var drafts: [Draft] = []
    for _ in 0..<(1 + dice.below(5)) { drafts.append(run(roots)) }
    for _ in 0..<dice.below(6) { drafts.append(checkpoint(drafts, roots)) }
    var seen: Set<String> = []
    drafts = drafts.filter {
      seen.insert("\($0.kind) \($0.root) \($0.path.displayText) \($0.tier)").inserted
    }
    link(&drafts)
    addUp(&drafts)
    var snapshot = Snapshot(
      now: Self.now, roots: roots, volumes: volumes(), entities: drafts.map { Self.entity($0) },
      trash: records(roots))
    snapshot.normalise()
    return snapshot
  }

  private mutating func writeRoots() -> [Root] {
    let first = Root(host: "h", path: "/d/a")
    switch dice.below(5) {
    case 0: return [first, Root(host: "h", path: "/d/b")]
    case 1: return [first, Root(host: "g", path: "/d/a")]
    default: return [first]
    }
  }

  private mutating func volumes() -> [Volume] {
    var volumes: [Volume] = []
    for host: ByteString in ["g", "h"] {
      volumes.append(Volume(host: host, path: "/d", size: 200, used: dice.pick([100, 160, 180, 179, 190, 200])))
    }
    if dice.chance(30) { volumes.append(Volume(host: "h", path: "/d/b", size: 100, used: dice.pick([80, 90, 100]))) }
    return volumes
  }

  // MARK: Facts

  private mutating func stamp() -> FactValue { .integer(Self.now.nanoseconds - dice.pick(Self.ages)) }

  private mutating func metric() -> FactValue {
    .number(dice.pick(["0.5", "0.50", "0.5", "0.8", "0.80", "0.9", "0", "1", "1.7", "x", "5e-1"]))
  }

  /// Sets a fact mostly, leaves it out sometimes, makes it unreadable now and then.
  private mutating func maybe(_ draft: inout Draft, _ name: String, missing: Int = 12, _ value: FactValue) {
    let roll = dice.below(100)
    if roll < missing { return }
    if roll < missing + 5 { draft.unreadable.append(name) } else { draft.facts[name] = value }
  }

  private mutating func run(_ roots: [Root]) -> Draft {
    var draft = Draft(kind: .run, root: dice.below(roots.count), path: dice.pick(Self.runPaths))
    if dice.chance(2) { draft.path = "" }
    if dice.chance(10) { draft.tier = .archived }
    let state = dice.pick([
      "finished", "finished", "finished", "finished", "failed", "failed", "interrupted", "interrupted", "running",
      "unknown", "zombie",
    ])
    maybe(&draft, "state", missing: 2, .text(ByteString(state)))
    maybe(&draft, "user", missing: 8, .text(dice.pick(["u", "u", "v"])))
    maybe(&draft, "project", missing: 40, .text(dice.pick(["p", "q"])))
    maybe(&draft, "mAP50", metric())
    maybe(&draft, "last.mAP50", missing: 60, metric())
    maybe(&draft, "finished_at", stamp())
    maybe(&draft, "modified_at", missing: 0, stamp())
    maybe(&draft, "created_at", missing: 40, stamp())
    maybe(&draft, "started_at", missing: 50, stamp())
    maybe(&draft, "epochs", missing: 40, .integer(Int64(dice.pick([0, 5, 10]))))
    if dice.chance(6) { maybe(&draft, "pinned", missing: 0, .bool(dice.chance(70))) }
    if dice.chance(6) { maybe(&draft, "restored_at", missing: 0, stamp()) }
    if dice.chance(10) { maybe(&draft, "in_use", missing: 0, .bool(dice.chance(50))) }
    if dice.chance(30) { maybe(&draft, "tags", missing: 0, .set(dice.pick([["k"], ["k", "l"], []]))) }
    draft.size = Int64(dice.pick([0, 10, 10, 20, 30]))
    if dice.chance(3) { draft.unreadable.append("bytes") }
    back(&draft)
    if draft.backups.isEmpty {
      maybe(&draft, "backed_up_at", missing: 60, stamp())
    } else if let newest = draft.backups.map(\.at).max() {
      draft.facts["backed_up_at"] = .integer(newest.nanoseconds)
    }
    return draft
  }

  private mutating func checkpoint(_ drafts: [Draft], _ roots: [Root]) -> Draft {
    let runs = drafts.filter { $0.kind == .run }
    var draft = Draft(kind: .checkpoint, root: dice.below(roots.count), path: "x/orphan.pt")
    if dice.chance(92) {
      let run = dice.pick(runs)
      draft.root = run.root
      draft.tier = run.tier
      draft.path = ByteString((run.path.isEmpty ? [] : run.path.bytes + [47]) + dice.pick(Self.files).bytes)
    }
    maybe(&draft, "role", missing: 10, .text(dice.pick(["best", "last", "epoch", "epoch", "odd"])))
    maybe(&draft, "number", missing: 20, .integer(Int64(dice.pick([0, 1, 2, 3, 4]))))
    maybe(&draft, "epoch", missing: 30, .integer(Int64(dice.pick([1, 2, 3]))))
    maybe(&draft, "mAP50", missing: 30, metric())
    maybe(&draft, "modified_at", missing: 0, stamp())
    if dice.chance(8) { maybe(&draft, "pinned", missing: 0, .bool(true)) }
    if dice.chance(20) { maybe(&draft, "resumable", missing: 0, .bool(dice.chance(80))) }
    draft.size = Int64(dice.pick([0, 10, 10, 20]))
    if dice.chance(3) { draft.unreadable.append("bytes") }
    back(&draft)
    return draft
  }

  private mutating func back(_ draft: inout Draft) {
    guard dice.chance(25) else { return }
    draft.digest = dice.chance(70) ? "aa" : nil
    for _ in 0..<(1 + dice.below(2)) {
      draft.backups.append(
        BackupRecord(
          target: dice.pick(["/b", "/c"]),
          at: Timestamp(nanoseconds: Self.now.nanoseconds - dice.pick(Self.ages.filter { $0 >= 0 })),
          treeDigest: dice.pick(["aa", "aa", "bb", nil])))
    }
  }

  // MARK: Bytes

  /// Lets a few entities share an inode.
  private mutating func link(_ drafts: inout [Draft]) {
    guard dice.chance(35) else { return }
    let root = drafts[0].root
    let places = drafts.indices.filter { drafts[$0].root == root && drafts[$0].tier == .live }
    for number in 1...(1 + dice.below(2)) {
      let chosen = places.filter { _ in dice.chance(50) }
      var inside: [Int: Int64] = [:]
      for place in chosen where drafts[place].links.isEmpty || drafts[place].kind == .run {
        inside[place] = drafts[place].kind == .run ? Int64(1 + dice.below(2)) : 1
      }
      let total = inside.values.reduce(0, +) + (dice.chance(30) ? 1 : 0)
      guard total > 1 else { continue }
      for (place, names) in inside.sorted(by: { $0.key < $1.key }) {
        drafts[place].links.append(
          HardLink(device: 7, inode: UInt64(number), bytes: 10, total: total, inside: names))
      }
    }
  }

  /// The innermost run above a draft.
  private func run(of index: Int, _ drafts: [Draft]) -> Int? {
    drafts.indices.filter { other in
      drafts[other].kind == .run && drafts[other].root == drafts[index].root && drafts[other].tier == drafts[index].tier
        && drafts[other].path != drafts[index].path && drafts[index].path.isAtOrBelow(drafts[other].path)
    }.max { drafts[$0].path.count < drafts[$1].path.count }
  }

  /// The bytes of a checkpoint are one file's; those of a run include its checkpoints', each inode once.
  private func addUp(_ drafts: inout [Draft]) {
    for index in drafts.indices where drafts[index].kind == .checkpoint {
      if !drafts[index].links.isEmpty { drafts[index].size = 10 }
    }
    for index in drafts.indices where drafts[index].kind == .run {
      var size = drafts[index].size
      for inner in drafts.indices where drafts[inner].kind == .checkpoint && run(of: inner, drafts) == index {
        if drafts[inner].links.isEmpty { size += drafts[inner].size }
        for link in drafts[inner].links {
          if let place = drafts[index].links.firstIndex(where: { $0.inode == link.inode }) {
            drafts[index].links[place].inside += link.inside
          } else {
            drafts[index].links.append(link)
          }
        }
      }
      drafts[index].size = size + drafts[index].links.reduce(0) { $0 + $1.bytes }
    }
    for index in drafts.indices {
      if !drafts[index].unreadable.contains("bytes") { drafts[index].facts["bytes"] = .integer(drafts[index].size) }
    }
  }

  private static func entity(_ draft: Draft) -> Entity {
    let old = Timestamp(nanoseconds: 0)
    let identity = draft.digest.map {
      Identity(
        type: draft.kind == .run ? .directory : .file, uid: 1, device: 7, inode: 9, mountID: nil, size: 0,
        modified: old, changed: old, born: nil, entries: 0, bytes: draft.size, newestModified: old,
        newestChanged: old, treeDigest: $0)
    }
    return Entity(
      kind: draft.kind, root: draft.root, path: draft.path, tier: draft.tier,
      facts: FactRow(draft.facts, unreadable: draft.unreadable), links: draft.links, backups: draft.backups,
      identity: identity)
  }

  // MARK: Trash

  private mutating func records(_ roots: [Root]) -> [TrashRecord] {
    var records: [TrashRecord] = []
    for number in 0..<(dice.chance(50) ? 0 : 1 + dice.below(3)) {
      let root = dice.below(roots.count)
      var run = run(roots)
      run.path = "t"
      run.root = root
      run.tier = .live
      var contents = [run]
      if dice.chance(50) {
        var inner = checkpoint([run], roots)
        inner.root = root
        inner.path = "t/best.pt"
        inner.tier = .live
        contents.append(inner)
      }
      let isCheckpoint = contents.count == 2 && dice.chance(30)
      if isCheckpoint { contents.removeFirst() }
      addUp(&contents)
      records.append(
        TrashRecord(
          root: root, path: contents[0].path, kind: contents[0].kind, record: "t\(number)",
          bytes: Int64(dice.pick([0, 10, 20, 40])),
          trashedAt: Timestamp(nanoseconds: Self.now.nanoseconds - dice.pick(Self.ages)),
          purgeAfter: dice.pick([nil, .hours(12), .hours(24), .hours(48)]),
          contents: contents.map { Self.entity($0) }))
    }
    return records
  }
}
