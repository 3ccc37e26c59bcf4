internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyYAML

/// From syntax to the core: names are resolved, literals and conditions read, sugar and params gone.
///
/// A part with a mistake becomes `nil` and the rest goes on, so that one run finds every mistake; the result counts only
/// when no error was reported at all.
struct Lowering {
  var reader = NodeReader()
  var params: [String: TypedParam] = [:]
  var schema = FactSchema()
  var ageOf = AgeBasis.finishedAt
  /// Where entries of `facts` were declared.
  var declarationSpans: [String: SourceSpan] = [:]
  /// In order of first use.
  var usedParams: [String] = []
  var sourceMap = SourceMap()
  /// The policy has a file-wide place for archives; true too where it was written with a mistake.
  var hasArchiveTarget = false
  var hasBackupTarget = false
  /// The policy limits what backups may take of the network.
  var hasBandwidth = false
  /// Where ids were first used.
  var idSpans: [String: SourceSpan] = [:]

  /// What conditions on things of a kind may speak of.
  func context(_ kind: EntityKind) -> ConditionContext {
    let stamp = FactReference(ageOf.rawValue)
    return ConditionContext(
      kind: kind, schema: schema, defaultStamp: defaultStamp(kind), runStamp: stamp, params: params,
      declarationSpans: declarationSpans)
  }

  func defaultStamp(_ kind: EntityKind) -> FactReference {
    FactReference(kind == .run ? ageOf.rawValue : "modified_at")
  }

  /// Remembers where the blocks that have no ids were written, and the keys in them.
  mutating func note(_ clauses: [Clause]) {
    for clause in clauses {
      guard case .mapping(let pairs) = clause.value.content else {
        sourceMap.clauses[clause.key] = sourceMap.clauses[clause.key] ?? clause.span
        continue
      }
      sourceMap.clauses[clause.key] = sourceMap.clauses[clause.key] ?? clause.keySpan
      for pair in pairs {
        guard let word = pair.key.word else { continue }
        let span = SourceSpan(
          file: pair.key.span.file, range: pair.key.span.range.lowerBound..<pair.value.span.range.upperBound)
        let name = "\(clause.key).\(word)"
        sourceMap.clauses[name] = sourceMap.clauses[name] ?? span
      }
    }
  }

  mutating func use(_ param: String?) {
    if let param, !usedParams.contains(param) { usedParams.append(param) }
  }
}
