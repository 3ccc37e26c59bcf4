/// A text of at most sixteen bytes, in two registers.
struct ShortText: Equatable {
  private var (low, high): (UInt64, UInt64) = (0, 0)
  private let count: Int

  /// One that lies with its count before it; `nil` where it is longer.
  init?(_ bytes: borrowing Span<UInt8>, at start: Int) {
    count = Int(bytes[start])
    guard count <= 16 else { return nil }
    for index in 0..<min(8, count) { low |= UInt64(bytes[start + 1 + index]) << UInt64(8 * index) }
    for index in 8..<max(8, count) { high |= UInt64(bytes[start + 1 + index]) << UInt64(8 * (index - 8)) }
  }
}

/// The words that the rows of each column hold, with what stands for them: of those met first, which are nearly all.
struct ShortTexts {
  private static let most = 12
  private var texts: [ShortText?]
  private var values: [Int64]

  init(columns: Int) {
    texts = [ShortText?](repeating: nil, count: columns * Self.most)
    values = [Int64](repeating: 0, count: columns * Self.most)
  }

  @inline(__always)
  func value(of text: ShortText, _ column: Int) -> Int64? {
    for place in column * Self.most..<(column + 1) * Self.most {
      guard let known = texts[place] else { return nil }
      if known == text { return values[place] }
    }
    return nil
  }

  mutating func remember(_ text: ShortText, _ column: Int, _ value: Int64) {
    for place in column * Self.most..<(column + 1) * Self.most where texts[place] == nil {
      (texts[place], values[place]) = (text, value)
      return
    }
  }
}
