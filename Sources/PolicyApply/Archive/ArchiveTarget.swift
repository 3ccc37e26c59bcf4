internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// The folder that archives go to, and in it the folder of one owner.
struct ArchiveTarget {
  let path: ByteString
  /// `<target>/<uid>`.
  let own: Folder
  let ownPath: ByteString

  /// Opens it, and makes the owner's folder where that is missing. The target itself is never made: it is the place where
  /// a volume may not be mounted.
  init(_ path: ByteString, for store: OwnerStore) throws(ArchiveTrouble) {
    let shown = path.displayText
    guard path.bytes.first == UInt8(ascii: "/") else {
      throw ArchiveTrouble("`archive.to` must be absolute, and is \(shown)")
    }
    let target: Folder
    do throws(SystemError) {
      target = try Folder(.openRoot(path.bytes))
    } catch {
      throw ArchiveTrouble(
        error.isAbsence
          ? "the folder for archives, \(shown), is not there: make it, or mount its volume"
          : "the folder for archives, \(shown), cannot be opened: \(error.text)", cause: error)
    }
    if let root = try Self.root(around: target, store) {
      throw ArchiveTrouble("the folder for archives, \(shown), lies in the root \(root.displayText): name one outside")
    }
    self.path = path
    ownPath = path.appending(ByteString("\(store.uid)"))
    own = try Self.ownFolder(target, path, ownPath, store)
  }

  private static func ownFolder(
    _ target: Folder, _ path: ByteString, _ ownPath: ByteString, _ store: OwnerStore
  ) throws(ArchiveTrouble) -> Folder {
    let shown = path.displayText
    guard let name = Name("\(store.uid)") else { throw ArchiveTrouble("no name") }
    do {
      let isUsed = store.journal.history.archives.contains { $0.isKept && $0.place.folder == ownPath }
      if try target.statusIfThere(name) == nil {
        if isUsed { throw ArchiveTrouble("earlier archives are not in \(shown): is its volume mounted?") }
        try store.changes.makeDirectory(target.directory, name, mode: 0o700)
      }
      // Whoever made it may have been killed before it could sync that.
      if !isUsed { try store.changes.sync(target.directory) }
      let own = try target.folder(name)
      guard own.status.uid == store.uid, own.status.mode & 0o077 == 0 else {
        throw ArchiveTrouble(
          "\(ownPath.displayText) belongs to somebody else, or is open to others (it must be mode 700)")
      }
      return own
    } catch let trouble as ArchiveTrouble {
      throw trouble
    } catch let error as SystemError {
      if error.errno == EACCES || error.errno == EPERM || error.errno == EROFS {
        throw ArchiveTrouble(
          "\(shown) cannot be written by uid \(store.uid): \(error.text); for many owners, `install -d -m 1777 \(shown)`",
          cause: error)
      }
      throw ArchiveTrouble("the folder for archives, \(shown), cannot be used: \(error.text)", cause: error)
    } catch {
      throw ArchiveTrouble("the folder for archives, \(shown), cannot be used")
    }
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
