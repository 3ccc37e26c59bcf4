public import PolicyCore

/// Where an archive lies: in a folder of its own, together with its manifest.
///
/// ```
/// <target>/<uid>/                      0700, that owner's
///   <name>.<record>.partial/           being written
///   <name>.<record>/
///     <name>.tar.zst
///     SHA256SUMS                       the manifest; see ArchiveManifest
///   trash/<trash record>/              an archive that a policy trashed
/// ```
public struct ArchivePlace: Hashable, Sendable {
  public static let manifest = "SHA256SUMS"
  public static let partialSuffix = ".partial"
  public static let trash = "trash"

  /// Absolute path of the owner's folder in the target.
  public var folder: ByteString
  /// Of the archive's own folder in there.
  public var name: ByteString
  /// Of the archive in that.
  public var file: ByteString

  public init(folder: ByteString, name: ByteString, file: ByteString) {
    self.folder = folder
    self.name = name
    self.file = file
  }

  /// For a run of this path: its own name, as far as there is room, and the record, which nothing else is named.
  public init(folder: ByteString, run path: ByteString, record: String, format: ArchiveSettings.Format) {
    self.folder = folder
    name = Self.folderName(of: path, record)
    file = Self.name(of: path, ending: format.rawValue)
  }

  /// Of the own folder of an archive or a backup.
  static func folderName(of path: ByteString, _ record: String) -> ByteString { name(of: path, ending: record) }

  private static func name(of path: ByteString, ending: String) -> ByteString {
    ByteString(Array(path.lastComponent.bytes.prefix(180)) + Array(".\(ending)".utf8))
  }

  /// Of the folder while it is written.
  public var partialName: ByteString { ByteString(name.bytes + Array(Self.partialSuffix.utf8)) }

  /// Absolute path of the archive's folder.
  public var path: ByteString { folder.appending(name) }
}

/// What was published, and verified before.
public struct ArchiveSeal: Hashable, Sendable {
  /// The archive's folder.
  public var identity: Identity
  /// Size of the archive and its SHA-256, and that of its manifest.
  public var size: Int64
  public var digest: String
  public var manifestDigest: String
  public init(identity: Identity, size: Int64, digest: String, manifestDigest: String) {
    self.identity = identity
    self.size = size
    self.digest = digest
    self.manifestDigest = manifestDigest
  }
}
