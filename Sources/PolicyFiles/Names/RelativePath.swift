/// A path below some directory, as names. Empty for the directory itself.
public struct RelativePath: Hashable, Sendable {
  public let names: [Name]

  public init(_ names: [Name] = []) { self.names = names }

  /// Splits at slashes. `nil` for absolute paths, empty components, `.`, `..` and NUL; empty bytes are the directory.
  public init?(_ bytes: [UInt8]) {
    if bytes.isEmpty {
      self.init([Name]())
      return
    }
    var names: [Name] = []
    for part in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      guard let name = Name(Array(part)) else { return nil }
      names.append(name)
    }
    self.init(names)
  }

  public var bytes: [UInt8] {
    guard var bytes = names.first?.bytes else { return [] }
    for name in names.dropFirst() {
      bytes.append(UInt8(ascii: "/"))
      bytes += name.bytes
    }
    return bytes
  }

  /// The path without its last name, and that name; `nil` for the empty path.
  public var split: (parent: RelativePath, last: Name)? {
    guard let last = names.last else { return nil }
    return (RelativePath(Array(names.dropLast())), last)
  }

  public func appending(_ name: Name) -> RelativePath { RelativePath(names + [name]) }
}
