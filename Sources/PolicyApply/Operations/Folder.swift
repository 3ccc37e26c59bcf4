internal import PolicyFiles

/// A directory descriptor that several owners, and collections, can hold.
final class Folder: Sendable {
  let shared: SharedDirectory
  let status: FileStatus
  var directory: DirectoryDescriptor { _read { yield shared.directory } }

  init(_ directory: consuming DirectoryDescriptor) throws(SystemError) {
    shared = SharedDirectory(directory)
    status = try shared.directory.status()
  }

  /// Opens a path below; see `DirectoryDescriptor.open`.
  func folder(_ path: RelativePath) throws(SystemError) -> Folder { try Folder(directory.open(path)) }
  func folder(_ name: Name) throws(SystemError) -> Folder { try Folder(directory.open(name)) }

  /// The status of an entry, `nil` where there is none.
  func statusIfThere(_ name: Name) throws(SystemError) -> FileStatus? {
    do {
      return try directory.status(name)
    } catch {
      if error.isAbsence { return nil }
      throw error
    }
  }
}
