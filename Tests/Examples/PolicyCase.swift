internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicySyntax
internal import PolicyYAML

/// A case of an example policy: a made-up snapshot, and everything that must come of it.
///
/// `expect` is exhaustive both ways: each action under its verb (`trash: {path: rule}`), each held thing under `keep`, each
/// undecided one under `undecided`, each quota or watermark that cannot be met under `unmet`.
struct PolicyCase {
  var name: String
  var params: [(name: String, value: String)] = []
  var snapshot: Snapshot
  /// `trash a/exp1: stale`, sorted.
  var expected: [String]

  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  /// The policy that a file of cases is about, and its cases.
  static func read(_ bytes: [UInt8], path: String) throws -> (policy: String, cases: [PolicyCase]) {
    let (root, diagnostics) = YAMLReader.read(SourceText(path: path, bytes: bytes), file: 0)
    guard diagnostics.isEmpty, let root else { throw Problem(description: "\(path): \(diagnostics.map(\.message))") }
    let top = Plain(root)
    guard let policy = top["policy"]?.text, case .list(let cases)? = top["cases"], !cases.isEmpty else {
      throw Problem(description: "\(path): needs `policy` and `cases`")
    }
    return (policy, try cases.map { try PolicyCase($0, path) })
  }

  private init(_ plain: Plain, _ path: String) throws {
    name = try plain["name"]?.text ?? { throw Problem(description: "\(path): a case needs a name") }()
    guard let now = plain["now"]?.text.flatMap({ Timestamp($0) }) else {
      throw Problem(description: "\(path): \(name): `now` is a time such as 2027-01-15T08:00:00Z")
    }
    for (key, value) in plain["params"]?.pairs ?? [] { params.append((key, value.text ?? "")) }
    let root = ByteString(plain["root"]?.text ?? "/data/runs")
    var entities: [Entity] = []
    for (kind, key) in [(EntityKind.run, "runs"), (.checkpoint, "checkpoints")] {
      for fixture in plain[key]?.items ?? [] { entities += try Fixture(fixture, now: now).entities(kind) }
    }
    let volumes = try (plain["volumes"]?.items ?? []).map { volume in
      try Volume(
        path: ByteString(volume["path"]?.text ?? "/"), size: Scale.bytes(volume["size"]?.text ?? ""),
        used: Scale.bytes(volume["used"]?.text ?? ""))
    }
    let trash = try (plain["trash"]?.items ?? []).enumerated().map { index, record in
      let age = try Scale.duration(record["age"]?.text ?? "")
      return try TrashRecord(
        path: ByteString(record["path"]?.text ?? ""), kind: .run, record: "record-\(index)",
        bytes: Scale.bytes(record["bytes"]?.text ?? "0B"),
        trashedAt: Timestamp(nanoseconds: now.nanoseconds - age),
        purgeAfter: record["purge_after"]?.text.map { TimeSpan(nanoseconds: try Scale.duration($0)) })
    }
    snapshot = Snapshot(now: now, roots: [Root(path: root)], volumes: volumes, entities: entities, trash: trash)
    snapshot.normalise()
    expected = try Self.expectations(plain["expect"], entities, trash, name)
  }

  private static func expectations(
    _ plain: Plain?, _ entities: [Entity], _ trash: [TrashRecord], _ name: String
  ) throws -> [String] {
    var lines: [String] = []
    for (verb, value) in plain?.pairs ?? [] {
      switch verb {
      case "trash", "archive", "backup", "purge", "keep", "undecided":
        for (pattern, rules) in value.pairs {
          for path in Scale.expand(pattern) {
            guard
              entities.contains(where: { $0.path == ByteString(path) })
                || trash.contains(where: { $0.path == ByteString(path) })
            else { throw Problem(description: "\(name): expects `\(path)`, which is not in the fixture") }
            lines.append("\(verb) \(path): \(rules.words.sorted().joined(separator: " "))")
          }
        }
      case "unmet": lines += value.words.map { "unmet \($0)" }
      case "refused": lines += value.words.map { "refused \($0)" }
      default: throw Problem(description: "\(name): `\(verb)` is nothing that can be expected")
      }
    }
    return lines.sorted()
  }

  /// What came of it, in the same words.
  static func outcome(_ plan: Plan) -> [String] {
    var lines = plan.actions.map { action in
      "\(action.verb.rawValue) \(action.path.displayText): "
        + Set(action.because.map(\.rule)).sorted().joined(separator: " ")
    }
    lines += plan.held.map { "keep \($0.path.displayText): " + Set($0.by.map(\.rule)).sorted().joined(separator: " ") }
    lines += plan.undecided.map {
      "undecided \($0.path.displayText): " + $0.questions.map(\.rule).sorted().joined(separator: " ")
    }
    lines += plan.unmet.map { "unmet \($0.id)" }
    lines += plan.checks.filter { !$0.holds }.map { "refused \($0.name)" }
    return lines.sorted()
  }
}

