/// Where a packed snapshot is read from: memory, or a file that need not lie in memory as a whole.
public struct PackedInput: Sendable {
  let size: Int
  let read: @Sendable (Range<Int>) -> [UInt8]

  /// - Parameters:
  ///   - size: in bytes.
  ///   - read: the bytes of a range that ends at `size` or before it; fewer where they cannot be read.
  public init(size: Int, read: @escaping @Sendable (Range<Int>) -> [UInt8]) { (self.size, self.read) = (size, read) }

  public init(_ bytes: [UInt8]) { self.init(size: bytes.count) { Array(bytes[$0]) } }
}
