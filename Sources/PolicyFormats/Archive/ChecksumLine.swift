internal import PolicyCore

/// A line that `sha256sum --check` reads.
enum ChecksumLine {
  private static let backslash = UInt8(ascii: "\\")

  static func encode(_ digest: String, _ path: ByteString) -> [UInt8] {
    var name: [UInt8] = []
    var isEscaped = false
    for byte in path.bytes {
      switch byte {
      case backslash: name += [backslash, backslash]
      case UInt8(ascii: "\n"): name += [backslash, UInt8(ascii: "n")]
      case UInt8(ascii: "\r"): name += [backslash, UInt8(ascii: "r")]
      case _:
        name.append(byte)
        continue
      }
      isEscaped = true
    }
    return (isEscaped ? [backslash] : []) + Array(digest.utf8) + Array("  ".utf8) + name
  }

  /// The digest of exactly this path's line; `nil` for any other line.
  static func digest(_ line: ArraySlice<UInt8>, of path: ByteString) -> String? {
    var line = line
    if line.first == backslash { line = line.dropFirst() }
    let digest = String(decoding: line.prefix(64), as: UTF8.self)
    guard digest.utf8.count == 64, digest.utf8.allSatisfy(isHexadecimal) else { return nil }
    let written = encode(digest, path)
    return (written.first == backslash ? Array(written.dropFirst()) : written) == Array(line) ? digest : nil
  }

  static func isHexadecimal(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }
}
