/// Asks conditions about all rows at once, a test at a time: what a test says is worked out once for each place of a list and
/// once for below, equal and above a constant, so that a row costs a comparison or two and no memory.
struct ColumnConditions {
  private let facts: FactReader
  private let runs: FactColumns
  private let checkpoints: FactColumns

  /// - Parameter asked: conditions and the kind that each is about; the facts that they read are decoded here.
  init(_ facts: FactReader, asked: [(condition: BoundCondition, kind: EntityKind)]) {
    self.facts = facts
    func columns(of kind: EntityKind) -> FactColumns {
      var read: [BoundFact] = []
      for (condition, about) in asked {
        for operand in condition.operands where Self.subject(operand.fact, about) == kind {
          if operand.fact.source == .stored, !read.contains(where: { $0.reference.name == operand.fact.reference.name })
          {
            read.append(operand.fact)
          }
        }
      }
      return FactColumns(read, of: kind, facts)
    }
    runs = columns(of: .run)
    checkpoints = columns(of: .checkpoint)
  }

  private static func subject(_ fact: BoundFact, _ kind: EntityKind) -> EntityKind {
    fact.reference.scope == .run ? .run : kind
  }

  private func columns(_ kind: EntityKind) -> FactColumns { kind == .run ? runs : checkpoints }

  /// The truth of a condition for every entity of a kind, by row.
  func truths(_ condition: BoundCondition, _ kind: EntityKind) -> [Truth] {
    switch condition {
    case .always: [Truth](repeating: .yes, count: columns(kind).rows)
    case .all(let list): combined(list, kind, of: .yes) { $0 < $1 ? $0 : $1 }
    case .any(let list): combined(list, kind, of: .no) { $0 > $1 ? $0 : $1 }
    case .not(let inner): truths(inner, kind).map { !$0 }
    case .test(let operand, let test): truths(operand, test, kind)
    }
  }

  @inline(__always)
  private func combined(
    _ list: [BoundCondition], _ kind: EntityKind, of none: Truth, _ combine: (Truth, Truth) -> Truth
  ) -> [Truth] {
    guard let first = list.first else { return [Truth](repeating: none, count: columns(kind).rows) }
    var result = truths(first, kind)
    for part in list.dropFirst() {
      let other = truths(part, kind)
      for row in result.indices { result[row] = combine(result[row], other[row]) }
    }
    return result
  }

  private func truths(_ operand: BoundOperand, _ test: BoundTest, _ kind: EntityKind) -> [Truth] {
    let subject = Self.subject(operand.fact, kind)
    let columns = columns(subject)
    guard operand.fact.source == .stored, let column = columns.place(of: operand.fact) else {
      return facts.ranges(of: kind).joined().map { test.truth(operand.read($0, facts)) }
    }
    let own = truths(operand, test, columns, column)
    if subject == kind { return own }
    // Of checkpoints, what is true of their runs; one without a run cannot be asked about it.
    var ofRuns = [Truth](
      repeating: test.truth(operand.resolve(.unreadable, now: facts.now)), count: facts.entities.count + 1)
    var row = 0
    for run in columns.ranges.joined() {
      ofRuns[run] = own[row]
      row += 1
    }
    return facts.ranges(of: kind).joined().map { ofRuns[facts.parents[$0] ?? facts.entities.count] }
  }

  private func truths(_ operand: BoundOperand, _ test: BoundTest, _ columns: FactColumns, _ column: Int) -> [Truth] {
    let listed = columns.readings(column).map { test.truth(operand.resolve($0, now: facts.now)) }
    let bound = Threshold(test, of: operand, now: facts.now)
    let first = column * columns.rows
    var truths: [Truth] = []
    truths.reserveCapacity(columns.rows)
    for range in columns.ranges {
      for entity in range {
        let place = first + truths.count
        let value = columns.values[place]
        let truth: Truth? =
          switch columns.forms[place] {
          case .listed: listed[Int(value)]
          case .ordered: value < bound.value ? bound.below : value > bound.value ? bound.above : bound.equal
          case .single: nil
          }
        truths.append(truth ?? test.truth(operand.read(entity, facts)))
      }
    }
    return truths
  }
}
