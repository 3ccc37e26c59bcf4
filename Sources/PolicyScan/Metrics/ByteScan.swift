internal import Glibc

/// Searches through long stretches of bytes: metric files are most of what a scan reads.
enum ByteScan {
  /// The first line feed of a range.
  static func newline(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    unsafe bytes.withUnsafeBytes { buffer -> Int? in
      guard let base = buffer.baseAddress, !range.isEmpty else { return nil }
      guard let found = unsafe memchr(base + range.lowerBound, 10, range.count) else { return nil }
      return unsafe UnsafeRawPointer(found) - base
    }
  }

  /// How many cells a line of a table has; 0 where it holds a NUL, which no row does.
  static func cellCount(_ bytes: [UInt8], _ line: Range<Int>) -> Int {
    unsafe bytes.withUnsafeBytes { buffer -> Int in
      let (comma, nul, one) = (SIMD16<UInt8>(repeating: 44), SIMD16<UInt8>.zero, SIMD16<UInt8>(repeating: 1))
      var (commas, index, holdsNUL) = (1, line.lowerBound, false)
      while index + 16 <= line.upperBound {
        // A lane counts to 255 at the most.
        let end = min(line.upperBound - 15, index + 255 * 16)
        var (counts, nuls) = (nul, nul)
        while index < end {
          let block = unsafe buffer.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
          counts &+= nul.replacing(with: one, where: block .== comma)
          nuls.replace(with: one, where: block .== nul)
          index += 16
        }
        commas += counts.indices.reduce(0) { $0 + Int(counts[$1]) }
        if nuls != nul { holdsNUL = true }
      }
      while index < line.upperBound {
        let byte = unsafe buffer[index]
        if byte == UInt8(ascii: ",") { commas += 1 }
        if byte == 0 { holdsNUL = true }
        index += 1
      }
      return holdsNUL ? 0 : commas
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
  static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, isBlank(bytes[start]) { start += 1 }
    while end > start, isBlank(bytes[end - 1]) { end -= 1 }
    return start..<end
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }
}
