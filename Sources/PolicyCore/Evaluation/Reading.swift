/// A fact as the evaluator sees it: its stored value checked against its type, its default filled in.
enum Reading: Hashable {
  case known(Constant)
  case set([ByteString])
  case missing
  case unreadable

  /// `now − stamp`, where this is a stamp.
  func age(_ now: Timestamp) -> Reading {
    switch self {
    // One after `now` has already been found unreadable.
    case .known(.time(let stamp)): now.since(stamp).map { .known(.duration($0)) } ?? .unreadable
    case .missing: .missing
    case .known, .set, .unreadable: .unreadable
    }
  }
}

extension Constant {
  /// Order within one type; `nil` for constants of different types, and for texts, which have no order in conditions.
  static func ordered(_ left: Constant, _ right: Constant) -> Bool? {
    switch (left, right) {
    case (.number(let a), .number(let b)): a < b
    case (.bytes(let a), .bytes(let b)): a < b
    case (.duration(let a), .duration(let b)): a < b
    case (.time(let a), .time(let b)): a < b
    default: nil
    }
  }

  /// A total order for ranking and eviction keys, where every key has the same type.
  static func ranks(_ left: Constant, before right: Constant) -> Bool {
    switch (left, right) {
    case (.text(let a), .text(let b)): a < b
    case (.bool(let a), .bool(let b)): !a && b
    default: ordered(left, right) ?? false
    }
  }

  /// Whether more and less mean something.
  var isOrdered: Bool {
    switch self {
    case .number, .bytes, .duration, .time: true
    case .bool, .text: false
    }
  }

  /// Whether both are of one type, so that comparing them means something.
  func isComparable(to other: Constant) -> Bool {
    switch (self, other) {
    case (.bool, .bool), (.number, .number), (.bytes, .bytes), (.duration, .duration), (.time, .time), (.text, .text):
      true
    default: false
    }
  }
}

extension Comparison {
  /// Whether `value ⋈ constant`; `nil` for constants that cannot be compared so.
  public func holds(_ value: Constant, _ constant: Constant) -> Bool? {
    guard value.isComparable(to: constant) else { return nil }
    switch self {
    case .equal: return value == constant
    case .notEqual: return value != constant
    case .less: return Constant.ordered(value, constant)
    case .greater: return Constant.ordered(constant, value)
    case .lessOrEqual: return Constant.ordered(constant, value).map { !$0 }
    case .greaterOrEqual: return Constant.ordered(value, constant).map { !$0 }
    }
  }
}
