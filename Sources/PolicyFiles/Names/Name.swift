/// One component of a path: bytes that can name exactly one entry of a directory and nothing else.
///
/// INVARIANT: not empty, no slash, no NUL, neither `.` nor `..`. Code that holds a `Name` cannot be talked into another
/// directory by it.
public struct Name: Hashable, Sendable {
  public let bytes: [UInt8]

  /// `nil` where the bytes are no name.
  public init?(_ bytes: [UInt8]) {
    guard !bytes.isEmpty, !bytes.contains(0), !bytes.contains(UInt8(ascii: "/")) else { return nil }
    let dot = UInt8(ascii: ".")
    guard bytes != [dot], bytes != [dot, dot] else { return nil }
    self.bytes = bytes
  }

  public init?(_ text: String) { self.init(Array(text.utf8)) }

  /// Only for names that the kernel listed.
  init(listed bytes: ArraySlice<UInt8>) { self.bytes = Array(bytes) }

  /// Hidden by its leading dot.
  public var isHidden: Bool { bytes.first == UInt8(ascii: ".") }
}

extension Name: Comparable {
  public static func < (left: Name, right: Name) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}
