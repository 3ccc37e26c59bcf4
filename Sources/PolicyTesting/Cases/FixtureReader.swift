internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicySyntax
internal import PolicyYAML

/// Reads the made-up things of a case. What is not written has the defaults of the language.
struct FixtureReader {
  var reader: CaseReader
  let now: Timestamp

  /// One line of a fixture: `{ path: "alice/r{1..3}", age: "30d..28d", … }` makes three.
  mutating func entities(_ node: YAMLNode, _ kind: EntityKind) -> [Entity] {
    guard let pairs = node.pairs else {
      reader.report(
        "P0451", "a fixture is a block of keys", at: node.span, help: "write `{ path: alice/exp1, state: finished }`")
      return []
    }
    guard let pattern = pairs["path"]?.value.text else {
      reader.report("P0452", "a fixture needs a path", at: node.span, help: "add `path: alice/exp1`")
      return []
    }
    if let mistake = FixtureText.mistake(pattern) {
      reader.report(
        "P0451", "`path` cannot be `\(pattern)`: \(mistake)", at: pairs["path"]?.value.span ?? node.span,
        help: "write `r{1..3}` or `{alice,bob}/r1`")
      return []
    }
    let paths = FixtureText.expand(pattern)
    var facts = paths.map { _ in [String: FactValue]() }
    var unreadable: [String] = []
    var backups: [BackupRecord] = []
    var tier = Tier.live
    for (name, pair) in pairs.all where name != "path" {
      switch name {
      case "age":
        guard let ages = values(.duration, pair, paths.count, name) else { continue }
        for (index, age) in ages.enumerated() {
          guard case .integer(let span) = age else { continue }
          for stamp in kind == .run ? ["finished_at", "modified_at"] : ["modified_at"] {
            facts[index][stamp] = .integer(now.nanoseconds - span)
          }
        }
      case "tier":
        guard let text = pair.value.text, let read = Tier(rawValue: text) else {
          reader.report("P0451", "`tier` is `live` or `archived`", at: pair.value.span, help: "write `tier: archived`")
          continue
        }
        tier = read
      case "backed_up_to":
        for target in pair.value.words { backups.append(BackupRecord(target: target, at: now, treeDigest: nil)) }
      default:
        if pair.value.text == "unreadable" {
          unreadable.append(name)
          continue
        }
        if pair.value.text == "missing" { continue }
        guard let type = reader.schema.definition(of: FactReference(name), on: kind)?.type, isStored(name) else {
          unknown(name, kind, pair.key.span)
          continue
        }
        guard let read = values(type, pair, paths.count, name) else { continue }
        for (index, value) in read.enumerated() { facts[index][name] = value }
      }
    }
    return paths.enumerated().map { index, path in
      Entity(
        kind: kind, path: ByteString(path), tier: tier, facts: FactRow(facts[index], unreadable: unreadable),
        backups: backups)
    }
  }

  private func isStored(_ name: String) -> Bool { !["name", "path", "host", "root", "layout"].contains(name) }

  private mutating func unknown(_ name: String, _ kind: EntityKind, _ span: SourceSpan) {
    let names = reader.schema.facts(of: kind).map(\.name).filter(isStored) + ["age", "path", "tier", "backed_up_to"]
    let near = Spelling.nearest(name, among: names)
    reader.report(
      "P0454", "`\(name)` is no fact of \(kind.plural)", at: span,
      help: near.map { "did you mean `\($0)`?" } ?? "declare it under `facts` in the policy, or leave it out")
  }

  // MARK: - Values

  /// One value for each path: all the same, or the steps of a range.
  private mutating func values(
    _ type: FactType, _ pair: CaseBlock.Pair, _ count: Int, _ name: String
  ) -> [FactValue]? {
    if type == .stringSet {
      return Array(repeating: .set(pair.value.words.map { ByteString($0) }.sorted()), count: count)
    }
    guard let scalar = pair.value.scalar else {
      reader.report(
        "P0451", "`\(name)` takes a single value", at: pair.value.span, help: "write one value, or a range `a..b`")
      return nil
    }
    let text = String(decoding: scalar.bytes, as: UTF8.self)
    if let (first, last) = FixtureText.ends(text), type != .string {
      guard let low = value(type, first, pair.value, name), let high = value(type, last, pair.value, name) else {
        return nil
      }
      switch (low, high) {
      case (.integer(let a), .integer(let b)):
        return (0..<count).map { .integer(FixtureText.step(a, b, $0, count)) }
      case (.number(let a), .number(let b)):
        return (0..<count).map { .number(Self.step(a, b, $0, count)) }
      default: break
      }
    }
    return value(type, text, pair.value, name).map { Array(repeating: $0, count: count) }
  }

