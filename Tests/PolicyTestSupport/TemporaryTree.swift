import Glibc
public import PolicyCore

/// A directory tree for one test, made with plain system calls because names are bytes. Removed at the end, whatever
/// its permissions.
public final class TemporaryTree: Sendable {
  /// Absolute, without links.
  public let path: ByteString

  /// `folder`: where to make it, without links.
  public init(in folder: String = "/tmp") {
    var template = Array((folder + "/policy-test-XXXXXX").utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return false }
      return unsafe mkdtemp(start) != nil
    }
    precondition(made, "no temporary directory")
    path = ByteString(template.dropLast().map { UInt8(bitPattern: $0) })
  }

  deinit {
    let text = path.displayText
    _ = Self.run("/bin/rm", ["rm", "-rf", "--", text])
  }

  /// Starts a program and waits for it; its status as `waitpid` gives it.
  public static func run(_ program: String, _ arguments: [String]) -> Int32 {
    var copies = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe copies.indices { unsafe free(copies[index]) } }
    var process: pid_t = 0
    guard unsafe posix_spawn(&process, program, nil, nil, &copies, environ) == 0 else { return -1 }
    var status: Int32 = 0
    _ = unsafe waitpid(process, &status, 0)
    return status
  }

  public func absolute(_ relative: ByteString) -> ByteString {
    relative.isEmpty ? path : ByteString(path.bytes + [47] + relative.bytes)
  }

  private func call(_ relative: ByteString, _ body: (UnsafePointer<CChar>) -> Int32) {
    let bytes = absolute(relative).bytes.map { CChar(bitPattern: $0) } + [0]
    let result: Int32 = unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return -1 }
      return unsafe body(start)
    }
    precondition(result >= 0, "\(relative.displayText): \(errno)")
  }

  /// Makes a directory and those above it.
  public func directory(_ relative: ByteString, mode: UInt32 = 0o755) {
    var parts: [ByteString] = []
    for part in relative.components {
      parts.append(part)
      let here = ByteString(Array(parts.map(\.bytes).joined(separator: [47])))
      unsafe call(here) { unsafe mkdir($0, 0o755) == 0 || errno == EEXIST ? 0 : -1 }
    }
    self.mode(relative, mode)
  }

  /// Makes a file and the directories above it.
  public func file(_ relative: ByteString, _ bytes: [UInt8] = [], modified: Int64? = nil) {
    let parent = ByteString(relative.bytes.prefix(upTo: relative.bytes.lastIndex(of: 47) ?? 0))
    if !parent.isEmpty { directory(parent) }
    unsafe call(relative) { name in
      let file = unsafe open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard file >= 0 else { return -1 }
      defer { close(file) }
      return unsafe write(file, bytes, bytes.count) == bytes.count ? 0 : -1
    }
    if let modified { self.modified(relative, modified) }
  }

  public func file(_ relative: ByteString, _ text: String, modified: Int64? = nil) {
    file(relative, Array(text.utf8), modified: modified)
  }

  /// Writes a file that is there anew, in place: its directory does not change.
  public func overwrite(_ relative: ByteString, _ bytes: [UInt8], modified: Int64? = nil) {
    unsafe call(relative) { name in
      let file = unsafe open(name, O_WRONLY | O_TRUNC | O_CLOEXEC)
      guard file >= 0 else { return -1 }
      defer { close(file) }
      return unsafe write(file, bytes, bytes.count) == bytes.count ? 0 : -1
    }
    if let modified { self.modified(relative, modified) }
  }

  public func overwrite(_ relative: ByteString, _ text: String, modified: Int64? = nil) {
    overwrite(relative, Array(text.utf8), modified: modified)
  }

  public func symlink(_ relative: ByteString, to target: String) {
    unsafe call(relative) { unsafe Glibc.symlink(target, $0) }
  }

  public func hardLink(_ relative: ByteString, to other: ByteString) {
    let target = absolute(other).bytes.map { CChar(bitPattern: $0) } + [0]
    unsafe call(relative) { unsafe link(target, $0) }
  }

  public func fifo(_ relative: ByteString) { unsafe call(relative) { unsafe mkfifo($0, 0o644) } }

  public func mode(_ relative: ByteString, _ mode: UInt32) { unsafe call(relative) { unsafe chmod($0, mode) } }

  public func owner(_ relative: ByteString, _ uid: UInt32) { unsafe call(relative) { unsafe lchown($0, uid, uid) } }

  /// Sets the mtime, in nanoseconds since 1970; a link's own.
  public func modified(_ relative: ByteString, _ nanoseconds: Int64) {
    let stamp = timespec(
      tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    unsafe call(relative) { unsafe utimensat(AT_FDCWD, $0, [stamp, stamp], AT_SYMLINK_NOFOLLOW) }
  }

  /// Makes a file as long as that, without writing to it.
  public func size(_ relative: ByteString, _ bytes: Int64) { unsafe call(relative) { unsafe truncate($0, Int(bytes)) } }

  public func has(_ relative: ByteString) -> Bool {
    let bytes = absolute(relative).bytes.map { CChar(bitPattern: $0) } + [0]
    return unsafe access(bytes, F_OK) == 0
  }

  public func remove(_ relative: ByteString) { unsafe call(relative) { unsafe Glibc.remove($0) } }

  public func rename(_ from: ByteString, to other: ByteString) {
    let target = absolute(other).bytes.map { CChar(bitPattern: $0) } + [0]
    unsafe call(from) { unsafe Glibc.rename($0, target) }
  }

  /// Opens an entry for the time of a call.
  public func opened<Result>(_ relative: ByteString, _ body: (Int32) -> Result) -> Result {
    var file: Int32 = -1
    unsafe call(relative) { name in
      file = unsafe open(name, O_RDONLY | O_CLOEXEC)
      return file
    }
    defer { close(file) }
    return body(file)
  }
}