/// One line of a fixture: `{ path: "alice/r{1..3}", age: "30d..28d", … }` makes three entities.
private struct Fixture {
  let pairs: [(String, Plain)]
  let now: Timestamp

  init(_ plain: Plain, now: Timestamp) throws {
    pairs = plain.pairs
    self.now = now
  }

  func entities(_ kind: EntityKind) throws -> [Entity] {
    guard let pattern = pairs.first(where: { $0.0 == "path" })?.1.text else {
      throw PolicyCase.Problem(description: "a fixture needs a path")
    }
    let paths = Scale.expand(pattern)
    let schema = FactSchema()
    return try paths.enumerated().map { index, path in
      var facts: [String: FactValue] = [:]
      var unreadable: [String] = []
      for (key, value) in pairs where key != "path" {
        let text = value.text ?? ""
        if key == "age" {
          let age = try Scale.step(text, index, paths.count, Scale.duration)
          for stamp in kind == .run ? ["finished_at", "modified_at"] : ["modified_at"] {
            facts[stamp] = .integer(now.nanoseconds - age)
          }
          continue
        }
        if text == "unreadable" {
          unreadable.append(key)
          continue
        }
        guard let type = schema.definition(of: FactReference(key), on: kind)?.type else {
          throw PolicyCase.Problem(description: "`\(key)` is no fact of \(kind.plural)")
        }
        facts[key] = try Self.value(type, value, index, paths.count)
      }
      return Entity(kind: kind, path: ByteString(path), facts: FactRow(facts, unreadable: unreadable))
    }
  }

  private static func value(_ type: FactType, _ value: Plain, _ index: Int, _ count: Int) throws -> FactValue {
    let text = value.text ?? ""
    switch type {
    case .bool: return .bool(text == "true")
    case .int: return .integer(try Scale.step(text, index, count) { Int64($0) ?? 0 })
    case .bytes: return .integer(try Scale.step(text, index, count, Scale.bytes))
    case .number, .ratio: return .number(text)
    case .duration: return .integer(try Scale.duration(text))
    case .time:
      guard let stamp = Timestamp(text) else { throw PolicyCase.Problem(description: "`\(text)` is no time") }
      return .integer(stamp.nanoseconds)
    case .string, .enumeration: return .text(ByteString(text))
    case .stringSet: return .set(value.words.map { ByteString($0) }.sorted())
    }
  }
}

/// Spellings of fixtures: `30d`, `10GiB`, `30d..25d`, `r{1..6}`.
private enum Scale {
  static func duration(_ text: String) throws -> Int64 {
    guard let unit = TimeSpan.units.first(where: { text.hasSuffix($0.suffix) }), let count = Int64(text.dropLast())
    else { throw PolicyCase.Problem(description: "`\(text)` is no duration") }
    return count * unit.nanoseconds
  }

  static func bytes(_ text: String) throws -> Int64 {
    let units: [(String, Int64)] = [
      ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40), ("KB", 1000), ("MB", 1_000_000),
      ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1),
    ]
    guard let unit = units.first(where: { text.hasSuffix($0.0) }), let count = Int64(text.dropLast(unit.0.count))
    else { throw PolicyCase.Problem(description: "`\(text)` is no size") }
    return count * unit.1
  }

  /// The index-th of `count` equal steps from one end of a range to the other.
  static func step(_ text: String, _ index: Int, _ count: Int, _ parse: (String) throws -> Int64) throws -> Int64 {
    let ends = text.split(separator: ".", omittingEmptySubsequences: false)
    guard ends.count == 3, ends[1].isEmpty, count > 1 else { return try parse(text) }
    let (first, last) = (try parse(String(ends[0])), try parse(String(ends[2])))
    return first + (last - first) * Int64(index) / Int64(count - 1)
  }

  static func expand(_ pattern: String) -> [String] {
    guard let open = pattern.firstIndex(of: "{"), let close = pattern.firstIndex(of: "}"), open < close else {
      return [pattern]
    }
    let ends = pattern[pattern.index(after: open)..<close].split(separator: ".").compactMap { Int($0) }
    guard ends.count == 2, ends[0] <= ends[1] else { return [pattern] }
    return (ends[0]...ends[1]).map { pattern[..<open] + String($0) + pattern[pattern.index(after: close)...] }
  }
}

/// A YAML node without its places.
enum Plain {
  case text(String)
  case list([Plain])
  case map([(String, Plain)])

  init(_ node: YAMLNode) {
    switch node.content {
    case .scalar(let scalar): self = .text(scalar.text.displayText)
    case .sequence(let nodes): self = .list(nodes.map { Plain($0) })
    case .mapping(let pairs): self = .map(pairs.map { (Plain($0.key).text ?? "", Plain($0.value)) })
    }
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var items: [Plain] { if case .list(let items) = self { items } else { [] } }
  var pairs: [(String, Plain)] { if case .map(let pairs) = self { pairs } else { [] } }
  /// A word or a list of words.
  var words: [String] { text.map { [$0] } ?? items.compactMap(\.text) }

  subscript(key: String) -> Plain? { pairs.first { $0.0 == key }?.1 }
}
