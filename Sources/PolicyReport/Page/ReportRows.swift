internal import PolicyCore
internal import PolicyFormats

/// Puts plan and tree together: a row for each run, for what lies in the trash, and for what only the plan knows.
struct ReportRows {
  private struct Place: Hashable {
    let host: ByteString
    let root: ByteString
    let path: ByteString
    let tier: Tier
  }

  private let plan: Plan
  private let phrases: ReportPhrases
  private let layoutMetrics: [String: [String]]
  private let wanted: [String]
  private let stamp: String
  private var actions: [Place: [Action]] = [:]
  private var checkpoints: [Place: [Action]] = [:]
  private var purges: [String: Action] = [:]
  private var held: [Place: Held] = [:]
  private var undecided: [Place: Undecided] = [:]
  private(set) var rows: [ReportRow] = []

  init(_ report: PlanReport) {
    let policy = report.sealed.policyHeader.core
    plan = report.sealed.plan
    phrases = ReportPhrases(policy)
    wanted = PlanReport.wantedMetrics(policy)
    stamp = policy.defaultStamp(.run).name
    layoutMetrics = Dictionary(
      (policy.scan.layouts + BuiltInLayouts.all).map { ($0.name, $0.metrics.map(\.name)) },
      uniquingKeysWith: { first, _ in first })
    for action in plan.actions {
      let place = Place(host: action.host, root: action.root, path: action.path, tier: action.tier)
      if action.verb == .purge, let record = action.record {
        purges[Self.name(of: record, action.host, action.root)] = action
      } else if action.kind == .run {
        actions[place, default: []].append(action)
      } else {
        checkpoints[place, default: []].append(action)
      }
    }
    for item in plan.held where item.kind == .run && item.record == nil {
      held[Place(host: item.host, root: item.root, path: item.path, tier: item.tier)] = item
    }
    for item in plan.undecided where item.kind == .run {
      undecided[Place(host: item.host, root: item.root, path: item.path, tier: item.tier)] = item
    }
    if let snapshot = report.snapshot { take(snapshot) }
    takeRest()
  }

  private static func name(of record: String, _ host: ByteString, _ root: ByteString) -> String {
    "\(record)\u{0}\(host.displayText)\u{0}\(root.displayText)"
  }

  // MARK: What the tree has

  private mutating func take(_ snapshot: Snapshot) {
    var rowOf: [Int: Int] = [:]
    for (index, entity) in snapshot.entities.enumerated() where entity.kind == .run && entity.tier == .live {
      let root = snapshot.roots[entity.root]
      let place = Place(host: root.host, root: root.path, path: entity.path, tier: .live)
      rowOf[index] = rows.count
      rows.append(row(entity, place))
    }
    for entity in snapshot.entities where entity.kind == .checkpoint && !checkpoints.isEmpty {
      let root = snapshot.roots[entity.root]
      let place = Place(host: root.host, root: root.path, path: entity.path, tier: entity.tier)
      guard let parent = entity.parent.flatMap({ rowOf[$0] }), let found = checkpoints.removeValue(forKey: place)
      else { continue }
      add(found, to: parent)
    }
    // Whoever lies in a run that goes, goes with it; outer runs come first.
    for (index, entity) in snapshot.entities.enumerated() {
      guard let own = rowOf[index], let outer = entity.parent.flatMap({ rowOf[$0] }) else { continue }
      let fate = rows[outer].fate
      guard fate == .trash || fate == .archive, ![.trash, .archive].contains(rows[own].fate) else { continue }
      rows[own].fate = fate
      rows[own].why = [ReportPhrases.goes(with: rows[outer].key.path)]
      rows[own].near = []
    }
    for record in snapshot.trash {
      let root = snapshot.roots[record.root]
      let name = Self.name(of: record.record, root.host, root.path)
      rows.append(row(record, root, purges.removeValue(forKey: name)))
    }
  }

  private mutating func row(_ entity: Entity, _ place: Place) -> ReportRow {
    let facts = entity.facts
    var row = ReportRow(key: PlanReport.RunKey(host: place.host, root: place.root, path: place.path))
    if case .value(.text(let user)) = facts.fact("user") { row.user = user }
    if case .value(.text(let project)) = facts.fact("project") { row.project = project }
    if row.project == nil, !place.path.parent.isEmpty { row.project = place.path.parent }
    row.layout = entity.layout
    row.state = TreeSurvey.word("state", facts) ?? "unknown"
    row.bytes = TreeSurvey.bytes(facts)
    row.age = age(facts)
    row.score = score(facts, entity.layout)
    decide(&row, place)
    return row
  }

  /// Where the policy's own stamp is missing, as of a run that goes on, since the last change.
  private func age(_ facts: FactRow) -> TimeSpan? {
    for name in [stamp, "modified_at"] {
      guard case .value(.integer(let stamp)) = facts.fact(name) else { continue }
      return age(since: Timestamp(nanoseconds: stamp))
    }
    return nil
  }

  private func age(since stamp: Timestamp) -> TimeSpan? {
    plan.now.since(stamp).map { max(TimeSpan(nanoseconds: 0), $0) }
  }

  private func score(_ facts: FactRow, _ layout: String) -> (metric: String, text: String)? {
    for name in wanted + (layoutMetrics[layout] ?? []) {
      if case .value(.number(let text)) = facts.fact(name) { return (name, text) }
    }
    return nil
  }

