public import PolicyCore
public import PolicyDiagnostics
internal import PolicySyntax
internal import PolicyYAML

/// From YAML to cases. Like a policy, a file of cases is read to its end, so that one run finds every mistake.
public struct CaseReader {
  let schema: FactSchema
  /// The policy that the cases are about, where it is known: its names must be right.
  let policy: Policy?
  var diagnostics: [Diagnostic] = []

  /// The file, unless it has mistakes. `schema` knows the facts of the policy that it is about.
  public static func read(
    _ source: SourceText, schema: FactSchema, policy: Policy? = nil
  ) -> (file: CaseFile?, diagnostics: [Diagnostic]) {
    let (root, found) = YAMLReader.read(source, file: 0)
    guard let root, found.isEmpty else { return (nil, found) }
    var reader = CaseReader(schema: schema, policy: policy)
    let file = reader.file(root)
    let hasErrors = reader.diagnostics.contains { $0.severity == .error }
    return (hasErrors ? nil : file, reader.diagnostics.inSourceOrder())
  }

  /// The policy that a file of cases names; `nil` where it is no such file.
  public static func policyPath(_ source: SourceText) -> String? {
    guard let root = YAMLReader.read(source, file: 0).root, let top = root.pairs, top["cases"] != nil else {
      return nil
    }
    return top["policy"]?.value.text
  }

  // MARK: - Reporting

  mutating func report(_ code: String, _ message: String, at span: SourceSpan, caption: String = "", help: String) {
    diagnostics.append(Diagnostic(code, .error, message, at: span, caption: caption, help: help))
  }

  /// A mapping with known keys only.
  mutating func block(_ node: YAMLNode, _ what: String, _ keys: [String]) -> CaseBlock? {
    guard let pairs = node.pairs else {
      report("P0451", "\(what) is a block of keys", at: node.span, help: "its keys are \(Self.listed(keys))")
      return nil
    }
    for (name, pair) in pairs.all where !keys.contains(name) {
      let near = Spelling.nearest(name, among: keys)
      report(
        "P0450", "unknown key `\(name)` in \(what)", at: pair.key.span,
        help: near.map { "did you mean `\($0)`?" } ?? "its keys are \(Self.listed(keys))")
    }
    return pairs
  }

  static func listed(_ words: [String]) -> String { words.map { "`\($0)`" }.joined(separator: ", ") }

  mutating func items(_ node: YAMLNode, _ what: String) -> [YAMLNode] {
    if case .sequence(let items) = node.content { return items }
    report("P0451", "\(what) is a list", at: node.span, help: "begin each entry with `- `")
    return []
  }

  mutating func text(_ node: YAMLNode, _ what: String) -> String? {
    if let text = node.text { return text }
    report("P0451", "\(what) is a single value", at: node.span, help: "write one value")
    return nil
  }

  // MARK: - The file

  private mutating func file(_ root: YAMLNode) -> CaseFile? {
    guard let top = block(root, "a file of cases", ["version", "policy", "cases", "survivors"]) else { return nil }
    if let version = top["version"], version.value.text != "1" {
      report("P0451", "unknown version of cases", at: version.value.span, help: "write `version: 1`")
    } else if top["version"] == nil {
      report("P0452", "a file of cases needs a version", at: root.span, help: "add `version: 1`")
    }
    guard let policy = top["policy"] else {
      report("P0452", "these cases are about no policy", at: root.span, help: "add `policy: ../policy.yaml`")
      return nil
    }
    guard let list = top["cases"] else {
      report("P0452", "a file without cases", at: root.span, help: "add `cases:` with at least one entry")
      return nil
    }
    let nodes = items(list.value, "`cases`")
    if nodes.isEmpty {
      report("P0452", "a file without cases", at: list.key.span, help: "write at least one entry")
    }
    let cases = nodes.compactMap { one($0) }
    var survivors: [ExpectedSurvivor] = []
    for node in top["survivors"].map({ items($0.value, "`survivors`") }) ?? [] {
      guard let entry = block(node, "an entry of `survivors`", ["mutant", "because"]) else { continue }
      guard let mutant = entry["mutant"]?.value.text, let because = entry["because"]?.value.text else {
        report(
          "P0452", "an entry of `survivors` needs `mutant` and `because`", at: node.span,
          help: "name the mutant as `policy test --mutants` prints it, and say why no case can tell it")
        continue
      }
      survivors.append(ExpectedSurvivor(mutant: mutant, because: because, span: node.span))
    }
    guard let path = text(policy.value, "`policy`") else { return nil }
    return CaseFile(policy: path, policySpan: policy.value.span, cases: cases, survivors: survivors)
  }

