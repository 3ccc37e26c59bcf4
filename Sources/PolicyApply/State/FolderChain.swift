internal import PolicyFiles

/// The folders that were stepped through to what an owner has in a root, from the outside in.
///
/// A folder may have been made by a process that was killed before it could sync the entry. Whoever finds it cannot see
/// that; if a move into it were synced and the entry not, a power cut would take the folder and all that was moved.
/// INVARIANT: nothing is put into an empty folder, and no first record is written, before the way to it is synced.
final class FolderChain {
  private var folders: [Folder] = []

  /// Remembers a folder that holds an entry on the way.
  func add(_ folder: Folder) {
    let isKnown = folders.contains {
      $0.status.device == folder.status.device && $0.status.inode == folder.status.inode
    }
    if !isKnown { folders.append(folder) }
  }

  func sync(_ changes: FileChanges) throws(SystemError) {
    for folder in folders { try changes.sync(folder.directory) }
  }
}
