import PolicyCore
import PolicySyntax

/// Well-typed conditions of every form that the grammar has, from a seed.
struct ConditionGenerator {
  var numbers: SeededNumbers
  let context: EntityKind
  let facts: [(reference: FactReference, definition: FactDefinition)]

  init(seed: UInt64, kind: EntityKind) {
    numbers = SeededNumbers(seed: seed)
    context = kind
    let schema = ConditionFixture.context(kind).schema
    var facts = schema.facts(of: kind).map { (reference: FactReference($0.name), definition: $0) }
    if kind == .checkpoint {
      facts += schema.runs.map { (reference: FactReference($0.name, scope: .run), definition: $0) }
    }
    self.facts = facts
  }

  mutating func below(_ bound: Int) -> Int { Int(numbers.next() % UInt64(bound)) }

  mutating func condition(_ depth: Int = 3) -> Condition {
    switch depth == 0 ? 9 : below(10) {
    case 0, 1: return .all((0..<2 + below(3)).map { _ in condition(depth - 1) })
    case 2, 3: return .any((0..<2 + below(3)).map { _ in condition(depth - 1) })
    case 4: return .not(condition(depth - 1))
    default: return atom()
    }
  }

  mutating func atom() -> Condition {
    let (reference, definition) = facts[below(facts.count)]
    if definition.isOptional, below(6) == 0 { return .isMissing(reference) }
    var operand = Operand(reference)
    var type = definition.type
    if type == .time, below(2) == 0 {
      operand.isAge = true
      type = .duration
    }
    if type == .stringSet { return .has(operand, text()) }
    if definition.isOptional, below(3) == 0 { operand.fallback = constant(type) }
    switch type {
    case .bool:
      return below(2) == 0 ? .flag(operand) : .compare(operand, below(2) == 0 ? .equal : .notEqual, .bool(true))
    case .string where below(3) == 0: return .matches(operand, Glob(text()))
    case .string, .enumeration:
      if below(2) == 0 { return .member(operand, (0..<1 + below(4)).map { _ in constant(type) }) }
      return .compare(operand, below(2) == 0 ? .equal : .notEqual, constant(type))
    case .int, .number, .ratio, .bytes:
      if below(4) == 0 { return .member(operand, (0..<1 + below(4)).map { _ in constant(type) }) }
      fallthrough
    case .duration, .time, .stringSet:
      return .compare(operand, Comparison.allCases[below(Comparison.allCases.count)], constant(type))
    }
  }

  mutating func constant(_ type: FactType) -> Constant {
    switch type {
    case .bool: return .bool(below(2) == 0)
    case .int, .number: return .number(ExactDecimal("\(below(1000)).\(below(1000))e\(below(60) - 30)") ?? .zero)
    case .ratio: return .number(ExactDecimal("0.\(numbers.next())") ?? .zero)
    case .bytes: return .bytes(Int64(numbers.next() >> (1 + UInt64(below(63)))))
    case .duration: return .duration(.seconds(Int64(below(400_000_000))))
    case .time: return .time(Timestamp(nanoseconds: Int64(below(9_000_000_000)) * 1_000_000_000))
    case .string, .stringSet: return .text(text())
    case .enumeration(let members): return .text(ByteString(members[below(members.count)]))
    }
  }

  mutating func text() -> ByteString {
    let words = [
      "exp", "exp*", "a b", "", "in", "true", "null", "root", "user", "age", "24h", "-x", "it's", "\"", "\\", "a\\\"b",
      "jürgen", "名前", "[x]", "a,b", "first", "last", "$p", "#", "new\nline", "\u{200B}", "x-1", "best.pt",
    ]
    return ByteString(words[below(words.count)] + (below(3) == 0 ? words[below(words.count)] : ""))
  }

  mutating func orderKey() -> OrderKey {
    if below(2) == 0 { return .condition(condition(2), first: below(2) == 0) }
    while true {
      let (reference, definition) = facts[below(facts.count)]
      switch definition.type {
      case .bool, .enumeration, .stringSet: continue
      default: break
      }
      let isAge = definition.type == .time && below(2) == 0
      let missing: OrderKey.MissingPlace? = below(2) == 0 ? nil : below(2) == 0 ? .first : .last
      return .fact(Operand(reference, isAge: isAge), ascending: below(2) == 0, missing: missing)
    }
  }
}
