internal import Glibc
internal import PolicyFiles

/// Removes a tree from the trash: depth first, by descriptors, never through a link and never onto another mount.
///
/// The stack is a list, so depth costs no machine stack; at most `openLevels` directories are open, and one that was
/// closed is opened again as `..` of its child and must then be the same inode. Whoever moves a directory of the tree
/// elsewhere meanwhile stops the removal; nothing outside is ever entered by name.
///
/// Root could remove what none of those may who can still write in the tree: they could move somebody's folder in between
/// the last look and the removal. So root enters only folders that were seen at that look, or, where a purge is finished
/// that stopped, folders that nobody else can write.
struct TreeRemoval {
  let changes: FileChanges
  let uid: UInt32
  /// The folders of the last look; `nil` where there was none.
  let seen: Set<FolderMark>?
  static let openLevels = 12

  private final class Level {
    var folder: Folder?
    let status: FileStatus
    let name: Name
    /// What the directory says of an entry: only what may be a directory is looked at before it is removed.
    var entries: [(name: Name, mayBeDirectory: Bool)]

    init(_ folder: Folder, name: Name) throws(SystemError) {
      self.folder = folder
      self.status = folder.status
      self.name = name
      let listing = try folder.directory.list()
      // From the end, so that taking the last one is cheap.
      entries = listing.indices.reversed().map { index in
        (listing.name(index), listing.typeHint(index).map { $0 == .directory } ?? true)
      }
    }
  }

  /// Removes one entry of a folder with all that is below it.
  func remove(_ parent: Folder, _ name: Name) throws(SystemError) {
    let status = try parent.directory.status(name)
    guard status.type == .directory else {
      try changes.unlink(parent.directory, name)
      return
    }
    var levels = [try Level(try enter(parent, name, status, isTop: true), name: name)]
    while let level = levels.last {
      guard let folder = level.folder else { throw SystemError(errno: ESTALE, call: "open") }
      guard let (entry, mayBeDirectory) = level.entries.popLast() else {
        levels.removeLast()
        if let above = levels.last {
          if above.folder == nil { above.folder = try reopen(above, from: folder) }
          guard let aboveFolder = above.folder else { throw SystemError(errno: ESTALE, call: "open") }
          try removeEmptied(aboveFolder, level)
        } else {
          try removeEmptied(parent, level)
        }
        continue
      }
      // A mount on a file refuses by itself (EBUSY), and so does a directory that has taken its place (EISDIR).
      if !mayBeDirectory {
        try changes.unlink(folder.directory, entry)
        continue
      }
      let status = try folder.directory.status(entry)
      if status.isOnAnotherMount(than: folder.status) { throw SystemError(errno: EXDEV, call: "unlink") }
      if status.type == .directory {
        levels.append(try Level(try enter(folder, entry, status), name: entry))
        if levels.count > Self.openLevels { levels[levels.count - 1 - Self.openLevels].folder = nil }
      } else {
        try changes.unlink(folder.directory, entry)
      }
    }
  }

  private func enter(
    _ parent: Folder, _ name: Name, _ status: FileStatus, isTop: Bool = false
  ) throws(SystemError) -> Folder {
    let folder = try parent.folder(name)
    guard folder.status.isSameObject(as: status), !folder.status.isOnAnotherMount(than: parent.status) else {
      throw SystemError(errno: ESTALE, call: "open")
    }
    // The top was compared with its record.
    if isTop || uid != 0 { return folder }
    if let seen {
      guard seen.contains(FolderMark(folder.status)) else { throw SystemError(errno: ESTALE, call: "open") }
    } else {
      // ENOTRECOVERABLE: no call of ours gives it; it says that nobody but a person can go on.
      let isOurs = folder.status.uid == uid && folder.status.mode & 0o022 == 0
      guard isOurs else { throw SystemError(errno: ENOTRECOVERABLE, call: "open") }
    }
    return folder
  }

  /// `rmdir` of a name that has come to mean another directory fails where that is not empty, and is harmless else.
  private func removeEmptied(_ parent: Folder, _ level: Level) throws(SystemError) {
    guard try parent.directory.status(level.name).isSameObject(as: level.status) else {
      throw SystemError(errno: ESTALE, call: "rmdir")
    }
    try changes.removeDirectory(parent.directory, level.name)
  }

  private func reopen(_ level: Level, from child: Folder) throws(SystemError) -> Folder {
    let folder = try child.parent()
    guard folder.status.isSameObject(as: level.status), !folder.status.isOnAnotherMount(than: child.status) else {
      throw SystemError(errno: ESTALE, call: "open")
    }
    return folder
  }
}

/// Looks for what would stop a removal half-way, before it begins.
struct RemovalObstacle: TreeVisitor {
  let uid: UInt32
  /// Every folder of the tree.
  private(set) var folders: Set<FolderMark> = []
  /// What stands in the way; `nil` where nothing was found.
  private(set) var reason: String?
  /// The error behind it, where there is one.
  private(set) var cause: SystemError?

  init(uid: UInt32) { self.uid = uid }

  static let open = "a process still has a file of it open"

  mutating func enter(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, _ status: FileStatus
  ) -> Bool {
    folders.insert(FolderMark(status))
    guard reason == nil, listing.count > 0 else { return true }
    for index in listing.indices {
      do throws(SystemError) {
        guard try directory.isOpenElsewhere(listing, index) else { continue }
        reason = RemovalObstacle.open
      } catch {
        (reason, cause) = (error.sentence, error)
      }
      return true
    }
    guard uid != 0 else { return true }
    if status.uid != uid {
      reason = "a folder in it belongs to uid \(status.uid)"
    } else if status.mode & 0o300 != 0o300 {
      reason =
        "a folder in it is read-only (mode \(String(status.mode, radix: 8))); restore it and `chmod -R u+w` it first"
    }
    return true
  }
}
