internal import CLinux
internal import Glibc
internal import PolicyFiles

extension Folder {
  /// The directory above, by `..`; whoever asks must check that it is the one that was meant.
  func parent() throws(SystemError) -> Folder {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let descriptor = unsafe policy_openat(directory.rawValue, "..", flags, 0)
    guard descriptor >= 0 else { throw SystemError(errno: -descriptor, call: "openat") }
    return try Folder(DirectoryDescriptor(owning: descriptor, resolution: directory.resolution))
  }
}

extension DirectoryDescriptor {
  /// An inherited directory, opened anew, with a reading position of its own.
  static func again(_ inherited: Int32) throws(SystemError) -> DirectoryDescriptor {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
    let descriptor = unsafe policy_openat(inherited, ".", flags, 0)
    guard descriptor >= 0 else { throw SystemError(errno: -descriptor, call: "openat") }
    return DirectoryDescriptor(owning: descriptor, resolution: .available)
  }
}
