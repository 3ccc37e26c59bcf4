/// The left side of a test, bound to its fact. A class, because it is passed about for every entity.
final class BoundOperand {
  let fact: BoundFact
  let isAge: Bool
  let fallback: Constant?
  /// As people write it: `age`, `age(restored_at)`, `run.mAP50`.
  let spelled: String

  init(fact: BoundFact, isAge: Bool, fallback: Constant? = nil, spelled: String) {
    self.fact = fact
    self.isAge = isAge
    self.fallback = fallback
    self.spelled = spelled
  }

  func read(_ entity: Int, _ facts: FactReader) -> Reading { resolve(facts.read(fact, of: entity), now: facts.now) }

  /// What a reading of its fact means here.
  func resolve(_ reading: Reading, now: Timestamp) -> Reading {
    let reading = isAge ? reading.age(now) : reading
    // `??` resolves missing only: an unreadable source must never be defaulted into a decision.
    if case .missing = reading, let fallback { return .known(fallback) }
    return reading
  }
}

/// A condition with its facts bound, ready to be asked about many entities.
indirect enum BoundCondition {
  case always
  case all([BoundCondition])
  case any([BoundCondition])
  case not(BoundCondition)
  case test(BoundOperand, BoundTest)

  init(_ condition: Condition, on kind: EntityKind, _ facts: FactReader, defaultStamp: FactReference) {
    func bind(_ operand: Operand) -> BoundOperand {
      let name = operand.fact.spelled
      let spelled = operand.isAge ? (operand.fact == defaultStamp ? "age" : "age(\(name))") : name
      return BoundOperand(
        fact: facts.bind(operand.fact, on: kind), isAge: operand.isAge, fallback: operand.fallback, spelled: spelled)
    }
    func bind(_ list: [Condition]) -> [BoundCondition] {
      list.map { BoundCondition($0, on: kind, facts, defaultStamp: defaultStamp) }
    }
    self =
      switch condition {
      case .always: .always
      case .all(let list): .all(bind(list))
      case .any(let list): .any(bind(list))
      case .not(let inner): .not(BoundCondition(inner, on: kind, facts, defaultStamp: defaultStamp))
      case .compare(let operand, let comparison, let constant): .test(bind(operand), .compare(comparison, constant))
      case .member(let operand, let constants): .test(bind(operand), .member(constants))
      case .matches(let operand, let glob): .test(bind(operand), .matches(glob))
      case .has(let operand, let element): .test(bind(operand), .has(element))
      case .isMissing(let fact): .test(bind(Operand(fact)), .isMissing)
      case .flag(let operand): .test(bind(operand), .flag)
      }
  }

  func truth(of entity: Int, _ facts: FactReader) -> Truth {
    switch self {
    case .always: return .yes
    case .all(let list):
      var result = Truth.yes
      for part in list {
        result = min(result, part.truth(of: entity, facts))
        if result == .no { break }
      }
      return result
    case .any(let list):
      var result = Truth.no
      for part in list {
        result = max(result, part.truth(of: entity, facts))
        if result == .yes { break }
      }
      return result
    case .not(let inner): return !inner.truth(of: entity, facts)
    case .test(let operand, let test): return test.truth(operand.read(entity, facts))
    }
  }

  /// Every operand, in the order written.
  var operands: [BoundOperand] {
    switch self {
    case .always: []
    case .all(let list), .any(let list): list.flatMap(\.operands)
    case .not(let inner): inner.operands
    case .test(let operand, _): [operand]
    }
  }

  /// What the condition read of an entity, each fact once, in words.
  func readings(of entity: Int, _ facts: FactReader) -> [FactReading] { operands.once.readings(of: entity, facts) }
}

extension [BoundOperand] {
  /// Without those that speak of the same fact as one before them.
  var once: [BoundOperand] {
    var once: [BoundOperand] = []
    for operand in self where !once.contains(where: { $0.spelled == operand.spelled }) { once.append(operand) }
    return once
  }

  /// What each reads of an entity, in words.
  func readings(of entity: Int, _ facts: FactReader) -> [FactReading] {
    map { FactReading(fact: $0.spelled, value: $0.words(entity, facts)) }
  }
}

extension BoundOperand {
  /// The value as people write it; a metric keeps its source text.
  func words(_ entity: Int, _ facts: FactReader) -> String {
    let reading = facts.read(fact, of: entity)
    switch isAge ? reading.age(facts.now) : reading {
    case .missing: return "missing"
    case .unreadable: return "unreadable"
    case .set(let members): return members.map(\.displayText).joined(separator: ",")
    case .known(let constant):
      if !isAge, let text = sourceText(entity, facts) { return text }
      return constant.words
    }
  }

  private func sourceText(_ entity: Int, _ facts: FactReader) -> String? {
    let subject = fact.reference.scope == .run ? facts.parents[entity] ?? entity : entity
    guard case .number(let text)? = fact.stored(in: facts.entities[subject]) else { return nil }
    return text
  }
}

extension Constant {
  /// Canonical spelling; bytes as a bare integer, which the report turns into KiB and MiB.
  var words: String {
    switch self {
    case .bool(let flag): flag ? "true" : "false"
    case .number(let number): number.description
    case .bytes(let count): String(count)
    case .duration(let span): span.approximate
    case .time(let stamp): stamp.rfc3339
    case .text(let text): text.displayText
    }
  }
}

extension TimeSpan {
  /// The two largest units: `30d5h`.
  public var approximate: String {
    var (rest, parts, text) = (nanoseconds.magnitude, 0, "")
    for unit in Self.units.dropFirst() {
      let size = unit.nanoseconds.magnitude
      let count = rest / size
      if count > 0 { text += "\(count)\(unit.suffix)" }
      if count > 0 || parts > 0 { parts += 1 }
      rest %= size
      if parts == 2 { break }
    }
    return text.isEmpty ? "0s" : text
  }
}
