internal import CLinux
internal import Glibc

/// How paths are resolved below a directory without ever leaving it.
///
/// `openat2` does it in the kernel. Without it (ENOSYS on old kernels, EPERM under old container profiles) every
/// component is opened by itself, without following links, and its mount is compared with that of the start: a
/// directory that is moved away between two steps can then still be read, but a link or a mount is never crossed.
public enum PathResolution: Sendable, Equatable {
  case openat2, componentWalk

  /// What this system offers; asked once.
  public static let available: PathResolution = {
    let result = unsafe policy_openat2(
      AT_FDCWD, ".", UInt64(POLICY_O_PATH | O_DIRECTORY | O_CLOEXEC), 0, POLICY_RESOLVE_BENEATH)
    if result >= 0 {
      _ = policy_close(result)
      return .openat2
    }
    return result == -ENOSYS || result == -EPERM ? .componentWalk : .openat2
  }()

  static let confinement =
    POLICY_RESOLVE_BENEATH | POLICY_RESOLVE_NO_SYMLINKS | POLICY_RESOLVE_NO_MAGICLINKS | POLICY_RESOLVE_NO_XDEV

  /// Opens `names` below `directory`, which may be empty. The caller owns the descriptor.
  func open(_ directory: Int32, _ names: [Name], flags: Int32) throws(SystemError) -> Int32 {
    let flags = flags | O_CLOEXEC | O_NOFOLLOW
    switch self {
    case .openat2:
      let path = names.isEmpty ? [UInt8(ascii: ".")] : RelativePath(names).bytes
      return try checked(unsafe withTerminated(path) { unsafe Self.confinedOpen(directory, $0, flags) }, "openat2")
    case .componentWalk:
      return try walk(directory, names, flags)
    }
  }

  /// A descriptor or -errno. EAGAIN means that the kernel lost a race against a rename; a few more tries settle it.
  static func confinedOpen(_ directory: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32) -> Int32 {
    var result: Int32 = 0
    for _ in 0..<16 {
      result = unsafe policy_openat2(directory, path, UInt64(flags), 0, confinement)
      if result != -EAGAIN { break }
    }
    return result
  }

  private func walk(_ directory: Int32, _ names: [Name], _ flags: Int32) throws(SystemError) -> Int32 {
    guard let last = names.last else {
      return try checked(unsafe policy_openat(directory, ".", flags, 0), "openat")
    }
    let start = try FileStatus.read(directory, [])
    var current = directory
    defer { if current != directory { _ = policy_close(current) } }
    for name in names.dropLast() {
      let next = try step(current, name, POLICY_O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, start)
      if current != directory { _ = policy_close(current) }
      current = next
    }
    return try step(current, last, flags, start)
  }

  private func step(
    _ directory: Int32, _ name: Name, _ flags: Int32, _ start: FileStatus
  ) throws(SystemError) -> Int32 {
    let path = name.bytes.map { CChar(bitPattern: $0) } + [0]
    let next = try checked(unsafe policy_openat(directory, path, flags, 0), "openat")
    do throws(SystemError) {
      let status = try FileStatus.read(next, [])
      if status.type == .symlink { throw SystemError(errno: ELOOP, call: "openat") }
      if status.isOnAnotherMount(than: start) { throw SystemError(errno: EXDEV, call: "openat") }
      return next
    } catch {
      _ = policy_close(next)
      throw error
    }
  }
}
