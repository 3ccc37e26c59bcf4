internal import PolicyCore

/// The facts that a canonical line may hold, as one thread looks for them: side by side, and with no references to count.
struct CanonicalColumns {
  /// How a value is written; `other` where that is left to `FactReader`.
  enum Form {
    case flag, integer, natural, number, ratio, time, text, word, other
  }

  /// Of each column, in the order of their keys.
  private(set) var forms: [Form] = []
  /// Bits of the kinds that have it: 1 of checkpoints, 2 of runs.
  private(set) var kinds: [UInt8] = []
  /// Keys with their quotes and colons, and where each ends.
  private var keys: [UInt8] = []
  private var ends: [Int] = []
  /// The members of enumerations, and which of them are those of each column.
  private var words: [UInt8] = []
  private var wordEnds: [Int] = []
  private var members: [Range<Int>] = []
  /// The column that followed each one last time; the first is the one that a row began with.
  private var successors: [Int]

  /// - Parameter times: names of the facts that are written as times.
  init(_ table: FactTable, times: Set<String>) {
    for column in table.columns {
      forms.append(Self.form(column, isTime: times.contains(column.name)))
      kinds.append((column.kinds.contains(.checkpoint) ? 1 : 0) | (column.kinds.contains(.run) ? 2 : 0))
      keys += column.key
      ends.append(keys.count)
      let first = wordEnds.count
      for word in column.words {
        words += word.bytes
        wordEnds.append(words.count)
      }
      members.append(first..<wordEnds.count)
    }
    successors = Array(0..<(table.columns.count + 1))
  }

  private static func form(_ column: FactTable.Column, isTime: Bool) -> Form {
    // Keys beyond ASCII stand in another order than names.
    guard column.key.allSatisfy({ $0 < 0x80 }) else { return .other }
    switch column.type {
    case .bool: return .flag
    case .int: return isTime ? .other : .integer
    case .bytes, .duration: return isTime ? .other : .natural
    case .number: return .number
    case .ratio: return .ratio
    case .time: return isTime ? .time : .other
    case .string: return .text
    case .enumeration: return .word
    case .stringSet: return .other
    }
  }

  /// The column whose key stands here, behind that of another one, or of none at first.
  @inline(__always)
  mutating func column(
    _ cursor: inout CanonicalCursor, _ bytes: borrowing Span<UInt8>, after previous: Int?
  ) -> Int? {
    let place = previous.map { $0 + 1 } ?? 0
    let guess = successors[place]
    if guess < forms.count, cursor.take(keys, key(guess), bytes) { return guess }
    for column in place..<max(place, forms.count) where cursor.take(keys, key(column), bytes) {
      successors[place] = column
      return column
    }
    return nil
  }

  @inline(__always)
  private func key(_ column: Int) -> Range<Int> { (column == 0 ? 0 : ends[column - 1])..<ends[column] }

  /// Whether a text is a member of a column's enumeration.
  func isWord(_ text: Range<Int>, _ bytes: borrowing Span<UInt8>, of column: Int) -> Bool {
    members[column].contains { member in
      let start = member == 0 ? 0 : wordEnds[member - 1]
      guard wordEnds[member] - start == text.count else { return false }
      for offset in 0..<text.count where words[start + offset] != bytes[text.lowerBound + offset] { return false }
      return true
    }
  }
}
