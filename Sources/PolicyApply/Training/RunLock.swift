internal import Glibc
public import PolicyCore
internal import PolicyFiles

/// The lock file of a training, in its run: put there, and taken away by whoever put it.
public struct RunLock: Sendable {
  /// Absolute.
  public let run: ByteString
  private let file: Name
  private let text: [UInt8]

  /// Writes a lock into a directory of the caller's own, whole or not at all.
  ///
  /// - Parameters:
  ///   - run: an absolute path whose last component is no link.
  ///   - identity: what the directory must be, where that is known.
  ///   - isOver: whether a lock that is there already says that its training has ended; any other stays.
  public static func put(
    _ text: String, named file: String, in run: ByteString, identity: (device: UInt64, inode: UInt64)? = nil,
    isOver: ([UInt8]) -> Bool
  ) throws(ApplyFailure) -> RunLock {
    guard let name = Name(file), let part = Name("\(file).\(getpid()).part") else {
      throw ApplyFailure(.environment, "`\(file)` is no name for a lock")
    }
    let lock = RunLock(run: run, file: name, text: Array(text.utf8))
    do throws(SystemError) {
      let directory = try DirectoryDescriptor.openRoot(run.bytes)
      let status = try directory.status()
      if let identity, identity != (status.device, status.inode) {
        throw SystemError(errno: ESTALE, call: "open")
      }
      let changes = FileChanges()
      let before = try existing(name, in: directory)
      if let before, !isOver(before) {
        throw SystemError(errno: EEXIST, call: "open")
      }
      // What a process of the same number left behind when it was killed right here.
      try? changes.unlink(directory, part)
      do throws(SystemError) {
        try lock.write(part, changes, directory)
        // Compared with a file of ours, not with our number: servers map owners.
        guard try directory.status(part).uid == status.uid else { throw SystemError(errno: EPERM, call: "open") }
        if before == nil {
          try changes.move(directory, part, to: directory, name)
        } else {
          try changes.replace(directory, name, with: part)
        }
      } catch {
        try? changes.unlink(directory, part)
        throw error
      }
    } catch {
      throw failure(error, run)
    }
    return lock
  }

  private func write(
    _ part: Name, _ changes: FileChanges, _ directory: borrowing DirectoryDescriptor
  ) throws(SystemError) {
    let opened = try changes.openFile(directory, part, exclusive: true, mode: 0o644)
    try changes.write(opened, text, at: 0)
    // A lock that a power cut empties would be one that nobody can test.
    try changes.sync(opened)
  }

  /// Takes the lock away, if it still is the one that was put; false where it is not.
  @discardableResult
  public func remove() -> Bool {
    guard let directory = try? DirectoryDescriptor.openRoot(run.bytes),
      let now = try? Self.existing(file, in: directory), now == text
    else { return false }
    return (try? FileChanges().unlink(directory, file)) != nil
  }

  private static func existing(
    _ name: Name, in directory: borrowing DirectoryDescriptor
  ) throws(SystemError) -> [UInt8]? {
    do throws(SystemError) {
      return try directory.readFile(name, limit: 1 << 16).bytes
    } catch {
      if error.errno == ENOENT { return nil }
      throw error
    }
  }

  private static func failure(_ error: SystemError, _ run: ByteString) -> ApplyFailure {
    switch error.errno {
    case EEXIST: ApplyFailure(.locked, "another training has its lock in it")
    case EPERM: ApplyFailure(.refused, "it belongs to somebody else")
    case ENOSPC, EDQUOT, EIO, EROFS: ApplyFailure(.environment, error.text)
    case _: ApplyFailure(.nothingChecked, error.sentence)
    }
  }
}
