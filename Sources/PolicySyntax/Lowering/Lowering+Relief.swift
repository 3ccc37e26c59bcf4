internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyYAML

/// `quotas`, `pressure`, `never`
extension Lowering {
  mutating func quota(_ entry: EntrySyntax) -> Quota? {
    let body = entry.body
    let limit = size(body["limit"])
    if let limit, limit <= 0, let written = body["limit"] {
      reader.report(
        .outOfRange, "a limit of nothing", at: written.value.span,
        notes: ["everything that may be evicted would be"], help: "write a size such as `50GiB`")
    }
    let downTo = ratio(body["down_to"]) ?? ExactDecimal(1)
    let because = prose(body["because"])
    guard let of = body["of"], let kind = kind(of) else { return nil }
    let per = body["per"].map { group($0, kind) } ?? []
    sourceMap.entries[entry.id] = SourceMap.Entry(
      id: entry.idSpan, verb: of.keySpan, conditionNodes: [], clauses: body.clauseSpans)
    guard let clause = body["evict"], let block = reader.block(clause, .evict) else { return nil }
    let order = order(block["order"], context(kind))
    guard let written = whereOf(block, kind, "the `evict` of \(entry.called)", clause.keySpan, "evict", required: true)
    else { return nil }
    sourceMap.entries[entry.id]?.conditionNodes = written.spans
    guard let limit, let order else { return nil }
    return Quota(
      id: entry.id, kind: kind, per: per, limit: limit, downTo: downTo,
      evict: Eviction(condition: written.condition, order: order), because: because)
  }

  /// The condition of a block; without one it is all of the kind, or a mistake.
  private mutating func whereOf(
    _ block: BlockSyntax, _ kind: EntityKind, _ what: String, _ place: SourceSpan, _ verb: String, required: Bool
  ) -> LoweredCondition? {
    if let written = block["where"] { return condition(written, kind) }
    if required, !block.hasUnknownKeys {
      reader.report(
        .missingCondition, "\(what) has no `where`", at: place, caption: "would \(verb) every \(kind.rawValue)",
        help: "add `where: …`, or `where: true` if all are meant")
    }
    return .everything(at: place)
  }

  // MARK: - Pressure

  mutating func pressure(_ entry: EntrySyntax) -> Pressure? {
    let body = entry.body
    let volume = path(body["volume"])
    let high = ratio(body["high"])
    let low = ratio(body["low"])
    sourceMap.entries[entry.id] = SourceMap.Entry(
      id: entry.idSpan, verb: body["relieve"]?.keySpan ?? body.place, conditionNodes: [],
      clauses: body.clauseSpans)
    guard let clause = body["relieve"] else { return nil }
    let nodes = reader.entries(clause, .blocks(.step))
    if nodes.isEmpty, case .sequence = clause.value.content {
      reader.report(
        .noValue, "\(entry.called) has no steps", at: clause.span,
        help: "write what to do, such as `- purge: trash` with `min_age: 12h`")
    }
    var places: [SourceMap.Step] = []
    let steps = nodes.compactMap { step($0, clause.keySpan, &places) }
    sourceMap.entries[entry.id]?.steps = places
    guard let volume, let high, let low, steps.count == nodes.count else { return nil }
    return Pressure(id: entry.id, volume: volume, high: high, low: low, relieve: steps)
  }

  private enum Purged: String, CaseIterable { case trash }
  private enum Archived: String, CaseIterable { case runs }

  private mutating func step(_ node: YAMLNode, _ place: SourceSpan, _ places: inout [SourceMap.Step]) -> ReliefStep? {
    guard let block = reader.block(node, .step, name: "each step of `relieve`", place: place) else { return nil }
    let verbs = block.clauses.filter { ["purge", "archive", "trash"].contains($0.key) }
    guard let verb = verbs.first, verbs.count == 1 else {
      if verbs.count > 1 {
        reader.report(
          .verbCount, "a step with \(verbs.count) verbs", at: verbs[1].keySpan,
          labels: [.init(verbs[0].keySpan, "")], help: "write a step of its own for each, in the order meant")
      } else if !block.hasUnknownKeys {
        reader.report(
          .verbCount, "a step without a verb", at: block.place,
          help: "add `purge: trash`, `archive: runs`, `trash: runs` or `trash: checkpoints`")
      }
      return nil
    }
    let minimumAge = duration(block["min_age"])
    if verb.key == "purge" {
      places.append(SourceMap.Step(verb: verb.span, conditionNodes: []))
      return purge(block, verb, minimumAge)
    }
    let kind: EntityKind
    if verb.key == "archive" {
      guard reader.word(verb, Archived.self) != nil else { return nil }
      kind = .run
      if !hasArchiveTarget {
        reader.report(
          .noArchiveTarget, "this step has no place to put archives", at: verb.span,
          help: "add `archive: { to: /path }` to the policy")
      }
    } else {
      guard let word = self.kind(verb) else { return nil }
      kind = word
    }
    let order = order(block["order"], context(kind))
    guard let written = whereOf(block, kind, "this step", verb.span, verb.key, required: true), let order else {
      return nil
    }
    places.append(SourceMap.Step(verb: verb.span, conditionNodes: written.spans))
    let eviction = Eviction(condition: written.condition, order: order)
    return verb.key == "archive"
      ? .archive(eviction, minimumAge: minimumAge) : .trash(kind, eviction, minimumAge: minimumAge)
  }

  private mutating func purge(_ block: BlockSyntax, _ verb: Clause, _ minimumAge: TimeSpan?) -> ReliefStep? {
    guard reader.word(verb, Purged.self) != nil else { return nil }
    if let condition = block["where"] {
      reader.report(
        .unusedClause, "`where` means nothing on a `purge` step", at: condition.keySpan,
        caption: "of what is in the trash only the age counts", help: "use `min_age`")
    }
    // Records have one fact, their age.
    let records = ConditionContext(kind: .run, schema: .none, defaultStamp: FactReference("trashed_at"), params: params)
    guard let keys = order(block["order"], records) else { return nil }
    guard keys.count == 1, case .fact(_, let ascending, _)? = keys.first else {
      reader.report(
        .outOfRange, "trash has one order: its age", at: block["order"]?.value.span ?? block.place,
        help: "write `order: [age desc]` for the oldest first")
      return nil
    }
    return .purge(minimumAge: minimumAge, oldestFirst: !ascending)
  }

  // MARK: - Never

  mutating func property(_ entry: EntrySyntax) -> Property? {
    let body = entry.body
    let because = prose(body["because"])
    let subjects = body.clauses.filter { Property.Subject(rawValue: $0.key) != nil }
    guard let clause = subjects.first, subjects.count == 1, let subject = Property.Subject(rawValue: clause.key) else {
      if subjects.count > 1 {
        reader.report(
          .verbCount, "\(entry.called) has two verbs", at: subjects[1].keySpan,
          labels: [.init(subjects[0].keySpan, "")], help: "write an entry of its own for each")
      } else if !body.hasUnknownKeys {
        reader.report(
          .verbCount, "\(entry.called) does not say what never happens", at: entry.idSpan,
          help: "add `destroy: runs`, `destroy: checkpoints` or `archive: runs`")
      }
      return nil
    }
    guard let kind = kind(clause) else { return nil }
    guard let written = whereOf(body, kind, entry.called, clause.span, clause.key, required: false) else { return nil }
    sourceMap.entries[entry.id] = SourceMap.Entry(
      id: entry.idSpan, verb: clause.keySpan, conditionNodes: written.spans, clauses: body.clauseSpans)
    return Property(id: entry.id, subject: subject, kind: kind, condition: written.condition, because: because)
  }
}
