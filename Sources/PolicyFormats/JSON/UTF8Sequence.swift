/// Well-formed UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
enum UTF8Sequence {
  /// Bytes of the well-formed sequence that begins at `index` and ends before `end`; 0 where none does.
  static func length(in bytes: [UInt8], at index: Int, before end: Int) -> Int {
    let lead = bytes[index]
    let count: Int
    // The second byte alone rules out overlong forms, surrogates and too large numbers.
    let second: ClosedRange<UInt8>
    switch lead {
    case 0x00...0x7F: return 1
    case 0xC2...0xDF: (count, second) = (2, 0x80...0xBF)
    case 0xE0: (count, second) = (3, 0xA0...0xBF)
    case 0xED: (count, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (count, second) = (3, 0x80...0xBF)
    case 0xF0: (count, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (count, second) = (4, 0x80...0xBF)
    case 0xF4: (count, second) = (4, 0x80...0x8F)
    default: return 0
    }
    guard index + count <= end, second.contains(bytes[index + 1]) else { return 0 }
    for next in (index + 2)..<max(index + 2, index + count) where bytes[next] & 0xC0 != 0x80 { return 0 }
    return count
  }

  /// Offset of the first byte of `range` that is no part of a well-formed sequence.
  static func firstFault(in bytes: [UInt8], _ range: Range<Int>) -> Int? {
    var index = range.lowerBound
    while index < range.upperBound {
      if bytes[index] < 0x80 {
        index += 1
        continue
      }
      let count = length(in: bytes, at: index, before: range.upperBound)
      if count == 0 { return index }
      index += count
    }
    return nil
  }

  /// Appends the encoding of a scalar.
  static func append(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
    output.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
  }
}
