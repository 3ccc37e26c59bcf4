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
  private var packer = EntityPacker()
  private let names: FactNames
  private var accounts = Accounts()

  init(root: Int, request: ScanRequest, records: OwnerRecords) {
    let settings = request.settings
    self.root = root
    clock = request.clock
    judged = request.judged
    grace = max(settings.grace, ScanSettings.minimumGrace)
    self.records = records
    users = UserNaming(settings)
    names = FactNames(&packer)
  }

  mutating func add(_ draft: RunDraft, _ summary: TreeSummary) {
    var notes = draft.notes
    let verdict = StateVerdict(draft.evidence(clock: clock, grace: grace))
    judged?(draft.path, draft.layout.name, verdict)
    if let note = verdict.note { notes.append(note) }
    let resumable = Self.resumable(draft)
    packer.set(names.user, users.user(draft.path, draft.status, &accounts, &notes))
    packer.set(names.project, users.project(draft.path))
    packer.set(names.state, .text(ByteString(verdict.state.rawValue)))
    packer.set(names.tags, draft.tags)
    packer.set(names.createdAt, draft.status.born.map { .integer($0) })
    packer.set(names.startedAt, (draft.startedAt ?? draft.argumentsModified).map { .integer($0) })
    packer.set(names.finishedAt, verdict.finishedAt.map { .integer($0) })
    packer.set(names.pinned, records.pinned(draft.status))
    packer.set(names.restoredAt, records.restored(draft.path, draft.status))
    let backups = records.backedUp(.run, draft.path, summary)
    packer.set(names.backedUpAt, backups.at)
    let isInUse = draft.lock == .held || draft.isFlocked || draft.hasOpenFile
    if isInUse { packer.set(names.inUse, .bool(true)) }
    if !resumable.isEmpty, verdict.state != .finished { packer.set(names.resumable, .bool(true)) }
    if draft.isIncomplete {
      // Sums over what could be read would be too small.
      for name in [names.bytes, names.files, names.modifiedAt] { packer.set(name, .unreadable) }
    } else {
      packer.set(names.bytes, .integer(draft.own.allocatedBytes))
      packer.set(names.files, .integer(draft.own.files))
      packer.set(names.modifiedAt, .integer(draft.newestFile ?? draft.status.modified))
    }
    if draft.isArgumentFileUnreadable {
      packer.set(names.plannedEpochs, .unreadable)
    } else {
      packer.set(names.plannedEpochs, draft.plannedEpochs.map { .integer($0) })
    }
    setMetrics(draft, &notes)
    for declared in draft.declared.facts { packer.replace(packer.name(declared.name), declared.fact) }
    references += Reference.of(draft, run: entities.count)
    packer.add(
      kind: .run, path: draft.path.bytes.span, layout: draft.layout.name, notes: notes,
      links: draft.own.links.sorted.map { HardLink($0) }, backups: backups.records,
      identity: Identity(summary, treeDigest: ""), digest: summary.digest)
    let metrics = metrics(of: draft)
    for (index, checkpoint) in draft.checkpoints.enumerated() {
      add(checkpoint, of: draft, metrics, isResumable: resumable.contains(index))
    }
    entities += packer.takeGroup(root: root)
  }

  private mutating func setMetrics(_ draft: RunDraft, _ notes: inout [ScanNote]) {
    if draft.areMetricsUnreadable {
      packer.set(names.epochs, .unreadable)
      for metric in draft.layout.metrics {
        for name in [metric.name, "last." + metric.name, "first." + metric.name] {
          packer.set(packer.name(name), .unreadable)
        }
      }
      return
    }
    if let done = draft.epochsDone { packer.set(names.epochs, .integer(done)) }
    guard let series = draft.series else { return }
    if series.axis == .epoch, draft.epochsDone == nil { packer.set(names.epochs, .integer(Int64(series.epochs.count))) }
    var impossible: [String] = []
    for column in series.columns where !column.isEmpty {
      if draft.holdsLastValuesOnly {
        let last = MetricFacts.value(column, .last)
        if last == .unreadable, !column.hasGarbage { impossible.append(column.metric.name) }
        packer.set(packer.name("last." + column.metric.name), last)
        continue
      }
      let best = MetricFacts.value(column, .best)
      if best == .unreadable, !column.hasGarbage { impossible.append(column.metric.name) }
      packer.set(packer.name(column.metric.name), best)
      packer.set(packer.name("last." + column.metric.name), MetricFacts.value(column, .last))
      packer.set(packer.name("first." + column.metric.name), MetricFacts.value(column, .first))
    }
    if !impossible.isEmpty {
      notes.append(
        ScanNote(
          code: "impossible-values",
          text: "\(impossible.joined(separator: ", ")): some values are none that it can have"))
    }
  }

  /// A metric of a run that has values.
  private struct Metric {
    let name: Int
    let column: MetricSeries.Column
    let plain: PlainColumn?
  }

  private mutating func metrics(of draft: RunDraft) -> [Metric] {
    guard let series = draft.series else { return [] }
    return series.columns.filter { !$0.isEmpty }.map { column in
      let name = packer.name(column.metric.name)
      return Metric(name: name, column: column, plain: PlainColumn(column, name: name))
    }
  }

  private mutating func add(
    _ checkpoint: CheckpointDraft, of draft: RunDraft, _ metrics: [Metric], isResumable: Bool
  ) {
    let summary = checkpoint.summary
    let name = checkpoint.name
    packer.set(names.role, .text(name.role.word))
    packer.set(names.number, name.number.map { .integer($0) })
    packer.set(names.step, name.step.map { .integer($0) })
    if summary.unreadable > 0 {
      for name in [names.bytes, names.modifiedAt] { packer.set(name, .unreadable) }
    } else {
      packer.set(names.bytes, .integer(summary.allocatedBytes))
      packer.set(names.modifiedAt, .integer(summary.newestFileModified ?? summary.status.modified))
    }
    packer.set(names.pinned, records.pinned(summary.status))
    if checkpoint.isOpen { packer.set(names.inUse, .bool(true)) }
    if isResumable { packer.set(names.resumable, .bool(true)) }
    if draft.areMetricsUnreadable {
      packer.set(names.epoch, .unreadable)
      for metric in draft.layout.metrics { packer.set(packer.name(metric.name), .unreadable) }
    } else if let number = Self.row(name, draft) {
      if draft.series?.axis != .step { packer.set(names.epoch, .integer(number)) }
      if !metrics.isEmpty, let row = draft.series?.row(ofEpoch: number) {
        for index in metrics.indices where metrics[index].plain?.set(row, &packer) != true {
          packer.set(metrics[index].name, MetricFacts.fact(metrics[index].column, row))
        }
      }
      for (declaration, series) in draft.declared.columns {
        guard let row = series.row(ofEpoch: number), let column = series.column(declaration.name) else { continue }
        packer.replace(packer.name(declaration.name), MetricFacts.fact(column, row))
      }
    }
    packer.add(
      kind: .checkpoint, path: checkpoint.path.bytes.span, layout: draft.layout.name,
      links: summary.links.map { HardLink($0) },
      backups: records.backedUp(.checkpoint, checkpoint.path, summary).records,
      identity: Identity(summary, treeDigest: ""), digest: summary.digest)
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
