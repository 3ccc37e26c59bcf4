internal import CLinux
internal import Glibc
internal import PolicyFiles

/// What unpacking an archive needs beside making files and folders.
extension FileChanges {
  /// Writes bytes that lie in memory at an offset, all of them.
  func write(_ file: borrowing WritableFile, _ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(SystemError) {
    try before("pwrite")
    var written = 0
    while written < bytes.count {
      guard let base = bytes.baseAddress else { return }
      let result = unsafe pwrite(file.rawValue, base + written, bytes.count - written, off_t(offset) + off_t(written))
      if result < 0, Glibc.errno == EINTR { continue }
      guard result > 0 else { throw SystemError(errno: result == 0 ? ENOSPC : Glibc.errno, call: "pwrite") }
      written += result
    }
  }

  func makeLink(_ parent: borrowing DirectoryDescriptor, _ name: Name, to target: [UInt8]) throws(SystemError) {
    try before("symlinkat")
    let text = target.map { CChar(bitPattern: $0) } + [0]
    try repeated("symlinkat") { unsafe symlinkat(text, parent.rawValue, path(name)) }
  }

  /// A further name of a file; never of what a link points to.
  func makeName(
    _ parent: borrowing DirectoryDescriptor, _ name: Name, of folder: borrowing DirectoryDescriptor, _ first: Name
  ) throws(SystemError) {
    try before("linkat")
    try repeated("linkat") { unsafe linkat(folder.rawValue, path(first), parent.rawValue, path(name), 0) }
  }

  /// Of an open file or directory.
  func setMode(_ descriptor: Int32, _ mode: UInt32) throws(SystemError) {
    try before("fchmod")
    try repeated("fchmod") { fchmod(descriptor, mode) }
  }

  func setOwner(_ descriptor: Int32, _ uid: UInt32, _ gid: UInt32) throws(SystemError) {
    try before("fchown")
    try repeated("fchown") { fchown(descriptor, uid, gid) }
  }

  /// Of a link itself.
  func setOwner(
    _ parent: borrowing DirectoryDescriptor, _ name: Name, _ uid: UInt32, _ gid: UInt32
  ) throws(SystemError) {
    try before("fchownat")
    try repeated("fchownat") { unsafe fchownat(parent.rawValue, path(name), uid, gid, AT_SYMLINK_NOFOLLOW) }
  }

  func setAttribute(_ descriptor: Int32, _ name: [UInt8], _ value: [UInt8]) throws(SystemError) {
    try before("fsetxattr")
    let text = name.map { CChar(bitPattern: $0) } + [0]
    let result = unsafe value.withUnsafeBytes { buffer in
      unsafe policy_set_attribute(descriptor, text, buffer.baseAddress, buffer.count)
    }
    guard result >= 0 else { throw SystemError(errno: -result, call: "fsetxattr") }
  }

  /// The modification time of an entry, a link's own.
  func setModified(
    _ parent: borrowing DirectoryDescriptor, _ name: Name, _ nanoseconds: Int64
  ) throws(SystemError) {
    try before("utimensat")
    let result = unsafe policy_set_modified(parent.rawValue, path(name), nanoseconds)
    guard result >= 0 else { throw SystemError(errno: -result, call: "utimensat") }
  }
}
