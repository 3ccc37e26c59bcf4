public import PolicyCore

/// One entry of an archive: all that it keeps of a file, directory or link.
public struct ArchiveEntry: Sendable, Equatable {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case directory, file, symlink
    /// Another name of a file that came before.
    case link
  }
  /// One extended attribute; access lists are among them (`system.posix_acl_access`).
  public struct Attribute: Hashable, Sendable {
    public var name: ByteString
    public var value: [UInt8]
    public init(name: ByteString, value: [UInt8]) {
      self.name = name
      self.value = value
    }
  }
  /// A stretch of a file that is no hole.
  public struct Segment: Hashable, Sendable {
    public var offset: Int64
    public var length: Int64
    public init(offset: Int64, length: Int64) {
      self.offset = offset
      self.length = length
    }
  }

  /// Begins with the name of the run's own directory.
  public var path: ByteString
  public var kind: Kind
  /// Permission bits, without the type.
  public var mode: UInt32
  public var uid: UInt32
  public var gid: UInt32
  /// Nanoseconds since 1970, UTC.
  public var modified: Int64
  /// Of a file, and of each further name of it.
  public var size: Int64
  /// Where a symbolic link points to; the first name of a further name.
  public var target: ByteString?
  /// Sorted by name.
  public var attributes: [Attribute]
  /// `nil` for a file without holes, and for what is no file; each name of a file has them.
  public var segments: [Segment]?
  /// SHA-256 of the content of a file, in hexadecimal.
  public var digest: String?

  public init(
    path: ByteString, kind: Kind, mode: UInt32, uid: UInt32, gid: UInt32, modified: Int64, size: Int64 = 0,
    target: ByteString? = nil, attributes: [Attribute] = [], segments: [Segment]? = nil, digest: String? = nil
  ) {
    self.path = path
    self.kind = kind
    self.mode = mode
    self.uid = uid
    self.gid = gid
    self.modified = modified
    self.size = size
    self.target = target
    self.attributes = attributes
    self.segments = segments
    self.digest = digest
  }

  /// Bytes that are stored.
  public var storedBytes: Int64 { segments.map { $0.reduce(0) { $0 &+ $1.length } } ?? size }

  /// Holes of more than this are not digested as zeros: nobody could wait for it. The digest then covers the data alone.
  public static let mostDigestedZeros: Int64 = 16 << 30

  public var isDigestOfDataAlone: Bool { size &- storedBytes > Self.mostDigestedZeros }
}
