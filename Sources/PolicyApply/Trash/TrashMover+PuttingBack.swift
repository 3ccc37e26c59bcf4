internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

extension TrashMover {
  /// Moves what should not have been moved back to its folder, or, where that was removed or moved out of the root
  /// meanwhile, to the nearest one above it. Its new path; `nil` where it has its own.
  func putBack(
    _ stored: Name, _ item: JournalItem, _ found: ItemLook.Found
  ) throws(SystemError) -> ByteString? {
    guard var path = RelativePath(item.place.bytes)?.split?.parent else {
      throw SystemError(errno: EINVAL, call: "renameat2")
    }
    var (folder, isItsOwn): (Folder?, Bool) = (found.parent, true)
    var last: SystemError?
    while true {
      if let folder {
        do throws(SystemError) {
          let name = try rename(stored, into: folder, found.name, mayKeepName: isItsOwn)
          return isItsOwn && name == found.name ? nil : ByteString(path.appending(name).bytes)
        } catch {
          // Removed, or moved out to where this process may not write.
          guard !error.stopsEverything else { throw error }
          last = last ?? error
        }
      }
      guard let above = path.split?.parent else { throw last ?? SystemError(errno: ENOENT, call: "renameat2") }
      (path, isItsOwn) = (above, false)
      folder = try? store.root.folder(path)
    }
  }

  /// Whoever put it under the planned name may take that at once, and any other that can be guessed: then it gets one
  /// that cannot.
  private func rename(
    _ stored: Name, into folder: Folder, _ own: Name, mayKeepName: Bool
  ) throws(SystemError) -> Name {
    var last = SystemError(errno: EEXIST, call: "renameat2")
    for attempt in (mayKeepName ? 0 : 1)..<8 {
      let suffix = attempt == 0 ? "" : ".restored-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
      guard let name = Name(Array(own.bytes.prefix(255 - suffix.utf8.count)) + Array(suffix.utf8)) else { break }
      do throws(SystemError) {
        try store.changes.move(store.files.directory, stored, to: folder.directory, name)
        return name
      } catch {
        guard error.errno == EEXIST || error.errno == ENOTEMPTY else { throw error }
        last = error
      }
    }
    throw last
  }
}
