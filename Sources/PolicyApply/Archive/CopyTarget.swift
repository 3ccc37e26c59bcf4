internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// The folder that archives or backups go to, and in it the folder of one owner.
struct CopyTarget {
  enum Purpose: String {
    case archives, backups
    var key: String { self == .archives ? "archive.to" : "backup.to" }
  }

  let purpose: Purpose
  let path: ByteString
  /// `<target>/<uid>`.
  let own: Folder
  let ownPath: ByteString

  /// Opens it, and makes the owner's folder where that is missing. The target itself is never made: it is the place where
  /// a volume may not be mounted.
  init(_ path: ByteString, _ purpose: Purpose = .archives, for store: OwnerStore) throws(ArchiveTrouble) {
    let shown = path.displayText
    guard path.bytes.first == UInt8(ascii: "/") else {
      throw ArchiveTrouble("`\(purpose.key)` must be absolute, and is \(shown)")
    }
    let target: Folder
    do throws(SystemError) {
      target = try Folder(.openRoot(path.bytes))
    } catch {
      throw ArchiveTrouble(
        error.isAbsence
          ? "the folder for \(purpose), \(shown), is not there: make it, or mount its volume"
          : "the folder for \(purpose), \(shown), cannot be opened: \(error.text)", cause: error)
    }
    if let root = try Self.root(around: target, store) {
      throw ArchiveTrouble(
        "the folder for \(purpose), \(shown), lies in the root \(root.displayText): name one outside")
    }
    self.path = path
    self.purpose = purpose
    ownPath = path.appending(ByteString("\(store.uid)"))
    own = try Self.ownFolder(target, path, ownPath, purpose, store)
  }

  private static func ownFolder(
    _ target: Folder, _ path: ByteString, _ ownPath: ByteString, _ purpose: Purpose, _ store: OwnerStore
  ) throws(ArchiveTrouble) -> Folder {
    let shown = path.displayText
    guard let name = Name("\(store.uid)") else { throw ArchiveTrouble("no name") }
    do {
      let earlier = Self.earlier(purpose, in: ownPath, store)
      let isUsed = !earlier.isEmpty
      if try target.statusIfThere(name) == nil {
        if isUsed { throw ArchiveTrouble("earlier \(purpose) are not in \(shown): is its volume mounted?") }
        try store.changes.makeDirectory(target.directory, name, mode: 0o700)
      }
      // Whoever made it may have been killed before it could sync that.
      if !isUsed { try store.changes.sync(target.directory) }
      let own = try target.folder(name)
      // Modes of a mounted share may be those of its mount alone: then who may read is the mount's to say.
      guard own.status.uid == store.uid, own.status.mode & (purpose == .archives ? 0o077 : 0o022) == 0 else {
        throw ArchiveTrouble(
          "\(ownPath.displayText) belongs to somebody else, or is open to others (it must be mode 700)")
      }
      if purpose == .backups, isUsed { try requireOne(of: earlier, in: own, shown) }
      return own
    } catch let trouble as ArchiveTrouble {
      throw trouble
    } catch let error as SystemError {
      if error.errno == EACCES || error.errno == EPERM || error.errno == EROFS {
        throw ArchiveTrouble(
          "\(shown) cannot be written by uid \(store.uid): \(error.text); for many owners, `install -d -m 1777 \(shown)`",
          cause: error)
      }
      throw ArchiveTrouble("the folder for \(purpose), \(shown), cannot be used: \(error.text)", cause: error)
    } catch {
      throw ArchiveTrouble("the folder for \(purpose), \(shown), cannot be used")
    }
  }

  /// Names of what lies in there, as the journal tells.
  private static func earlier(_ purpose: Purpose, in ownPath: ByteString, _ store: OwnerStore) -> [ByteString] {
    let history = store.journal.history
    switch purpose {
    case .archives: return history.archives.filter { $0.isKept && $0.place.folder == ownPath }.map(\.place.name)
    case .backups:
      return history.backups.filter { $0.state == .whole && $0.place.folder == ownPath }.map(\.place.name)
    }
  }

  /// A folder of the right name on the wrong disk is what an unmounted share leaves: at least one of the earlier backups
  /// is there, or nothing is put there.
  private static func requireOne(of earlier: [ByteString], in own: Folder, _ shown: String) throws {
    for one in earlier.reversed() {
      if let name = Name(one.bytes), try own.statusIfThere(name) != nil { return }
    }
    throw ArchiveTrouble(
      "none of the earlier backups is in \(shown): is its volume mounted? (to begin anew, name another folder)")
  }

  /// Whether the path still leads to the folder that was opened: a share may be unmounted under a running copy.
  func isStillThere() -> Bool {
    guard let now = try? Folder(.openRoot(ownPath.bytes)) else { return false }
    return now.status.isSameObject(as: own.status)
  }

  /// The root that the folder lies in, by every folder above it; `nil` where it lies outside.
  private static func root(around target: Folder, _ store: OwnerStore) throws(ArchiveTrouble) -> ByteString? {
    var folder = target
    for _ in 0..<4096 {
      if folder.status.isSameObject(as: store.root.status) { return store.rootPath }
      // What may not be looked at is no root of this owner's.
      guard let above = try? folder.parent(), !above.status.isSameObject(as: folder.status) else { return nil }
      folder = above
    }
    return nil
  }
}
