internal import PolicyCore
internal import PolicyFiles

/// Makes entities of finished drafts.
struct EntityAssembly {
  let root: Int
  let clock: Timestamp
  let grace: TimeSpan
  let records: OwnerRecords
  let users: UserNaming
  /// Told of each run and what decided its state.
  let judged: (@Sendable (_ run: ByteString, _ layout: String, StateVerdict) -> Void)?
  private(set) var entities: [Entity] = []
  private(set) var references: [Reference] = []
  private var shapes = ShapeTable()
  private var accounts = Accounts()

  init(root: Int, request: ScanRequest, records: OwnerRecords) {
    let settings = request.settings
    self.root = root
    clock = request.clock
    judged = request.judged
    grace = max(settings.grace, ScanSettings.minimumGrace)
    self.records = records
    users = UserNaming(settings)
  }

  mutating func add(_ draft: RunDraft, _ summary: TreeSummary) {
    var notes = draft.notes
    let verdict = StateVerdict(draft.evidence(clock: clock, grace: grace))
    judged?(draft.path, draft.layout.name, verdict)
    if let note = verdict.note { notes.append(note) }
    let resumable = Self.resumable(draft)
    var facts = FactAssembly()
    facts.set("user", users.user(draft.path, draft.status, &accounts, &notes))
    facts.set("project", users.project(draft.path))
    facts.set("state", .text(ByteString(verdict.state.rawValue)))
    facts.set("tags", draft.tags)
    facts.set("created_at", draft.status.born.map { .integer($0) })
    facts.set("started_at", (draft.startedAt ?? draft.argumentsModified).map { .integer($0) })
    facts.set("finished_at", verdict.finishedAt.map { .integer($0) })
    facts.set("pinned", records.pinned(draft.status))
    facts.set("restored_at", records.restored(draft.path, draft.status))
    let backups = records.backedUp(.run, draft.path, summary)
    facts.set("backed_up_at", backups.at)
    let isInUse = draft.lock == .held || draft.isFlocked || draft.hasOpenFile
    if isInUse { facts.set("in_use", .bool(true)) }
    if !resumable.isEmpty, verdict.state != .finished { facts.set("resumable", .bool(true)) }
    if draft.isIncomplete {
      // Sums over what could be read would be too small.
      for name in ["bytes", "files", "modified_at"] { facts.set(name, .unreadable) }
    } else {
      facts.set("bytes", .integer(draft.own.allocatedBytes))
      facts.set("files", .integer(draft.own.files))
      facts.set("modified_at", .integer(draft.newestFile ?? draft.status.modified))
    }
    if draft.isArgumentFileUnreadable {
      facts.set("planned_epochs", .unreadable)
    } else {
      facts.set("planned_epochs", draft.plannedEpochs.map { .integer($0) })
    }
    setMetrics(draft, &facts, &notes)
    for declared in draft.declared.facts { facts.replace(declared.name, declared.fact) }
    references += Reference.of(draft, run: entities.count)
    var group = [
      Entity(
        kind: .run, root: root, path: draft.path, layout: draft.layout.name, facts: facts.row(&shapes), notes: notes,
        links: draft.own.links.sorted.map { HardLink($0) }, backups: backups.records, identity: Identity(summary))
    ]
    for (index, checkpoint) in draft.checkpoints.enumerated() {
      group.append(entity(checkpoint, of: draft, isResumable: resumable.contains(index)))
    }
    entities += Entity.sharingStorage(group)
  }

  /// A run and what lies in it, as an earlier scan left them.
  mutating func add(_ known: EarlierRuns.Known, of earlier: EarlierRuns) {
    let first = entities.count
    entities.append(earlier.entities[known.run])
    entities += earlier.entities[known.nested]
    entities += earlier.entities[known.checkpoints]
    for index in first..<entities.count { entities[index].root = root }
  }

  private func setMetrics(_ draft: RunDraft, _ facts: inout FactAssembly, _ notes: inout [ScanNote]) {
    if draft.areMetricsUnreadable {
      facts.set("epochs", .unreadable)
      for metric in draft.layout.metrics {
        for name in [metric.name, "last." + metric.name, "first." + metric.name] { facts.set(name, .unreadable) }
      }
      return
    }
    if let done = draft.epochsDone { facts.set("epochs", .integer(done)) }
    guard let series = draft.series else { return }
    if series.axis == .epoch, draft.epochsDone == nil { facts.set("epochs", .integer(Int64(series.epochs.count))) }
    var impossible: [String] = []
    for column in series.columns where !column.isEmpty {
      if draft.holdsLastValuesOnly {
        let last = MetricFacts.value(column, .last)
        if last == .unreadable, !column.hasGarbage { impossible.append(column.metric.name) }
        facts.set("last." + column.metric.name, last)
        continue
      }
      let best = MetricFacts.value(column, .best)
      if best == .unreadable, !column.hasGarbage { impossible.append(column.metric.name) }
      facts.set(column.metric.name, best)
      facts.set("last." + column.metric.name, MetricFacts.value(column, .last))
      facts.set("first." + column.metric.name, MetricFacts.value(column, .first))
    }
    if !impossible.isEmpty {
      notes.append(
        ScanNote(
          code: "impossible-values",
          text: "\(impossible.joined(separator: ", ")): some values are none that it can have"))
    }
  }