  private mutating func one(_ node: YAMLNode) -> PolicyCase? {
    let keys = ["name", "now", "root", "runs", "checkpoints", "volumes", "trash", "params", "expect", "never"]
    guard let block = block(node, "a case", keys) else { return nil }
    guard let nameNode = block["name"]?.value, let name = text(nameNode, "`name`") else {
      if block["name"] == nil {
        report("P0452", "a case needs a name", at: node.span, help: "add `name: what it shows`")
      }
      return nil
    }
    guard let nowNode = block["now"]?.value else {
      report(
        "P0452", "the case `\(name)` has no `now`", at: nameNode.span, help: "add `now: 2027-01-15T08:00:00Z`")
      return nil
    }
    let moment = nowNode.text.flatMap { Timestamp($0) }
    if moment == nil { report("P0451", "`now` is a time", at: nowNode.span, help: "write `2027-01-15T08:00:00Z`") }
    // Some moment or other, so that the rest is read as well.
    let now = moment ?? Timestamp(nanoseconds: 1_800_000_000_000_000_000)
    let written = params(block)
    var fixture = FixtureReader(reader: self, now: now)
    var entities: [Entity] = []
    var seen: Set<ByteString> = []
    for (kind, key) in [(EntityKind.run, "runs"), (.checkpoint, "checkpoints")] {
      guard let list = block[key]?.value else { continue }
      for item in fixture.reader.items(list, "`\(key)`") {
        let made = fixture.entities(item, kind)
        if let twice = made.first(where: { !seen.insert($0.path).inserted }) {
          fixture.reader.report(
            "P0453", "`\(twice.path.displayText)` is in the fixture twice",
            at: item.pairs?["path"]?.value.span ?? item.span, help: "rename one of them")
        }
        entities += made
      }
    }
    let volumes = block["volumes"].map { fixture.volumes($0.value) } ?? []
    let trash = block["trash"].map { fixture.trash($0.value) } ?? []
    self = fixture.reader
    let root = ByteString(block["root"]?.value.text ?? "/data/runs")
    var snapshot = Snapshot(now: now, roots: [Root(path: root)], volumes: volumes, entities: entities, trash: trash)
    snapshot.normalise()
    let known = Set(entities.map(\.path.displayText) + trash.map(\.path.displayText))
    let expected = block["expect"].map { expectations($0.value, known) } ?? []
    let never = block["never"].map { nevers($0.value, known) } ?? []
    return PolicyCase(
      name: name, span: nameNode.span, paramSpans: written.map(\.span), params: written.map { ($0.name, $0.value) },
      snapshot: snapshot, expected: Set(expected).sorted(), never: Set(never).sorted(),
      isExhaustive: block["expect"] != nil || block["never"] == nil)
  }

  private mutating func expectations(_ node: YAMLNode, _ known: Set<String>) -> [Expectation] {
    let fates = Expectation.Fate.allCases.map(\.rawValue)
    guard let block = block(node, "`expect`", fates) else { return [] }
    var expected: [Expectation] = []
    for (word, pair) in block.all {
      guard let fate = Expectation.Fate(rawValue: word) else { continue }
      if fate == .unmet || fate == .refused {
        for word in pair.value.words { check(word, fate, pair.value.span) }
        expected += pair.value.words.map { Expectation(fate, $0) }
        continue
      }
      let entries: [(pattern: String, span: SourceSpan, rules: [String])]
      if let pairs = pair.value.pairs {
        entries = pairs.all.map { ($0, $1.key.span, $1.value.words.filter { $0 != "any" }) }
      } else {
        entries = pair.value.words.map { ($0, pair.value.span, []) }
      }
      for entry in entries {
        for rule in entry.rules { check(rule, fate, entry.span) }
        expected += paths(entry.pattern, entry.span, known).map { Expectation(fate, $0, entry.rules) }
      }
    }
    return expected
  }

  /// What a plan must not do: no rules are named, for none may do it.
  private mutating func nevers(_ node: YAMLNode, _ known: Set<String>) -> [Expectation] {
    let fates: [Expectation.Fate] = [.backup, .archive, .trash, .purge]
    guard let block = block(node, "`never`", fates.map(\.rawValue)) else { return [] }
    var found: [Expectation] = []
    for (word, pair) in block.all {
      guard let fate = fates.first(where: { $0.rawValue == word }) else { continue }
      guard pair.value.pairs == nil, !pair.value.words.isEmpty else {
        report(
          "P0451", "`\(word)` under `never` is a path or a list of paths", at: pair.value.span,
          help: "write `\(word): [alice/exp1]`")
        continue
      }
      for pattern in pair.value.words {
        found += paths(pattern, pair.value.span, known).map { Expectation(fate, $0) }
      }
    }
    return found
  }

  /// The paths that a pattern means, all of which have to be in the fixture.
  private mutating func paths(_ pattern: String, _ span: SourceSpan, _ known: Set<String>) -> [String] {
    if let mistake = FixtureText.mistake(pattern) {
      report(
        "P0451", "a path cannot be `\(pattern)`: \(mistake)", at: span, help: "write `r{1..3}` or `{alice,bob}/r1`")
      return []
    }
    return FixtureText.expand(pattern).filter { path in
      if known.contains(path) { return true }
      let near = Spelling.nearest(path, among: known.sorted())
      report(
        "P0453", "`\(path)` is not in the fixture", at: span,
        help: near.map { "did you mean `\($0)`?" } ?? "add it to `runs` or `checkpoints`, or leave it out here")
      return false
    }
  }
}