  private func row(_ record: TrashRecord, _ root: Root, _ purge: Action?) -> ReportRow {
    var row = ReportRow(key: PlanReport.RunKey(host: root.host, root: root.path, path: record.path))
    let facts = record.contents.first { $0.kind == .run }?.facts
    if case .value(.text(let user))? = facts?.fact("user") { row.user = user }
    row.user = row.user ?? record.owner
    if !record.path.parent.isEmpty { row.project = record.path.parent }
    row.bytes = record.bytes
    row.fate = .trashed
    row.age = age(since: record.trashedAt)
    if let purge {
      take(purge, into: &row)
    } else if let due = record.purgeAfter.flatMap({ record.trashedAt.advanced(by: $0) }) {
      let day = Quantities.minute(due)
      row.why = [ReportClause(nil, [Bilingual("may be purged from \(day) on", "\(day) 起可以清除")])]
    }
    return row
  }

  // MARK: What the plan says

  private mutating func decide(_ row: inout ReportRow, _ place: Place) {
    if let found = actions.removeValue(forKey: place) {
      for action in found { take(action, into: &row) }
    } else if let item = held.removeValue(forKey: place) {
      hold(item, &row)
    } else if let item = undecided.removeValue(forKey: place) {
      (row.fate, row.why) = (.undecided, item.questions.map(phrases.question))
    }
  }

  private func hold(_ item: Held, _ row: inout ReportRow) {
    row.fate = .held
    row.why = item.by.map(phrases.holder)
    row.near = item.wanted.map { ReportClause($0) }
  }

  /// Of several actions on one run, what it comes to: a run that is copied and then trashed goes to the trash.
  private func take(_ action: Action, into row: inout ReportRow) {
    let fate: Fate =
      switch action.verb {
      case .backup: .backup
      case .archive: .archive
      case .trash: .trash
      case .purge: .purge
      }
    let isStronger = [Fate.kept, .trashed, .backup].contains(row.fate)
    if isStronger { row.fate = fate }
    row.why += action.because.map(phrases.reason)
    row.near += action.notKept.compactMap(phrases.nearMiss)
    row.freesNow = row.freesNow.addingReportingOverflow(action.freesNow).partialValue
    row.freesLater = row.freesLater.addingReportingOverflow(action.freesLater).partialValue
    if row.user == nil { row.user = action.owner }
  }

  private mutating func add(_ found: [Action], to index: Int) {
    for action in found {
      let prefix = rows[index].key.path.isEmpty ? 0 : rows[index].key.path.count + 1
      rows[index].items.append(
        ReportItem(
          name: ByteString(Array(action.path.bytes.dropFirst(prefix))), verb: action.verb, bytes: action.bytes,
          why: action.because.map(phrases.reason)))
      rows[index].freesNow = rows[index].freesNow.addingReportingOverflow(action.freesNow).partialValue
      rows[index].freesLater = rows[index].freesLater.addingReportingOverflow(action.freesLater).partialValue
      let staying: [Fate] = [.kept, .held, .undecided, .backup]
      if action.verb != .backup, staying.contains(rows[index].fate) { rows[index].fate = .thin }
    }
  }

  // MARK: What only the plan knows

  private mutating func takeRest() {
    for action in plan.actions {
      let place = Place(host: action.host, root: action.root, path: action.path, tier: action.tier)
      if action.verb == .purge, let record = action.record {
        guard let purge = purges.removeValue(forKey: Self.name(of: record, action.host, action.root)) else { continue }
        append([purge], purge.path, purge.bytes)
      } else if action.kind == .run, let found = actions.removeValue(forKey: place) {
        append(found, action.path, found.map(\.bytes).max() ?? 0)
      }
    }
    takeCheckpoints()
    for item in plan.held {
      let place = Place(host: item.host, root: item.root, path: item.path, tier: item.tier)
      guard item.kind == .run, let item = held.removeValue(forKey: place) else { continue }
      var row = ReportRow(key: PlanReport.RunKey(host: item.host, root: item.root, path: item.path))
      row.bytes = item.bytes
      hold(item, &row)
      rows.append(row)
    }
    for item in plan.undecided {
      let place = Place(host: item.host, root: item.root, path: item.path, tier: item.tier)
      guard let item = undecided.removeValue(forKey: place) else { continue }
      var row = ReportRow(key: PlanReport.RunKey(host: item.host, root: item.root, path: item.path))
      (row.fate, row.why) = (.undecided, item.questions.map(phrases.question))
      rows.append(row)
    }
    for index in rows.indices where rows[index].project == nil && !rows[index].key.path.parent.isEmpty {
      rows[index].project = rows[index].key.path.parent
    }
  }

  /// A row that is made whole before it goes into the list, which would else be copied for each.
  private mutating func append(_ found: [Action], _ path: ByteString, _ bytes: Int64) {
    guard let first = found.first else { return }
    var row = ReportRow(key: PlanReport.RunKey(host: first.host, root: first.root, path: path))
    (row.bytes, row.user) = (bytes, first.owner)
    for action in found where action.kind == .run || action.verb == .purge { take(action, into: &row) }
    rows.append(row)
  }

  /// Checkpoints of runs that are not seen: below the directory that they lie in, or the one above a `weights`.
  private mutating func takeCheckpoints() {
    var rowOf: [PlanReport.RunKey: Int] = [:]
    for action in plan.actions where action.kind == .checkpoint && action.verb != .purge {
      let place = Place(host: action.host, root: action.root, path: action.path, tier: action.tier)
      guard let found = checkpoints.removeValue(forKey: place) else { continue }
      var folder = action.path.parent
      if folder.lastComponent == "weights" { folder = folder.parent }
      let key = PlanReport.RunKey(host: action.host, root: action.root, path: folder)
      let index = rowOf[key] ?? rows.count
      if rowOf[key] == nil {
        rowOf[key] = index
        append(found, folder, 0)
      }
      for action in found where action.verb != .backup { rows[index].bytes &+= action.bytes }
      add(found, to: index)
    }
  }
}
