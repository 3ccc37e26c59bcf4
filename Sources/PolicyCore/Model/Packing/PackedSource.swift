/// Packed bytes that come one after the other, as from a file. Nothing of them is believed, and every step may find that
/// they end.
package protocol PackedSource: ~Copyable {
  /// Bytes that are still to come.
  var remaining: Int { get }

  /// The next so many bytes; `nil` where there are fewer.
  mutating func take(_ count: Int) -> [UInt8]?
}

extension PackedSource where Self: ~Copyable {
  mutating func unsigned() -> UInt64? {
    var digits: [UInt8] = []
    repeat {
      guard digits.count < PackedBytes.longestNumber, let next = take(1) else { return nil }
      digits += next
    } while digits.last.map { $0 >= 0x80 } ?? false
    var reader = PackedBytes(digits.indices)
    return reader.unsigned(digits.span)
  }

  /// A number that counts what follows, each of it at least a byte.
  mutating func count() -> Int? {
    guard let number = unsigned(), number <= UInt64(remaining) else { return nil }
    return Int(number)
  }

  mutating func string() -> String? {
    guard let count = count(), let bytes = take(count) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
