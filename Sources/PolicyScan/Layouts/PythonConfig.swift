internal import PolicyCore

/// A dumped Python configuration, of which a few assignments are read and nothing else is understood.
struct PythonConfig {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The positive number that `name` is set to; `nil` where it is set to two different things.
  func count(_ name: String) -> Int64? {
    let values = Set(values(of: name).map { FileNames.number($0.prefix { (48...57).contains($0) }) })
    guard values.count == 1, let only = values.first, let number = only, number > 0 else { return nil }
    return number
  }

  /// The quoted text that `name` is set to; the last one counts.
  func text(_ name: String) -> ByteString? {
    for value in values(of: name).reversed() {
      guard let quote = value.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
        let end = value.dropFirst().firstIndex(of: quote)
      else { continue }
      return ByteString(value[(value.startIndex + 1)..<end])
    }
    return nil
  }

  /// What stands behind each `name =`, to the end of the line.
  private func values(of name: String) -> [ArraySlice<UInt8>] {
    let wanted = Array(name.utf8)
    var found: [ArraySlice<UInt8>] = []
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      var rest = line
      while let place = rest.firstRange(of: wanted) {
        let isWord = place.lowerBound == rest.startIndex || !Self.isWordByte(line[place.lowerBound - 1])
        rest = rest[place.upperBound...]
        let tail = CSVTable.trimmed(rest)
        if isWord, tail.first == UInt8(ascii: "=") { found.append(CSVTable.trimmed(tail.dropFirst())) }
      }
    }
    return found
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
  }
}
