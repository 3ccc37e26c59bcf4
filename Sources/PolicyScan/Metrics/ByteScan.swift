internal import Glibc

/// Searches through long stretches of bytes: metric files are most of what a scan reads.
enum ByteScan {
  /// The first line feed from a place on.
  static func newline(_ bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
    let (first, offset) = (bytes.startIndex, start - bytes.startIndex)
    return unsafe bytes.withUnsafeBytes { buffer -> Int? in
      guard let base = buffer.baseAddress, offset < buffer.count else { return nil }
      guard let found = unsafe memchr(base + offset, 10, buffer.count - offset) else { return nil }
      return unsafe UnsafeRawPointer(found) - base + first
    }
  }

  /// Whether two ranges hold the same.
  static func areEqual(_ bytes: [UInt8], _ left: Range<Int>, _ right: Range<Int>) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe bytes.withUnsafeBytes { buffer -> Bool in
      guard let base = buffer.baseAddress else { return true }
      return unsafe memcmp(base + left.lowerBound, base + right.lowerBound, left.count) == 0
    }
  }

  /// A range without blanks, tabs and carriage returns at both ends.
  static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> { trimmed(bytes.span, range) }

  static func trimmed(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, isBlank(bytes[start]) { start += 1 }
    while end > start, isBlank(bytes[end - 1]) { end -= 1 }
    return start..<end
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }
}
