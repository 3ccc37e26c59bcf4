internal import CLinux
internal import Glibc
package import PolicyFiles
internal import Synchronization

/// Every call that changes anything under a root, in the trash or in the state: nothing else in the project has one.
///
/// Each takes a directory descriptor and one `Name`, so it can only touch an entry of a directory that was stepped down
/// to without following links. Before each call an optional fault is asked, which is how the tests stop a process
/// before its k-th change, or make that change fail.
package final class FileChanges: Sendable {
  /// What a fault is told: which call, and the how-manieth of this object, from 1.
  package struct Call: Sendable {
    package let name: String
    package let number: Int
  }

  private let fault: (@Sendable (Call) -> Int32?)?
  private let count = Mutex(0)
  /// False to behave as on a file system without RENAME_NOREPLACE.
  private let hasNoReplace: Bool

  /// `fault` returns the error number that a call is to fail with, or `nil` to let it happen.
  package init(hasNoReplace: Bool = true, fault: (@Sendable (Call) -> Int32?)? = nil) {
    self.hasNoReplace = hasNoReplace
    self.fault = fault
  }

  /// How many calls were begun.
  package var calls: Int { count.withLock { $0 } }

  func before(_ name: String) throws(SystemError) {
    let number = count.withLock { count -> Int in
      count += 1
      return count
    }
    if let error = fault?(Call(name: name, number: number)) { throw SystemError(errno: error, call: name) }
  }

  func check(_ result: Int32, _ call: String) throws(SystemError) {
    guard result >= 0 else { throw SystemError(errno: Glibc.errno, call: call) }
  }

  /// Makes a call again that a signal interrupted, as some file systems of user space let happen. Never for a sync.
  func repeated(_ call: String, _ make: () -> Int32) throws(SystemError) {
    var result = make()
    for _ in 0..<16 where result < 0 && Glibc.errno == EINTR { result = make() }
    try check(result, call)
  }

  func path(_ name: Name) -> [CChar] { name.bytes.map { CChar(bitPattern: $0) } + [0] }

  // MARK: directories

  /// `mode` is taken as it is, whatever the umask.
  package func makeDirectory(
    _ parent: borrowing DirectoryDescriptor, _ name: Name, mode: UInt32
  ) throws(SystemError) {
    try before("mkdirat")
    try repeated("mkdirat") { unsafe mkdirat(parent.rawValue, path(name), mode & 0o700) }
    // Until here it was ours alone; widening it goes by descriptor, so a swapped name cannot be meant.
    if mode & 0o7777 != 0o700 {
      let made = try parent.open(name)
      try before("fchmod")
      try repeated("fchmod") { fchmod(made.rawValue, mode) }
    }
  }

  package func removeDirectory(_ parent: borrowing DirectoryDescriptor, _ name: Name) throws(SystemError) {
    try before("rmdir")
    try repeated("rmdir") { unsafe unlinkat(parent.rawValue, path(name), AT_REMOVEDIR) }
  }

  /// Removes what is no directory.
  package func unlink(_ parent: borrowing DirectoryDescriptor, _ name: Name) throws(SystemError) {
    try before("unlink")
    try repeated("unlink") { unsafe unlinkat(parent.rawValue, path(name), 0) }
  }

  /// Makes the entries of a directory last.
  package func sync(_ directory: borrowing DirectoryDescriptor) throws(SystemError) {
    try before("fsync")
    try check(fsync(directory.rawValue), "fsync")
  }

  /// Makes everything on the file system last: one call for many files.
  package func syncFileSystem(of directory: borrowing DirectoryDescriptor) throws(SystemError) {
    try before("syncfs")
    let result = policy_syncfs(directory.rawValue)
    guard result >= 0 else { throw SystemError(errno: -result, call: "syncfs") }
  }

  // MARK: files

  /// Opens a file for reading and writing, mode 0600, made where it is not there; never through a link.
  package func openFile(
    _ parent: borrowing DirectoryDescriptor, _ name: Name, exclusive: Bool, mode: UInt32 = 0o600
  ) throws(SystemError) -> WritableFile {
    try before("openat")
    let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (exclusive ? O_EXCL : 0)
    let descriptor = unsafe policy_openat(parent.rawValue, path(name), flags, mode)
    guard descriptor >= 0 else { throw SystemError(errno: -descriptor, call: "openat") }
    return WritableFile(owning: descriptor)
  }

  /// Whatever the umask.
  package func setMode(_ file: borrowing WritableFile, _ mode: UInt32) throws(SystemError) {
    try before("fchmod")
    try repeated("fchmod") { fchmod(file.rawValue, mode) }
  }

  /// Writes all the bytes at an offset.
  package func write(
    _ file: borrowing WritableFile, _ bytes: [UInt8], at offset: Int64
  ) throws(SystemError) {
    try before("pwrite")
    var written = 0
    while written < bytes.count {
      let result = unsafe bytes.withUnsafeBytes { buffer -> Int in
        guard let base = buffer.baseAddress else { return 0 }
        return unsafe pwrite(file.rawValue, base + written, bytes.count - written, off_t(offset) + off_t(written))
      }
      if result < 0, Glibc.errno == EINTR { continue }
      guard result > 0 else { throw SystemError(errno: result == 0 ? ENOSPC : Glibc.errno, call: "pwrite") }
      written += result
    }
  }

  package func truncate(_ file: borrowing WritableFile, to size: Int64) throws(SystemError) {
    try before("ftruncate")
    try repeated("ftruncate") { ftruncate(file.rawValue, off_t(size)) }
  }

  /// Reserves blocks without changing the length.
  package func reserve(_ file: borrowing WritableFile, _ size: Int64) throws(SystemError) {
    try before("fallocate")
    let result = policy_reserve(file.rawValue, size)
    guard result >= 0 else { throw SystemError(errno: -result, call: "fallocate") }
  }

  package func sync(_ file: borrowing WritableFile) throws(SystemError) {
    try before("fdatasync")
    try check(fdatasync(file.rawValue), "fdatasync")
  }

  // MARK: moving

  /// Puts one of our own files in the place of another.
  package func replace(
    _ parent: borrowing DirectoryDescriptor, _ name: Name, with newer: Name
  ) throws(SystemError) {
    try before("renameat")
    try check(unsafe renameat(parent.rawValue, path(newer), parent.rawValue, path(name)), "renameat")
  }

  /// Moves an entry and never overwrites one: EEXIST where the new name is taken.
  ///
  /// Where the file system has no RENAME_NOREPLACE (NFS, some FUSE), a directory is renamed onto an empty one made for
  /// it (which only an empty one allows), and anything else is linked to its new name and unlinked from the old. A crash
  /// in between leaves an empty directory, or one inode under both names: recovery knows both.
  package func move(
    _ parent: borrowing DirectoryDescriptor, _ name: Name, to target: borrowing DirectoryDescriptor, _ newName: Name
  ) throws(SystemError) {
    if hasNoReplace {
      try before("renameat2")
      let result = unsafe policy_renameat2(
        parent.rawValue, path(name), target.rawValue, path(newName), POLICY_RENAME_NOREPLACE)
      if result >= 0 { return }
      guard [EINVAL, ENOSYS, EOPNOTSUPP].contains(-result) else {
        throw SystemError(errno: -result, call: "renameat2")
      }
    }
    if try parent.status(name).type == .directory {
      try makeDirectory(target, newName, mode: 0o700)
      do throws(SystemError) {
        try before("renameat")
        try check(unsafe renameat(parent.rawValue, path(name), target.rawValue, path(newName)), "renameat")
      } catch {
        try? removeDirectory(target, newName)
        throw error
      }
    } else {
      try before("linkat")
      try check(unsafe linkat(parent.rawValue, path(name), target.rawValue, path(newName), 0), "linkat")
      try unlink(parent, name)
    }
  }
}

extension FileChanges {
  /// `move` within one folder.
  func rename(in folder: Folder, _ name: Name, to newName: Name) throws(SystemError) {
    let shared = folder.shared
    try move(shared.directory, name, to: shared.directory, newName)
  }
}

/// An open file that may be written. Closed, and its lock dropped, when it goes out of scope.
package struct WritableFile: ~Copyable, Sendable {
  package let rawValue: Int32
  init(owning rawValue: Int32) { self.rawValue = rawValue }
  deinit { _ = policy_close(rawValue) }
}

/// An open file that several can hold, on several threads.
final class SharedFile: Sendable {
  let file: WritableFile
  init(_ file: consuming WritableFile) { self.file = file }
}