  private mutating func value(_ type: FactType, _ text: String, _ node: YAMLNode, _ name: String) -> FactValue? {
    func wrong(_ example: String) -> FactValue? {
      reader.report("P0451", "`\(name)` cannot be `\(text)`", at: node.span, help: "write \(example)")
      return nil
    }
    let bytes = Array(text.utf8)
    let scalar = ScalarText(
      bytes: bytes, offsets: Array(repeating: node.span.range.lowerBound, count: bytes.count + 1), file: 0,
      style: .plain)
    var ignored: [Diagnostic] = []
    switch type {
    case .bool: return text == "true" ? .bool(true) : text == "false" ? .bool(false) : wrong("`true` or `false`")
    case .int:
      return Int64(text).flatMap { $0 < 0 ? nil : .integer($0) } ?? wrong("a whole number that is not negative")
    case .bytes:
      if text == "0" { return .integer(0) }
      return LiteralParser.size(scalar, params: [:], &ignored).map { .integer($0.0) } ?? wrong("a size such as `10GiB`")
    case .duration:
      return LiteralParser.duration(scalar, params: [:], &ignored).map { .integer($0.0.nanoseconds) }
        ?? wrong("a duration such as `30d`")
    case .number, .ratio:
      guard let number = ExactDecimal(text) else { return wrong("a number such as `0.8`") }
      // What no file holds would try the policy on nothing that can happen.
      if type == .ratio, number < .zero || number > ExactDecimal(1) { return wrong("a ratio from 0 to 1") }
      return .number(text)
    case .time:
      return Timestamp(text).map { .integer($0.nanoseconds) }
        ?? wrong("a time such as `2027-01-10` or `2027-01-10T08:00:00Z`")
    case .string: return .text(ByteString(text))
    case .enumeration(let members):
      return members.contains(text) ? .text(ByteString(text)) : wrong("one of \(CaseReader.listed(members))")
    case .stringSet: return nil
    }
  }

  private static func step(_ first: String, _ last: String, _ index: Int, _ count: Int) -> String {
    guard index > 0 else { return first }
    if index == count - 1 { return last }
    // A millionth of the whole is finer than any metric file.
    guard let a = ExactDecimal(first), let b = ExactDecimal(last), let low = a.scaled(1_000_000),
      let high = b.scaled(1_000_000)
    else { return first }
    return ExactDecimal("\(FixtureText.step(low, high, index, count))e-6")?.description ?? first
  }

  // MARK: - Volumes and trash

  mutating func volumes(_ node: YAMLNode) -> [Volume] {
    reader.items(node, "`volumes`").compactMap { item -> Volume? in
      guard let block = reader.block(item, "a volume", ["path", "size", "used"]) else { return nil }
      guard let path = block["path"]?.value.text, let whole = size(block, "size"), let used = size(block, "used") else {
        reader.report(
          "P0452", "a volume needs `path`, `size` and `used`", at: item.span,
          help: "write `{ path: /data, size: 1TB, used: 900GB }`")
        return nil
      }
      return Volume(path: ByteString(path), size: whole, used: used)
    }
  }

  private mutating func size(_ block: CaseBlock, _ key: String) -> Int64? {
    guard let pair = block[key], let text = pair.value.text,
      case .integer(let count)? = value(.bytes, text, pair.value, key)
    else { return nil }
    return count
  }

  private static let recordKeys = ["path", "age", "bytes", "purge_after", "kind", "runs", "checkpoints"]

  mutating func trash(_ node: YAMLNode) -> [TrashRecord] {
    reader.items(node, "`trash`").enumerated().compactMap { index, item -> TrashRecord? in
      guard let block = reader.block(item, "a trash record", Self.recordKeys) else { return nil }
      guard let path = block["path"]?.value.text, let age = span(block, "age") else {
        reader.report(
          "P0452", "a trash record needs `path` and `age`", at: item.span,
          help: "write `{ path: alice/exp1, age: 13h }`")
        return nil
      }
      var contents: [Entity] = []
      for (kind, key) in [(EntityKind.run, "runs"), (.checkpoint, "checkpoints")] {
        guard let list = block[key]?.value else { continue }
        for entry in reader.items(list, "`\(key)`") { contents += entities(entry, kind) }
      }
      return TrashRecord(
        path: ByteString(path), kind: EntityKind(rawValue: block["kind"]?.value.text ?? "run") ?? .run,
        record: "record-\(index)", bytes: size(block, "bytes") ?? 0,
        trashedAt: Timestamp(nanoseconds: now.nanoseconds - age.nanoseconds), purgeAfter: span(block, "purge_after"),
        contents: contents)
    }
  }

  private mutating func span(_ block: CaseBlock, _ key: String) -> TimeSpan? {
    guard let pair = block[key], let text = pair.value.text,
      case .integer(let span)? = value(.duration, text, pair.value, key)
    else { return nil }
    return TimeSpan(nanoseconds: span)
  }
}
