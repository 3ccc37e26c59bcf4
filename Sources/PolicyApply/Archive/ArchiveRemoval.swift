internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Takes away an archive whose item is in its place: one that was not finished, or not needed.
///
/// A published one is renamed first: a folder with an archive's own name holds a whole archive, always.
struct ArchiveRemoval {
  let store: OwnerStore
  let own: Folder
  let place: ArchivePlace

  /// False where there was nothing.
  @discardableResult func remove() throws(SystemError) -> Bool {
    guard let name = Name(place.name.bytes), let partial = Name(place.partialName.bytes) else { return false }
    var isThere = false
    if let status = try own.statusIfThere(name) {
      isThere = true
      // Where renames have no RENAME_NOREPLACE, one of the two may be the empty folder that was made to be replaced.
      if try own.statusIfThere(partial) != nil {
        let isPlaceholder = status.type == .directory ? try own.folder(name).directory.list().count == 0 : false
        try store.changes.removeDirectory(own.directory, isPlaceholder ? name : partial)
      }
      if try own.statusIfThere(name) != nil {
        try store.changes.rename(in: own, name, to: partial)
        try store.changes.sync(own.directory)
      }
    }
    return try removePartial() || isThere
  }

  /// Of one that was not published.
  @discardableResult func removePartial() throws(SystemError) -> Bool {
    guard let partial = Name(place.partialName.bytes), try own.statusIfThere(partial) != nil else { return false }
    try TreeRemoval(changes: store.changes, uid: store.uid, seen: nil).remove(own, partial)
    try store.changes.sync(own.directory)
    return true
  }
}
