/// How far its training was when a checkpoint was written: what tells two apart that have one stamp, as a copy that
/// keeps no times leaves them.
struct Progress {
  /// What is counted; only counts of one sort can be compared.
  enum Measure { case epoch, step, number }

  /// Each `nil` where it is missing or unreadable.
  let epoch: ExactDecimal?
  let step: ExactDecimal?
  let number: ExactDecimal?
  /// Whether one of them is there and cannot be believed.
  let isUnreadable: Bool

  /// `nil` where there is nothing, as of every run.
  var measure: Measure? { epoch != nil ? .epoch : step != nil ? .step : number != nil ? .number : nil }

  /// By epoch, then step, then the number in the name; what is not known sorts last. `nil` where they are equal.
  static func precedes(_ left: Progress, _ right: Progress, isLaterFirst: Bool) -> Bool? {
    for (a, b) in [(left.epoch, right.epoch), (left.step, right.step), (left.number, right.number)] where a != b {
      guard let a else { return false }
      guard let b else { return true }
      return isLaterFirst ? b < a : a < b
    }
    return nil
  }
}

/// Reads the progress of entities of one kind.
struct ProgressReader {
  private let facts: FactReader
  private let epoch, step, number: BoundFact
  private let kind: EntityKind

  init(_ kind: EntityKind, _ facts: FactReader) {
    self.facts = facts
    self.kind = kind
    epoch = facts.bind(FactReference("epoch"), on: kind)
    step = facts.bind(FactReference("step"), on: kind)
    number = facts.bind(FactReference("number"), on: kind)
  }

  func read(_ entity: Int) -> Progress {
    guard kind == .checkpoint else { return Progress(epoch: nil, step: nil, number: nil, isUnreadable: false) }
    let readings = [epoch, step, number].map { facts.read($0, of: entity) }
    let counts = readings.map { reading -> ExactDecimal? in
      if case .known(.number(let count)) = reading { count } else { nil }
    }
    return Progress(
      epoch: counts[0], step: counts[1], number: counts[2], isUnreadable: readings.contains(.unreadable))
  }

  /// By member, how many of the others are before it, where neither key nor stamp tells any two apart. Those whose
  /// progress is counted in other ways are neither before nor behind one another, nor is one that cannot be read: not
  /// knowing keeps.
  ///
  /// - Parameter members: in (host, root, path) order, which decides where nothing else does.
  func ahead(_ members: [Int], isLaterFirst: Bool) -> [Int] {
    guard kind == .checkpoint, members.count > 1 else { return Array(members.indices) }
    let progress = members.map { read($0) }
    var ahead = [Int](repeating: 0, count: members.count)
    for measure in [Progress.Measure.epoch, .step, .number, nil] {
      let alike = members.indices.filter { progress[$0].measure == measure && !progress[$0].isUnreadable }
        .sorted { Progress.precedes(progress[$0], progress[$1], isLaterFirst: isLaterFirst) ?? ($0 < $1) }
      for (place, member) in alike.enumerated() { ahead[member] = place }
    }
    return ahead
  }
}
