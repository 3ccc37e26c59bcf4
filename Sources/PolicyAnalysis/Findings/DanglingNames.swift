internal import PolicyCore
internal import PolicyDiagnostics

/// P0372: a name that nothing in the snapshot has, and a pin under which nothing was found.
enum DanglingNames {
  private static let named = ["name", "path", "user", "project", "host", "root"]

  @Sendable static func findings(_ it: PolicyPlace) -> [Finding] {
    guard let snapshot = it.snapshot else { return [] }
    var findings = snapshot.unmatchedPins.map { pin in
      it.finding(
        nil,
        Diagnostic(
          "P0372", .warning, "the pin on `\(pin.path.displayText)` matches nothing",
          at: it.map.clauses["roots"] ?? it.map.clauses["version"],
          notes: pin.reason.isEmpty ? [] : ["it was made because: \(pin.reason)"],
          help: "what was pinned is gone: pin what has its name now, or `policy unpin` it"))
    }
    for rule in it.ownRules {
      guard let spans = it.entry(rule.id)?.conditionNodes else { continue }
      var index = 0
      func walk(_ condition: Condition) {
        let span = spans.indices.contains(index) ? spans[index] : spans.first
        index += 1
        func report(_ operand: Operand, _ written: String, _ holds: (ByteString) -> Bool, isPattern: Bool) {
          guard named.contains(operand.fact.name) else { return }
          let isOfRun = rule.kind == .run || operand.fact.scope == .run
          let texts = texts(of: operand.fact.name, isOfRun ? .run : .checkpoint, snapshot)
          guard !texts.contains(where: holds) else { return }
          let near = isPattern ? nil : Spelling.nearest(written, among: texts.map(\.displayText))
          let noun = isOfRun ? "run" : "checkpoint"
          findings.append(
            it.finding(
              rule.id,
              Diagnostic(
                "P0372", .warning, "no \(noun) has the \(operand.fact.name) `\(written)`", at: span,
                caption: "nothing in the snapshot",
                help: near.map { "did you mean `\($0)`?" } ?? "check the spelling, or delete it if the \(noun) is gone")
            ))
        }
        switch condition {
        case .all(let parts), .any(let parts): for part in parts { walk(part) }
        case .not(let part): walk(part)
        case .compare(let operand, .equal, .text(let text)):
          report(operand, text.displayText, { $0 == text }, isPattern: false)
        case .member(let operand, let constants):
          for case .text(let text) in constants { report(operand, text.displayText, { $0 == text }, isPattern: false) }
        case .matches(let operand, let glob):
          report(operand, glob.pattern.displayText, { glob.matches($0) }, isPattern: true)
        case .always, .compare, .has, .isMissing, .flag: break
        }
      }
      walk(rule.condition)
    }
    return findings
  }

  /// The values that a fact has in the snapshot, each once, in byte order.
  private static func texts(of name: String, _ kind: EntityKind, _ snapshot: Snapshot) -> [ByteString] {
    var texts: Set<ByteString> = []
    for entity in snapshot.entities where entity.kind == kind {
      switch name {
      case "path": texts.insert(entity.path)
      case "name":
        texts.insert(entity.path.isEmpty ? snapshot.roots[entity.root].path.lastComponent : entity.path.lastComponent)
      case "host": texts.insert(snapshot.roots[entity.root].host)
      case "root": texts.insert(snapshot.roots[entity.root].path)
      default: if case .value(.text(let text)) = entity.facts.fact(name) { texts.insert(text) }
      }
    }
    return texts.sorted()
  }
}
