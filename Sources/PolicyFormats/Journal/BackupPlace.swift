public import PolicyCore

/// Where a backup lies: in a folder of its own, together with its manifest.
///
/// ```
/// <target>/<uid>/                      0700, that owner's
///   <name>.<record>.partial/           being copied, or left by a copy that did not come to its end
///   <name>.<record>/
///     <name>/…                         folders and files as they were; or one file
///     SHA256SUMS                       the manifest; see ArchiveManifest
/// ```
public struct BackupPlace: Hashable, Sendable {
  /// As the policy names it.
  public var target: String
  /// Of the owner's folder in the target: an absolute path, or what reaches it.
  public var folder: ByteString
  /// Of the backup's own folder in there.
  public var name: ByteString

  public init(target: String, folder: ByteString, name: ByteString) {
    self.target = target
    self.folder = folder
    self.name = name
  }

  /// For a run or checkpoint of this path: its own name, as far as there is room, and the record, which nothing else is
  /// named.
  public init(target: String, folder: ByteString, of path: ByteString, record: String) {
    self.init(target: target, folder: folder, name: ArchivePlace.folderName(of: path, record))
  }

  /// Of the folder while it is filled.
  public var partialName: ByteString { ByteString(name.bytes + Array(ArchivePlace.partialSuffix.utf8)) }

  /// Of the backup's folder.
  public var path: ByteString { folder.appending(name) }
}

/// What was copied, and verified where it lies.
public struct BackupSeal: Hashable, Sendable {
  /// Bytes of all files, and how many entries there are.
  public var size: Int64
  public var entries: Int64
  /// Size and SHA-256 of the manifest.
  public var manifestSize: Int64
  public var manifestDigest: String
  public init(size: Int64, entries: Int64, manifestSize: Int64, manifestDigest: String) {
    self.size = size
    self.entries = entries
    self.manifestSize = manifestSize
    self.manifestDigest = manifestDigest
  }
}
