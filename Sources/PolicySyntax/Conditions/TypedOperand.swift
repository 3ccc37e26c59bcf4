internal import PolicyCore

/// The left side of a test with what is known of its fact.
struct TypedOperand {
  /// `nil` when the fact is unknown, which has been reported.
  var operand: Operand?
  /// Of the operand: a duration for `age(…)`. `nil` when the fact is unknown.
  var type: FactType?
  var isOptional: Bool
  var definition: FactDefinition?
  /// As the user wrote it, the fallback left out.
  var spelled: String
  var range: Range<Int>

  /// A comparison that would be right, for hints.
  var example: String {
    switch type {
    case .bool, .none: spelled
    case .int: "\(spelled) > 3"
    case .number: "\(spelled) > 0.5"
    case .ratio: "\(spelled) > 0.8"
    case .bytes: "\(spelled) > 10GiB"
    case .duration: "\(spelled) > 24h"
    case .time: "age(\(spelled)) > 24h"
    case .string: "\(spelled) == \"…\""
    case .enumeration(let members): "\(spelled) == \(Self.plain(members).first ?? "…")"
    case .stringSet: "\(spelled) has \"…\""
    }
  }

  /// What a rule may well be about: what runs is protected whatever a rule says.
  private static func plain(_ members: [String]) -> [String] { members.filter { $0 != "running" } }

  /// A list after `in` that would be right.
  var listExample: String {
    switch type {
    case .enumeration(let members): "[\(Self.plain(members).prefix(2).joined(separator: ", "))]"
    case .int: "[1, 2]"
    case .bytes: "[1GiB, 2GiB]"
    case .number, .ratio: "[0.5, 0.8]"
    default: "[\"…\", \"…\"]"
    }
  }
}

extension FactType {
  var holdsText: Bool {
    switch self {
    case .string, .enumeration, .stringSet: true
    default: false
    }
  }

  /// With its article: "a size".
  var article: String {
    switch self {
    case .bool: "true or false"
    case .int: "a whole number"
    case .number: "a number"
    case .ratio: "a ratio"
    case .bytes: "a size"
    case .duration: "a duration"
    case .time: "a date"
    case .string: "text"
    case .enumeration: "one of a few words"
    case .stringSet: "a set of words"
    }
  }

  /// How a constant of this type is written.
  var spelling: String {
    switch self {
    case .bool: "write `true` or `false`"
    case .int: "write a number such as `3`"
    case .number: "write a number such as `0.5`"
    case .ratio: "write a number such as `0.8` or `80%`"
    case .bytes: "write a size such as `10GB` or `10GiB`"
    case .duration: "write a duration such as `24h` or `7d`"
    case .time: "write a date such as `2026-01-31`"
    case .string: "write text in quotes"
    case .enumeration(let members): "write one of \(members.map { "`\($0)`" }.joined(separator: ", "))"
    case .stringSet: "write `has` and one word"
    }
  }
}
