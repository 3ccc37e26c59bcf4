public import PolicyCore
internal import PolicyDigest

/// What an archive or a backup holds, and where it came from: the file beside each.
///
/// It is a list of checksums that `sha256sum --check` reads, in which lines that begin with `#` say the rest as JSON: so
/// an archive can be unpacked by `tar` and checked by hand, without this program. The last line is a checksum of all
/// before it.
public struct ArchiveManifest: Sendable, Equatable {
  public enum Form: String, Hashable, Sendable, CaseIterable {
    /// One tar file.
    case archive
    /// Folders and files as they were, beside the manifest; links, modes and attributes are in the manifest alone.
    case backup

    public var format: String { "policy-\(rawValue)/1.0" }
  }

  /// Where it came from, and why.
  public struct Origin: Sendable, Equatable {
    public var record: String
    public var kind: EntityKind
    public var host: ByteString
    public var root: ByteString
    /// Relative to the root.
    public var path: ByteString
    public var uid: UInt32
    public var owner: ByteString?
    /// Digest of the tree as it was planned, and found.
    public var tree: String
    public var action: String?
    public var plan: String?
    public var policy: String?
    public var rules: [String]
    public var tool: String
    public var at: Timestamp
    public init(
      record: String, kind: EntityKind, host: ByteString, root: ByteString, path: ByteString, uid: UInt32,
      owner: ByteString?, tree: String, action: String?, plan: String?, policy: String?, rules: [String], tool: String,
      at: Timestamp
    ) {
      self.record = record
      self.kind = kind
      self.host = host
      self.root = root
      self.path = path
      self.uid = uid
      self.owner = owner
      self.tree = tree
      self.action = action
      self.plan = plan
      self.policy = policy
      self.rules = rules
      self.tool = tool
      self.at = at
    }
  }

  public let form: Form
  public var origin: Origin
  /// Name of the archive, beside this file; empty for a backup.
  public var file: ByteString
  /// Its size and SHA-256. Of a backup the bytes of all files, and nothing.
  public var size: Int64
  public var digest: String
  /// In the order of the archive.
  public var entries: [ArchiveEntry]

  /// Of a backup.
  public init(origin: Origin, entries: [ArchiveEntry]) {
    form = .backup
    self.origin = origin
    file = ""
    size = entries.reduce(0) { $0 &+ ($1.kind == .file ? $1.size : 0) }
    digest = ""
    self.entries = entries
  }

  /// Of an archive.
  public init(origin: Origin, file: ByteString, size: Int64, digest: String, entries: [ArchiveEntry]) {
    form = .archive
    self.origin = origin
    self.file = file
    self.size = size
    self.digest = digest
    self.entries = entries
  }
}

extension ArchiveManifest {
  private static let end = "# sha256 of the lines above: "

  public func encode() -> [UInt8] {
    var bytes = Array("# \(form.format)\n# ".utf8) + CanonicalJSON.encode(header) + [10]
    for entry in entries {
      bytes += Array("# ".utf8) + CanonicalJSON.encode(Self.json(entry)) + [10]
      if let digest = entry.digest, !entry.isDigestOfDataAlone {
        bytes += ChecksumLine.encode(digest, entry.path) + [10]
      }
    }
    return bytes + Array((Self.end + SHA256Digest.hex(of: bytes) + "\n").utf8)
  }

  private var header: JSONValue {
    var members = JournalMembers()
    members.add("record", origin.record)
    members.add("kind", origin.kind.rawValue)
    members.add("host", origin.host)
    members.add("root", origin.root)
    members.add("path", origin.path)
    members.add("uid", Int64(origin.uid))
    members.add("owner", origin.owner)
    members.add("tree_sha256", origin.tree)
    members.add("action", origin.action)
    members.add("plan", origin.plan)
    members.add("policy", origin.policy)
    members.add("rules", origin.rules)
    members.add("tool", origin.tool)
    members.add("at", origin.at.rfc3339)
    if form == .archive { members.add("file", file) }
    members.add("size", size)
    if form == .archive { members.add("sha256", digest) }
    members.add("entries", Int64(entries.count))
    return members.value
  }

  private static func json(_ entry: ArchiveEntry) -> JSONValue {
    var members = JournalMembers()
    members.add("type", entry.kind.rawValue)
    members.add("path", entry.path)
    members.add("mode", String(entry.mode, radix: 8))
    members.add("uid", Int64(entry.uid))
    members.add("gid", Int64(entry.gid))
    members.add("mtime_ns", entry.modified)
    if entry.kind == .file || entry.kind == .link { members.add("size", entry.size) }
    members.add("to", entry.target)
    if !entry.attributes.isEmpty {
      members.add(
        "attributes",
        .array(
          entry.attributes.map { attribute in
            var one = JournalMembers()
            one.add("name", attribute.name)
            one.add("value", Hexadecimal.encode(attribute.value))
            return one.value
          }))
    }
    if let segments = entry.segments {
      members.add("data", .array(segments.map { .array([.integer($0.offset), .integer($0.length)]) }))
    }
    if entry.isDigestOfDataAlone { members.add("data_sha256", entry.digest) }
    return members.value
  }
}
