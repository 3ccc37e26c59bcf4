internal import CLinux
internal import Glibc
internal import PolicyFiles

/// Takes the lock of a descriptor without waiting; false where somebody else has it. Changes nothing on disk.
func tryLock(_ descriptor: Int32) throws(SystemError) -> Bool {
  let result = policy_flock_exclusive(descriptor)
  if result == 0 { return true }
  if result == -EWOULDBLOCK { return false }
  throw SystemError(errno: -result, call: "flock")
}

/// A lock file that is held as long as this lives.
///
/// Locks are dropped and not only closed: a child that another thread is just starting has a copy of every descriptor,
/// and would keep them.
final class HeldLock: Sendable {
  private let file: WritableFile
  init(_ file: consuming WritableFile) { self.file = file }
  deinit { policy_unlock(file.rawValue) }
}

/// A locked directory.
final class LockedFolder: Sendable {
  let folder: Folder
  /// `nil` where somebody else has the lock.
  init?(_ folder: Folder) throws(SystemError) {
    guard try tryLock(folder.directory.rawValue) else { return nil }
    self.folder = folder
  }
  deinit { policy_unlock(folder.directory.rawValue) }
}

/// A locked file.
final class LockedFile: Sendable {
  private let file: RegularFile
  /// `nil` where somebody else has the lock.
  init?(_ file: consuming RegularFile) throws(SystemError) {
    self.file = file
    guard try tryLock(self.file.rawValue) else { return nil }
  }
  deinit { policy_unlock(file.rawValue) }
}
