internal import Dispatch
internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import Synchronization

/// Files that the user names on the command line: read whole, written whole.
enum Files {
  struct Failure: Error {
    let reason: String
    let isMissing: Bool
    var isTooLarge = false
    var isDenied = false
    var isFull = false
    var isThere = false
  }

  /// What came through pipes, by path: it comes only once, and commands look at a file more than once.
  private static let piped = Mutex<[String: [UInt8]]>([:])

  /// Of a longer file nothing is read.
  static let mostBytes = 4 << 30

  /// Everything in a file, or of standard input as `-`; `limit` bytes at the most.
  static func read(_ name: String, limit: Int = mostBytes) -> Result<[UInt8], Failure> {
    let path = name == "-" ? "/dev/stdin" : name
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG, status.st_mode & S_IFMT != S_IFDIR else {
      return readOnce(path, limit)
    }
    if let known = piped.withLock({ $0[path] }) { return .success(known) }
    let result = readOnce(path, limit)
    if case .success(let bytes) = result { piped.withLock { $0[path] = bytes } }
    return result
  }

  private static let mostOfDevice = 64 << 20

  private static func readOnce(_ path: String, _ limit: Int) -> Result<[UInt8], Failure> {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else {
      let code = errno
      return .failure(
        Failure(reason: errorText(code), isMissing: code == ENOENT || code == ENOTDIR, isDenied: code == EACCES))
    }
    defer { close(descriptor) }
    var status = stat()
    let expected = unsafe fstat(descriptor, &status) == 0 ? Int(clamping: status.st_size) : 0
    // A device such as /dev/zero has no end.
    let limit = status.st_mode & S_IFMT == S_IFCHR ? min(limit, mostOfDevice) : limit
    var bytes: [UInt8] = []
    if status.st_mode & S_IFMT == S_IFREG, expected >= large, expected <= limit,
      let halves = halves(descriptor, expected)
    {
      bytes = halves
      lseek(descriptor, off_t(expected), SEEK_SET)
    }
    // In one go where the size is known; files that grow, and pipes, in steps.
    var step = min(max(expected + 1 - bytes.count, 1 << 16), max(limit, 1 << 16))
    while true {
      var count = 0
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: step) { buffer, filled in
        count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        filled = max(count, 0)
      }
      if count < 0 {
        if errno == EINTR { continue }
        return .failure(Failure(reason: errorText(errno), isMissing: false))
      }
      if count == 0 { return .success(bytes) }
      guard bytes.count + count <= limit else {
        return .failure(Failure(reason: "it is larger than \(limit >> 20) MiB", isMissing: false, isTooLarge: true))
      }
      if bytes.isEmpty { bytes = piece } else { bytes += piece }
      step = 1 << 16
    }
  }

  /// So many bytes are worth a second thread to read them, and a word to the disk when they were written.
  private static let large = 8 << 20

  /// So many bytes from the beginning of a regular file, by two threads; `nil` where there are fewer, or they cannot be read.
  private static func halves(_ descriptor: Int32, _ size: Int) -> [UInt8]? {
    let isWhole = Atomic(true)
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      guard let base = buffer.baseAddress else { return }
      nonisolated(unsafe) let target = unsafe base
      unsafe Self.askForLargePages(UnsafeMutableRawPointer(base), size)
      DispatchQueue.concurrentPerform(iterations: 2) { half in
        var place = half == 0 ? 0 : size / 2
        let end = half == 0 ? size / 2 : size
        while place < end {
          let count = unsafe pread(descriptor, target + place, end - place, off_t(place))
          if count < 0, errno == EINTR { continue }
          guard count > 0 else { return isWhole.store(false, ordering: .relaxed) }
          place += count
        }
      }
      filled = isWhole.load(ordering: .relaxed) ? size : 0
    }
    return bytes.count == size ? bytes : nil
  }

  /// Memory that is filled at once is handed out in pages of two megabytes, where the system has such for whoever asks.
  private static func askForLargePages(_ start: UnsafeMutableRawPointer, _ size: Int) {
    let page = 2 << 20
    let first = unsafe start.alignedUp(toMultipleOf: page)
    let end = unsafe (start + size).alignedDown(toMultipleOf: page)
    // A wish: where it cannot be granted, all is as before.
    if unsafe first < end { _ = unsafe madvise(first, end - first, MADV_HUGEPAGE) }
  }

  /// Writes a result file that the user named: without a name, then under a temporary one beside it, then renamed over it, so
  /// that a reader never sees half of it, a full disk leaves the old one alone, and an interrupted command leaves nothing.
  ///
  /// - Parameter produce: hands over the content in pieces.
  static func write(to path: String, _ produce: (([UInt8]) -> Void) -> Void) -> Result<Void, Failure> {
    /// 0, or the errno of the first write that failed; later pieces are dropped.
    func pour(into descriptor: Int32) -> Int32 {
      var (code, written, begun): (Int32, Int, Int) = (0, 0, 0)
      produce { piece in
        guard code == 0 else { return }
        code = Console.writeAll(piece, to: descriptor)
        written += piece.count
        if written - begun < large { return }
        // The disk works while the rest is made; `fsync` waits for it, and tells of what went wrong. Of a pipe there is
        // nothing to write, and the call does nothing.
        Writeback.begin(descriptor, begun..<written)
        begun = written
      }
      return code
    }
    var status = stat()
    if unsafe stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      // A device or pipe such as /dev/stdout is written through, not replaced.
      let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return failure() }
      defer { close(descriptor) }
      let code = pour(into: descriptor)
      return code == 0 ? .success(()) : .failure(failure(of: code))
    }
    let temporary = path + ".\(getpid()).part"
    let unnamed = openUnnamed(beside: path)
    let descriptor = unsafe unnamed ?? open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return failure() }
    var code = pour(into: descriptor)
    if code == 0, fsync(descriptor) != 0, errno != EINVAL { code = errno }
    if code == 0, unnamed != nil, unsafe linkat(AT_FDCWD, own(descriptor), AT_FDCWD, temporary, AT_SYMLINK_FOLLOW) != 0
    {
      code = errno
    }
    close(descriptor)
    if code == 0, unsafe rename(temporary, path) != 0 { code = errno }
    if code != 0 {
      _ = unsafe unlink(temporary)
      return .failure(failure(of: code))
    }
    return .success(())
  }

  /// A file that has no name until it is whole, so that nothing stays of one whose writer was killed. `nil` where the file
  /// system, or a process without `/proc`, has no such files.
  private static func openUnnamed(beside path: String) -> Int32? {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = unsafe open(folder, O_WRONLY | unnamedFile | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return nil }
    var (mine, listed) = (stat(), stat())
    if unsafe fstat(descriptor, &mine) == 0, unsafe stat(own(descriptor), &listed) == 0, mine.st_ino == listed.st_ino,
      mine.st_dev == listed.st_dev
    {
      return descriptor
    }
    close(descriptor)
    return nil
  }

  /// `O_TMPFILE`, a macro that Swift does not see; of x86-64 and arm64 alike.
  private static let unnamedFile = 0o20_000_000 | O_DIRECTORY

  private static func own(_ descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }

  /// Whether the name is taken, be it by a link that leads nowhere.
  static func isThere(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
  }

  /// Whether it is something to write through, such as /dev/stdout.
  static func isDevice(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG && status.st_mode & S_IFMT != S_IFDIR
  }

  /// The first 4 KiB of a regular file; empty where there is none, or it cannot be read.
  static func beginning(_ path: String) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    return unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, filled in
      filled = unsafe max(0, Glibc.read(descriptor, buffer.baseAddress, buffer.count))
    }
  }

  /// Writes a file that must not be there yet: what stands under that name is somebody's work.
  static func create(_ path: String, _ bytes: [UInt8]) -> Result<Void, Failure> {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return failure() }
    var code = Console.writeAll(bytes, to: descriptor)
    if code == 0, fsync(descriptor) != 0, errno != EINVAL { code = errno }
    close(descriptor)
    guard code != 0 else { return .success(()) }
    _ = unsafe unlink(path)
    return .failure(failure(of: code))
  }

  /// Replaces the text of an existing file, through links, keeping its permissions.
  static func rewrite(_ path: String, _ bytes: [UInt8]) -> Result<Void, Failure> {
    guard let pointer = unsafe realpath(path, nil) else { return failure() }
    let target = unsafe String(cString: pointer)
    unsafe free(pointer)
    var status = stat()
    guard unsafe stat(target, &status) == 0, unsafe access(target, W_OK) == 0 else { return failure() }
    let temporary = target + ".\(getpid()).part"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return failure() }
    var code = Console.writeAll(bytes, to: descriptor)
    if code == 0, fchmod(descriptor, status.st_mode & 0o7777) != 0 { code = errno }
    if code == 0, fsync(descriptor) != 0, errno != EINVAL { code = errno }
    close(descriptor)
    if code == 0, unsafe rename(temporary, target) != 0 { code = errno }
    guard code != 0 else { return .success(()) }
    _ = unsafe unlink(temporary)
    return .failure(failure(of: code))
  }

  private static func failure() -> Result<Void, Failure> { .failure(failure(of: errno)) }

  private static func failure(of code: Int32) -> Failure {
    Failure(
      reason: errorText(code), isMissing: code == ENOENT, isFull: code == ENOSPC || code == EDQUOT,
      isThere: code == EEXIST)
  }
}
