internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyYAML

/// Ids, which are unique in a policy, and `override`, which names by them what it changes.
extension Lowering {
  /// Ids are one name space for rules, quotas, pressure and never: plans and overrides know only the id.
  mutating func checkIDs(_ entries: [EntrySyntax]) {
    for entry in entries where !entry.id.isEmpty {
      var ids = [entry.id]
      if entry.body.verbs.first?.verb == .thin, case .sequence(let items)? = entry.body["keep"]?.value.content {
        ids += items.indices.map { "\(entry.id).keep[\($0)]" }
      }
      for id in ids {
        if let first = idSpans["id \(id)"] {
          reader.report(
            .duplicateName, "the id `\(id)` is taken", at: entry.idSpan, labels: [.init(first, "first used here")],
            help: "choose another id; ids are unique across rules, quotas, pressure, never and all imported files")
          break
        }
        idSpans["id \(id)"] = entry.idSpan
      }
    }
  }

  /// Changes entries; what it says of `limits` is returned.
  mutating func override(
    _ clause: Clause, _ entries: inout Entries, _ provenance: inout Provenance
  ) -> BlockSyntax? {
    var limits: BlockSyntax?
    for target in reader.pairs(clause, .overrides) {
      if target.key == "limits" {
        limits = reader.block(target, .limits)
        warn(target, "`limits`", "a limit that was imported may become looser")
        provenance.overrides["limits"] = limits?.clauses.map { .init(key: $0.key, span: $0.span) }
        continue
      }
      // A copy, because reading reports.
      guard var entry = entries.all.first(where: { $0.id == target.key }) else {
        let ids = entries.all.map(\.id).filter { !$0.isEmpty }
        let meant = Spelling.nearest(target.key, among: ids)
        reader.report(
          .overrideTarget, "nothing here has the id `\(target.key)`", at: target.keySpan,
          caption: "cannot be overridden",
          help: meant.map { "did you mean `\($0)`?" } ?? "delete it, or write the id of something imported",
          fix: meant.map { (.maybe, target.keySpan, $0) })
        continue
      }
      let changes = changes(target, of: entry)
      for change in changes { entry.body.replace(change) }
      let changed = entry
      _ = entries.change(target.key) { $0 = changed }
      provenance.overrides[target.key] = changes.map { .init(key: $0.key, span: $0.span) }
      if !changes.isEmpty { warnOfSafeguard(target, entry, changes) }
    }
    return limits
  }

  private mutating func changes(_ target: Clause, of entry: EntrySyntax) -> [Clause] {
    let verb = entry.body.verbs.first?.verb
    guard
      let block = reader.block(
        target.value, entry.body.block, name: "the override of \(entry.called)", place: target.keySpan, for: verb)
    else { return [] }
    return block.clauses.filter { clause in
      let isVerb =
        entry.body.block == .rule
        ? VerbWord(rawValue: clause.key) != nil && !(verb == .thin && clause.key == "keep")
        : clause.key == "of" || (entry.body.block == .property && Property.Subject(rawValue: clause.key) != nil)
      guard clause.key == "id" || isVerb else { return true }
      reader.report(
        .overrideForbidden, "an override cannot change `\(clause.key)`", at: clause.keySpan,
        caption: "says what the \(entry.called) is", help: "write a rule of its own instead")
      return false
    }
  }

  private mutating func warnOfSafeguard(_ target: Clause, _ entry: EntrySyntax, _ changes: [Clause]) {
    let consequence = "less may be kept than the imported file says"
    switch entry.body.block {
    case .property: warn(target, entry.called, consequence)
    case .rule:
      switch entry.body.verbs.first?.verb {
      case .protect, .keep: warn(target, entry.called, consequence)
      case .thin where changes.contains(where: { $0.key == "keep" || $0.key == "per" }):
        warn(target, entry.called, consequence)
      default: break
      }
    default: break
    }
  }

  private mutating func warn(_ target: Clause, _ called: String, _ consequence: String) {
    reader.report(
      .overrideSafeguard, "this override touches a safeguard", as: .warning, at: target.keySpan,
      caption: "changes \(called)", notes: [consequence])
  }
}
