internal import PolicyCore

/// A selector as a question of its own: "is it chosen?".
struct Selection: Hashable {
  let subject: Subject
  let condition: Condition
  /// As a set: the order of `per` means nothing.
  let per: Set<GroupKey>
  let selector: Selector
  /// Plain `age` may mean different stamps in two policies; ties are broken by it.
  let stamp: FactReference
}

/// All that the policies at hand can ask about one run and one checkpoint in it, cut into regions.
struct Universe {
  let variables: [Variable]
  let selections: [Selection]
  private let places: [Variable.Meaning: Int]
  let schema: FactSchema

  /// - Parameter mostElements: see `Domain.regions`.
  init(_ policies: [Policy], mostElements: Int? = nil) throws(BudgetSpent) {
    var collector = DomainCollector(schema: policies.first?.schema ?? FactSchema())
    for policy in policies { collector.collect(policy) }
    // First, because it says so much of the others.
    var variables = [Variable(meaning: .loose, regions: [.flag(false), .flag(true)])]
    for subject in Subject.allCases {
      variables.append(Variable(meaning: .tier(subject), regions: [.flag(false), .flag(true)]))
      variables.append(Variable(meaning: .backedUp(subject), regions: [.flag(false), .flag(true)]))
    }
    for key in collector.domains.keys.sorted() {
      guard let domain = collector.domains[key] else { continue }
      let (regions, texts) = try domain.regions(key.name, mostElements: mostElements)
      variables.append(Variable(meaning: .fact(key), regions: regions, texts: texts))
    }
    for index in collector.selections.indices {
      variables.append(Variable(meaning: .selected(index), regions: [.flag(false), .flag(true)]))
    }
    self.variables = variables
    selections = collector.selections
    schema = collector.schema
    places = Dictionary(
      variables.enumerated().map { ($0.element.meaning, $0.offset) }, uniquingKeysWith: { first, _ in first })
  }

  func variable(_ meaning: Variable.Meaning) -> Int? { places[meaning] }
  func variable(_ key: FactKey) -> Int? { places[.fact(key)] }

  func place(of selection: Selection) -> Int? {
    selections.firstIndex(of: selection).flatMap { variable(.selected($0)) }
  }
}

/// Gathers what policies ask of each fact.
private struct DomainCollector {
  let schema: FactSchema
  var domains: [FactKey: Domain] = [:]
  var selections: [Selection] = []

  init(schema: FactSchema) { self.schema = schema }

  private mutating func touch(_ key: FactKey, _ change: (inout Domain) -> Void = { _ in }) {
    if domains[key] == nil {
      let definition = schema.definition(of: FactReference(key.name), on: key.subject.kind)
      // A name that the schema does not know reads as unreadable.
      domains[key] = Domain(type: definition?.type ?? .bool, isOptional: definition?.isOptional ?? true)
    }
    if var domain = domains[key] {
      change(&domain)
      domains[key] = domain
    }
  }

  mutating func collect(_ policy: Policy) {
    for rule in policy.rules {
      collect(rule.condition, rule.kind)
      if let after = rule.after { cutAge(policy.defaultStamp(rule.kind), rule.kind, after) }
      for case .fact(let reference) in rule.per { touch(FactKey(reference, on: rule.kind)) }
      switch rule.selector {
      case .ranked(let ranking)?: touch(FactKey(ranking.key, on: rule.kind))
      case .every(_, let by)?: touch(FactKey(by, on: rule.kind))
      case nil: break
      }
      if let selection = Selection(rule, policy), !selections.contains(selection) { selections.append(selection) }
    }
    for quota in policy.quotas {
      collect(quota.evict.condition, quota.kind)
      for case .fact(let operand, _, _) in quota.evict.order { touch(FactKey(operand.fact, on: quota.kind)) }
    }
    for pressure in policy.pressures {
      for step in pressure.relieve {
        switch step {
        case .purge: break
        case .archive(let eviction, let minimumAge):
          collect(eviction.condition, .run)
          if let minimumAge { cutAge(policy.defaultStamp(.run), .run, minimumAge) }
        case .trash(let kind, let eviction, let minimumAge):
          collect(eviction.condition, kind)
          if let minimumAge { cutAge(policy.defaultStamp(kind), kind, minimumAge) }
        }
      }
    }
    for property in policy.properties { collect(property.condition, property.kind) }
  }

  private mutating func cutAge(_ stamp: FactReference, _ kind: EntityKind, _ span: TimeSpan) {
    touch(FactKey(stamp, on: kind)) { $0.cut(at: .duration(span), isAge: true) }
  }

  private mutating func collect(_ condition: Condition, _ kind: EntityKind) {
    switch condition {
    case .always: break
    case .all(let parts), .any(let parts): for part in parts { collect(part, kind) }
    case .not(let part): collect(part, kind)
    case .compare(let operand, _, let constant):
      touch(FactKey(operand.fact, on: kind)) { $0.cut(at: constant, isAge: operand.isAge) }
    case .member(let operand, let constants):
      touch(FactKey(operand.fact, on: kind)) { domain in
        for constant in constants { domain.cut(at: constant, isAge: operand.isAge) }
      }
    case .matches(let operand, let glob): touch(FactKey(operand.fact, on: kind)) { $0.cut(by: glob) }
    case .has(let operand, let element): touch(FactKey(operand.fact, on: kind)) { $0.cut(byElement: element) }
    case .isMissing(let fact): touch(FactKey(fact, on: kind))
    case .flag(let operand): touch(FactKey(operand.fact, on: kind))
    }
  }
}

extension Selection {
  init?(_ rule: Rule, _ policy: Policy) {
    guard let selector = rule.selector else { return nil }
    self.init(
      subject: Subject(rule.kind), condition: rule.condition, per: Set(rule.per), selector: selector,
      stamp: policy.defaultStamp(rule.kind))
  }
}
