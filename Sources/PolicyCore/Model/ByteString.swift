/// Text as the file system and the policy file hold it: bytes, compared as bytes.
///
/// `String` would merge composed and decomposed names and cannot hold a name that is not UTF-8, so no path, name or
/// other text that decides anything is a `String` in this project.
public struct ByteString: Hashable, Sendable, ExpressibleByStringLiteral {
  public let bytes: [UInt8]

  public init(_ bytes: [UInt8]) { self.bytes = bytes }
  public init(_ text: String) { self.bytes = Array(text.utf8) }
  public init(_ slice: ArraySlice<UInt8>) { self.bytes = Array(slice) }
  public init(stringLiteral value: String) { self.init(value) }

  public var isEmpty: Bool { bytes.isEmpty }
  public var count: Int { bytes.count }

  /// The text when the bytes are valid UTF-8, else `nil`.
  public var utf8Text: String? { String(validating: bytes, as: UTF8.self) }

  /// The text for people; bytes that are not UTF-8 become U+FFFD. Never used to find anything again.
  public var displayText: String { String(decoding: bytes, as: UTF8.self) }

  /// The components between slashes, without empty ones.
  public var components: [ByteString] { bytes.split(separator: UInt8(ascii: "/")).map { ByteString($0) } }

  /// What stands after the last slash; the whole where there is none.
  public var lastComponent: ByteString {
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return self }
    return ByteString(bytes[(slash + 1)...])
  }

  /// The path of an entry of this directory; of the empty path the name alone.
  public func appending(_ name: ByteString) -> ByteString {
    isEmpty ? name : ByteString(bytes + (bytes.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]) + name.bytes)
  }

  /// True when `self` is `ancestor` itself or a path below it. The empty path is above every path.
  public func isAtOrBelow(_ ancestor: ByteString) -> Bool {
    if ancestor.isEmpty { return true }
    guard bytes.starts(with: ancestor.bytes) else { return false }
    return bytes.count == ancestor.bytes.count || bytes[ancestor.bytes.count] == UInt8(ascii: "/")
      || ancestor.bytes.last == UInt8(ascii: "/")
  }
}

extension ByteString: Comparable {
  public static func < (left: ByteString, right: ByteString) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}

extension ByteString {
  package var isPlainRelativePath: Bool { bytes.span.isPlainRelativePath }
}

extension Span<UInt8> {
  /// Empty (the root itself), or parts between single slashes that are neither `.` nor `..` and hold no NUL.
  package var isPlainRelativePath: Bool {
    if isEmpty { return true }
    var start = 0
    for index in indices {
      if self[index] == 0 { return false }
      guard self[index] == UInt8(ascii: "/") else { continue }
      if !isPlainName(start..<index) { return false }
      start = index + 1
    }
    return isPlainName(start..<count)
  }

  private func isPlainName(_ name: Range<Int>) -> Bool {
    let dot = UInt8(ascii: ".")
    guard let first = name.first else { return false }
    return self[first] != dot || !(name.count == 1 || (name.count == 2 && self[first + 1] == dot))
  }
}
