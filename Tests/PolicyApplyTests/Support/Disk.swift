import CLinux
import Foundation

/// What people and other programs do to files, in short words.
enum Disk {
  @discardableResult static func move(_ old: String, _ new: String) -> Bool { unsafe rename(old, new) == 0 }
  @discardableResult static func symbolicLink(_ target: String, _ path: String) -> Bool {
    unsafe symlink(target, path) == 0
  }
  @discardableResult static func hardLink(_ old: String, _ new: String) -> Bool { unsafe link(old, new) == 0 }
  @discardableResult static func makeDirectory(_ path: String, _ mode: mode_t = 0o755) -> Bool {
    unsafe mkdir(path, mode) == 0
  }
  @discardableResult static func removeDirectory(_ path: String) -> Bool { unsafe rmdir(path) == 0 }
  @discardableResult static func remove(_ path: String) -> Bool { unsafe unlink(path) == 0 }
  @discardableResult static func setMode(_ path: String, _ mode: mode_t) -> Bool { unsafe chmod(path, mode) == 0 }
  @discardableResult static func setOwner(_ path: String, _ uid: uid_t) -> Bool { unsafe lchown(path, uid, uid) == 0 }

  static func status(_ path: String) -> stat? {
    var status = stat()
    return unsafe lstat(path, &status) == 0 ? status : nil
  }

  static func bytes(_ path: String) -> [UInt8]? { FileManager.default.contents(atPath: path).map { Array($0) } }
  static func text(_ path: String) -> String? { bytes(path).map { String(decoding: $0, as: UTF8.self) } }
  @discardableResult static func write(_ path: String, _ bytes: [UInt8]) -> Bool {
    FileManager.default.createFile(atPath: path, contents: Data(bytes))
  }

  static func append(_ path: String, _ text: String) {
    guard let handle = FileHandle(forWritingAtPath: path) else { return }
    handle.seekToEndOfFile()
    handle.write(Data(text.utf8))
    try? handle.close()
  }

  /// Other bytes, and the old size and modification time.
  static func rewriteInSecret(_ path: String) {
    guard let before = status(path), let handle = FileHandle(forWritingAtPath: path) else { return }
    handle.write(Data("X".utf8))
    try? handle.close()
    unsafe [before.st_atim, before.st_mtim].withUnsafeBufferPointer { times in
      _ = unsafe utimensat(AT_FDCWD, path, times.baseAddress, 0)
    }
  }

  /// Renames a directory of `folder` to a name of any bytes.
  static func move(_ old: String, in folder: String, to name: [UInt8]) -> Bool {
    let target = (Array((folder + "/").utf8) + name).map { CChar(bitPattern: $0) } + [0]
    return unsafe rename(folder + "/" + old, target) == 0
  }

  static func now() -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// A lock held until it is dropped.
  final class Lock {
    private let descriptor: Int32
    let isHeld: Bool
    init(_ path: String) {
      descriptor = unsafe policy_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0)
      isHeld = policy_flock_exclusive(descriptor) == 0
    }
    deinit { _ = policy_close(descriptor) }
  }
}
