internal import PolicyCore

/// Small worlds drawn from the regions that the policies at hand can tell apart: where proofs end, these are tried.
struct RandomScenes {
  let universe: Universe
  let policies: [Policy]
  private var state: UInt64
  /// Runs that a quota may take, by its id; looked for once.
  var takeable: [String: [Draft]] = [:]

  init(universe: Universe, policies: [Policy], seed: UInt64) {
    self.universe = universe
    self.policies = policies
    state = seed
  }

  /// SplitMix64: the same seed gives the same worlds on every machine.
  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }

  mutating func next() -> Scene {
    var scene = Scene(now: Scene.noon, drafts: [], root: policies.first.map { Scene.root(of: $0) } ?? "/runs")
    let isCrowded = policies.contains { !$0.quotas.isEmpty } && below(2) == 0
    for number in 0..<((isCrowded ? 2 : 1) + below(5)) {
      guard let run = draft(.run, path: ByteString("train/r\(number)"), number) else { continue }
      scene.drafts.append(run)
      for inside in 0..<below(3) {
        let path = ByteString(run.path.displayText + "/weights/c\(inside).pt")
        if var checkpoint = draft(.checkpoint, path: path, inside), checkpoint.path.isAtOrBelow(run.path) {
          (checkpoint.tier, checkpoint.host) = (run.tier, run.host)
          scene.drafts.append(checkpoint)
        }
      }
      if below(8) == 0, var nested = draft(.run, path: ByteString(run.path.displayText + "/inner"), number) {
        nested.host = run.host
        scene.drafts.append(nested)
      }
    }
    weigh(&scene)
    if isCrowded { crowd(&scene) }
    var seen: Set<ByteString> = []
    scene.drafts.removeAll { !seen.insert($0.path).inserted }
    return scene
  }

  mutating func draft(_ subject: Subject, path: ByteString, _ place: Int) -> Draft? {
    var regions: [Model.Choice] = []
    for index in universe.variables.indices {
      let count = universe.variables[index].regions.count
      switch universe.variables[index].meaning {
      case .fact(let key) where key.subject == subject:
        // Unknown values matter, and should not drown everything else.
        var region = below(count)
        if !universe.variables[index].regions[region].isPresent, below(3) > 0 { region = below(count) }
        regions.append(Model.Choice(variable: index, region: region))
      case .tier(subject): regions.append(Model.Choice(variable: index, region: below(8) == 0 ? 1 : 0))
      case .backedUp(subject): regions.append(Model.Choice(variable: index, region: below(2)))
      case .fact, .loose, .tier, .backedUp, .selected: break
      }
    }
    let writer = DraftWriter(universe: universe, model: Model(regions: regions, cost: 0))
    guard
      var draft = writer.draft(subject, at: Scene.noon, path: path, place: place)
        ?? writer.draft(subject, at: Scene.noon, path: path)
    else { return nil }
    for name in keys(of: subject) where below(2) == 0 {
      let steps = below(5) - 2
      guard let value = draft.facts[name] else { continue }
      draft.facts[name] = universe.schema.moved(value, steps, name, of: subject) ?? value
    }
    for selection in universe.selections where selection.subject == subject {
      // Multiples of one step are where others differ.
      guard case .every(let step, let by) = selection.selector, draft.facts[by.name] != nil, below(2) == 0 else {
        continue
      }
      let (number, isTooLarge) = Int64(step).multipliedReportingOverflow(by: Int64(below(4)))
      if !isTooLarge { draft.set(by.name, .integer(number + (below(4) == 0 ? 1 : 0))) }
    }
    if subject == .run, groupsByHost, below(2) == 0 { draft.host = "other" }
    if subject == .run, below(2) == 0 { draft.facts["user"] = draft.facts["user"].map { _ in .text("bob") } }
    return draft
  }

  private var groupsByHost: Bool {
    let groups = universe.selections.map(\.per) + policies.flatMap(\.quotas).map { Set($0.per) }
    return groups.contains { $0.contains(.fact(FactReference("host"))) }
  }

  /// What selectors rank by and group by: near ties and other groups are where they differ.
  func keys(of subject: Subject) -> [String] {
    var names: Set<String> = []
    for selection in universe.selections where selection.subject == subject {
      if selection.key.scope == .own { names.insert(selection.key.name) }
      for case .fact(let reference) in selection.per where reference.scope == .own { names.insert(reference.name) }
    }
    return names.sorted()
  }

  /// Sizes around the limits of quotas, and volumes that are more or less full.
  private mutating func weigh(_ scene: inout Scene) {
    let limits = policies.flatMap(\.quotas).map(\.limit)
    if !limits.isEmpty {
      for index in scene.drafts.indices {
        let limit = limits[below(limits.count)]
        scene.drafts[index].set("bytes", .integer([limit / 4, limit / 3, limit / 2, limit, limit + 1][below(5)]))
      }
    }
    for pressure in policies.flatMap(\.pressures) where !scene.volumes.contains(where: { $0.path == pressure.volume }) {
      let size: Int64 = 1 << 40
      var levels: [Int64] = []
      for each in policies.flatMap(\.pressures) {
        levels += [each.high, each.low].map { $0.scaled(size) ?? size }
      }
      scene.volumes.append(
        Volume(path: pressure.volume, size: size, used: min(size, levels[below(levels.count)] + Int64(below(3) - 1))))
      if !scene.root.isAtOrBelow(pressure.volume) {
        scene.root = ByteString(pressure.volume.displayText == "/" ? "/runs" : pressure.volume.displayText + "/runs")
      }
      for number in 0..<below(3) {
        let age = TimeSpan.hours(Int64([1, 13, 30, 200][below(4)]))
        scene.trash.append(
          TrashRecord(
            path: ByteString("train/old\(number)"), kind: .run, record: "old\(number)", bytes: 1 << 36,
            trashedAt: Timestamp(nanoseconds: scene.now.nanoseconds - age.nanoseconds), purgeAfter: nil))
      }
    }
  }
}
