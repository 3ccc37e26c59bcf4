internal import PolicyCore

/// A snapshot, and how its facts are read. Everything is found by walking the whole list: slow, and easy to believe.
struct ReferenceWorld {
  let now: Int64
  let roots: [Root]
  let volumes: [Volume]
  let entities: [Entity]
  let fault: Fault?

  /// The schema of a policy without facts of its own, looked up once.
  private static let plain = Tables(FactSchema())

  private struct Tables: Sendable {
    let run: [String: FactDefinition]
    let checkpoint: [String: FactDefinition]
    init(_ schema: FactSchema) {
      run = Dictionary(schema.runs.map { ($0.name, $0) }) { first, _ in first }
      checkpoint = Dictionary(schema.checkpoints.map { ($0.name, $0) }) { first, _ in first }
    }
  }
  private let tables: Tables

  init(_ snapshot: Snapshot, entities: [Entity], policy: Policy, fault: Fault?) {
    now = snapshot.now.nanoseconds
    roots = snapshot.roots
    volumes = snapshot.volumes
    self.entities = entities
    self.fault = fault
    tables = policy.facts.isEmpty && policy.scan.layouts.isEmpty ? Self.plain : Tables(policy.schema)
  }

  // MARK: Shape

  /// The innermost run of the same root and tier above an entity.
  func run(of entity: Int) -> Int? {
    let it = entities[entity]
    var best: Int?
    for index in entities.indices where index != entity && entities[index].kind == .run {
      let other = entities[index]
      guard other.root == it.root, other.tier == it.tier, other.path != it.path, it.path.isAtOrBelow(other.path)
      else { continue }
      if best.map({ entities[$0].path.count < other.path.count }) ?? true { best = index }
    }
    return best
  }

  func ancestors(of entity: Int) -> [Int] {
    var found: [Int] = []
    var place = run(of: entity)
    while let here = place {
      found.append(here)
      place = run(of: here)
    }
    return found
  }

  // MARK: Facts

  func read(_ reference: FactReference, of entity: Int) -> ReferenceReading {
    guard reference.scope == .run else { return read(reference.name, of: entity) }
    guard entities[entity].kind == .checkpoint, let run = run(of: entity) else {
      return fault == .orphanRunFactsAreMissing ? .missing : .unreadable
    }
    return read(reference.name, of: run)
  }

  private func read(_ name: String, of index: Int) -> ReferenceReading {
    let entity = entities[index]
    switch name {
    case "name": return .known(.text(entity.path.lastComponent))
    case "path": return .known(.text(entity.path))
    case "host" where entity.kind == .run: return .known(.text(roots[entity.root].host))
    case "root" where entity.kind == .run: return .known(.text(roots[entity.root].path))
    case "layout" where entity.kind == .run: return .known(.text(ByteString(entity.layout)))
    default: break
    }
    guard let definition = (entity.kind == .run ? tables.run : tables.checkpoint)[name] else { return .unreadable }
    switch entity.facts.fact(name) {
    case .unreadable: return .unreadable
    case .value(let value): return believed(value, definition.type)
    case .missing:
      if definition.isOptional { return .missing }
      switch name {
      case "pinned", "referenced", "in_use", "resumable": return .known(.flag(false))
      case "tags": return .known(.words([]))
      case "state": return .known(.text("unknown"))
      case "role": return .known(.text("other"))
      case "user": return .known(.text(""))
      default: return .unreadable
      }
    }
  }

  private func believed(_ value: FactValue, _ type: FactType) -> ReferenceReading {
    switch (type, value) {
    case (.bool, .bool(let flag)): return .known(.flag(flag))
    case (.int, .integer(let number)): return .known(.amount(ExactDecimal(number)))
    case (.bytes, .integer(let number)): return number < 0 ? .unreadable : .known(.amount(ExactDecimal(number)))
    case (.duration, .integer(let number)): return .known(.nanoseconds(number))
    case (.time, .integer(let moment)):
      if moment > now { return fault == .futureStampIsAgeZero ? .known(.nanoseconds(now)) : .unreadable }
      return .known(.nanoseconds(moment))
    case (.number, .number(let text)), (.ratio, .number(let text)):
      guard let number = ExactDecimal(text) else { return .unreadable }
      if type == .ratio, number < .zero || ExactDecimal(1) < number, fault != .ratioOutOfRangeIsRead {
        return .unreadable
      }
      return .known(.amount(number))
    case (.string, .text(let text)): return .known(.text(text))
    case (.enumeration(let members), .text(let text)):
      return members.contains { ByteString($0) == text } ? .known(.text(text)) : .unreadable
    case (.stringSet, .set(let words)): return .known(.words(words))
    default: return .unreadable
    }
  }

  func read(_ operand: Operand, of entity: Int) -> ReferenceReading {
    var reading = read(operand.fact, of: entity)
    if operand.isAge, case .known(.nanoseconds(let moment)) = reading {
      let (age, overflow) = now.subtractingReportingOverflow(moment)
      reading = overflow ? .unreadable : .known(.nanoseconds(age))
    }
    if let fallback = operand.fallback {
      if reading == .missing { return .known(ReferenceValue(fallback)) }
      if fault == .fallbackReplacesUnreadable, reading == .unreadable { return .known(ReferenceValue(fallback)) }
    }
    return reading
  }
}
