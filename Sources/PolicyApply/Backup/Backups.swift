internal import Glibc
public import PolicyCore
internal import PolicyDigest
internal import PolicyFiles
internal import PolicyFormats

/// One backup, as its owner's journal tells.
public struct BackupListing: Sendable, Equatable {
  public var record: String
  public var uid: UInt32
  public var host: ByteString
  /// Absolute path of the root that it came from.
  public var root: ByteString
  /// Where it was, relative to the root.
  public var path: ByteString
  public var kind: EntityKind
  /// Bytes of its files.
  public var size: Int64
  public var backedUpAt: Timestamp
  public var target: String
  /// Where it lies: the backup's own folder.
  public var folder: ByteString
  public var manifestDigest: String
  public var plan: String?
  /// Ids of the rules that wanted it.
  public var rules: [String]

  /// The caller made it.
  public var isCallers: Bool { uid == geteuid() }
}

/// What became of backups: finding them, checking them and taking them back.
public enum Backups {
  /// Reads a backup back, from its folder or by the program that reaches it.
  public static func verify(_ folder: ByteString, manifestDigest: String?) -> ArchiveVerdict {
    if folder.bytes.first == UInt8(ascii: "/") { return Archives.verify(folder, manifestDigest: manifestDigest) }
    if let place = GitPlace(folder) { return verify(place, manifestDigest) }
    do throws(ArchiveTrouble) {
      let rclone = try Rclone { () throws(ArchiveTrouble) in }
      guard let found = try rclone.digests(folder) else { return .damaged("it is not there") }
      let text = try rclone.content(folder.appending(ByteString(ArchivePlace.manifest)))
      let digest = SHA256Digest.hex(of: text)
      if let manifestDigest, digest != manifestDigest {
        return .damaged("the manifest is not the one that the journal tells of")
      }
      let manifest: ArchiveManifest
      do throws(ArchiveManifest.Unreadable) {
        manifest = try ArchiveManifest.decode(text)
      } catch {
        return .damaged(error.reason)
      }
      try RcloneDestination.compare(found, manifest, digest)
      return .whole(entries: manifest.entries.count)
    } catch {
      return error.isDamage ? .damaged(error.reason) : .unreadable(error.reason)
    }
  }

  /// Fetches it into an empty repository in the system's folder for large temporary files, some files at a time.
  private static func verify(_ place: GitPlace, _ manifestDigest: String?) -> ArchiveVerdict {
    do throws(ArchiveTrouble) {
      let parent: Folder
      do throws(SystemError) {
        parent = try Folder(.openRoot(Array(scratch.utf8)))
      } catch {
        throw GitArea.trouble(error, ByteString(scratch))
      }
      let area = try GitArea(
        in: parent, at: ByteString(scratch), for: place.target, isOwners: false, FileChanges())
      let backup = try GitBackup(
        try Git(area, place.target) { () throws(ArchiveTrouble) in }, place, manifestDigest: manifestDigest)
      try backup.read()
      return .whole(entries: backup.manifest.entries.count)
    } catch {
      return error.isDamage ? .damaged(error.reason) : .unreadable(error.reason)
    }
  }

  private static let scratch = "/var/tmp"

  /// The caller's verified backups from these roots (under root everybody's), by root, path and time, and the targets of
  /// those that were begun and are not whole. Reads journals only.
  public static func list(
    _ roots: [Root], options: ApplyOptions
  ) -> (items: [BackupListing], unfinished: [String], problems: [ApplyFailure]) {
    var items: [BackupListing] = []
    var unfinished: [ByteString: String] = [:]
    let problems = TrashCan.histories(roots, options) { root, owner, history in
      for backup in history.backups {
        let item = backup.item
        guard let seal = backup.seal, let at = backup.at else {
          unfinished[root.path.appending(item.path)] = backup.place.target
          continue
        }
        unfinished[root.path.appending(item.path)] = nil
        items.append(
          BackupListing(
            record: item.record, uid: owner, host: options.host, root: root.path, path: item.path, kind: item.kind,
            size: seal.size, backedUpAt: at, target: backup.place.target, folder: backup.place.path,
            manifestDigest: seal.manifestDigest, plan: item.plan, rules: item.because.map(\.rule)))
      }
    }
    items.sort { ($0.root, $0.path, $0.backedUpAt, $0.record) < ($1.root, $1.path, $1.backedUpAt, $1.record) }
    return (items, unfinished.values.sorted(), problems)
  }
}
