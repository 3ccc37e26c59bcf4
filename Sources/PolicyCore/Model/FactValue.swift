/// The type of a fact or a constant, as the schema declares it.
public enum FactType: Hashable, Sendable {
  case bool
  case int
  case number
  /// A number from 0 to 1.
  case ratio
  /// A size in bytes, ≥ 0.
  case bytes
  case duration
  case time
  case string
  /// One of the listed words.
  case enumeration([String])
  case stringSet

  /// Int, Number and Ratio compare with each other; every other type only with itself.
  public var isNumeric: Bool {
    switch self {
    case .int, .number, .ratio: true
    case .bool, .bytes, .duration, .time, .string, .enumeration, .stringSet: false
    }
  }
}

/// A known value, as snapshots hold it. What it means follows from the fact's `FactType`.
public enum FactValue: Hashable, Sendable {
  case bool(Bool)
  /// Int; bytes; a duration or a time in nanoseconds.
  case integer(Int64)
  /// Number or ratio: the source text, trimmed, because metric values travel as they were written.
  case number(String)
  /// String or enumeration member.
  case text(ByteString)
  /// Sorted by bytes, without duplicates.
  case set([ByteString])
}

/// What is known of one fact of one entity.
public enum Fact: Hashable, Sendable {
  case value(FactValue)
  /// The source was read and holds no such value.
  case missing
  /// The source is there and cannot be believed: never replaced by a default, never decides a destruction.
  case unreadable
}

/// Which way a metric is better.
public enum Direction: String, Hashable, Sendable, CaseIterable {
  case higher, lower
}