  private mutating func entity(_ checkpoint: CheckpointDraft, of draft: RunDraft, isResumable: Bool) -> Entity {
    let summary = checkpoint.summary
    let name = checkpoint.name
    var facts = FactAssembly()
    facts.set("role", .text(ByteString(name.role.rawValue)))
    facts.set("number", name.number.map { .integer($0) })
    facts.set("step", name.step.map { .integer($0) })
    if summary.unreadable > 0 {
      for name in ["bytes", "modified_at"] { facts.set(name, .unreadable) }
    } else {
      facts.set("bytes", .integer(summary.allocatedBytes))
      facts.set("modified_at", .integer(summary.newestFileModified ?? summary.status.modified))
    }
    facts.set("pinned", records.pinned(summary.status))
    if checkpoint.isOpen { facts.set("in_use", .bool(true)) }
    if isResumable { facts.set("resumable", .bool(true)) }
    if draft.areMetricsUnreadable {
      facts.set("epoch", .unreadable)
      for metric in draft.layout.metrics { facts.set(metric.name, .unreadable) }
    } else if let number = Self.row(name, draft) {
      if draft.series?.axis != .step { facts.set("epoch", .integer(number)) }
      if let series = draft.series, let row = series.row(ofEpoch: number) {
        for index in series.columns.indices where !series.columns[index].isEmpty {
          facts.set(series.columns[index].metric.name, MetricFacts.fact(series.columns[index], row))
        }
      }
      for (declaration, series) in draft.declared.columns {
        guard let row = series.row(ofEpoch: number), let column = series.column(declaration.name) else { continue }
        facts.replace(declaration.name, MetricFacts.fact(column, row))
      }
    }
    return Entity(
      kind: .checkpoint, root: root, path: checkpoint.path, layout: draft.layout.name, facts: facts.row(&shapes),
      links: summary.links.map { HardLink($0) },
      backups: records.backedUp(.checkpoint, checkpoint.path, summary).records, identity: Identity(summary))
  }

  /// The number of a checkpoint's row as the metric file counts. `best` is the row of the best fitness and `last` the
  /// last one, unless the file itself or its name says which it holds.
  private static func row(_ name: CheckpointName, _ draft: RunDraft) -> Int64? {
    if let series = draft.series, series.axis == .step {
      if let step = name.step { return step }
      return name.role == .last ? series.epochs.last : nil
    }
    switch name.role {
    case .epoch: return name.number.map { $0 + draft.nameShift }
    case .last:
      if let written = draft.lastHeader?.epoch, written >= 0 { return written + draft.nameShift }
      return name.number.map { $0 + draft.nameShift } ?? draft.series?.epochs.last
    case .best:
      if let number = name.number { return number + draft.nameShift }
      guard let series = draft.series, let row = series.column("fitness")?.bestRow else { return nil }
      return series.epochs[row]
    case .step, .other: return nil
    }
  }

  /// Which checkpoints going on needs: `last` and what the framework's own files name; where those are missing or empty
  /// also the newest numbered one, else the best.
  private static func resumable(_ draft: RunDraft) -> Set<Int> {
    if let epoch = draft.lastHeader?.epoch, epoch == -1 { return [] }
    let all = draft.checkpoints
    let prefix = draft.path.isEmpty ? 0 : draft.path.count + 1
    var result = Set(
      all.indices.filter { index in
        all[index].name.role == .last || draft.needed.contains(ByteString(all[index].path.bytes.dropFirst(prefix)))
      })
    if result.contains(where: { !all[$0].isEmpty }) { return result }
    let numbered = all.indices.filter { all[$0].name.role == .epoch || all[$0].name.role == .step }
    if let newest = numbered.max(by: { all[$0].name.number ?? -1 < all[$1].name.number ?? -1 }) {
      result.insert(newest)
    } else {
      result.formUnion(all.indices.filter { all[$0].name.role == .best })
    }
    return result
  }
}

extension CheckpointDraft {
  /// A file without a byte, or a directory without a file.
  fileprivate var isEmpty: Bool {
    summary.status.type == .directory ? summary.files == 0 : summary.status.size == 0
  }
}
