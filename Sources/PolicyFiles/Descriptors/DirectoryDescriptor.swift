internal import CLinux
internal import Glibc

/// An open directory, the only way into the tree below it: reading only, and never through a link or onto another
/// mount, but where a method says so of itself. Closed when it goes out of scope.
public struct DirectoryDescriptor: ~Copyable, Sendable {
  /// For the one module that changes things; still owned by this value.
  package let rawValue: Int32
  public let resolution: PathResolution

  /// Takes over an open descriptor.
  package init(owning rawValue: Int32, resolution: PathResolution) {
    self.rawValue = rawValue
    self.resolution = resolution
  }

  deinit { _ = policy_close(rawValue) }

  /// Opens an absolute path. Its parents may be links, as the administrator wills; the last component may not
  /// (ELOOP or ENOTDIR). `resolution` is for tests.
  public static func openRoot(
    _ path: [UInt8], resolution: PathResolution = .available
  ) throws(SystemError) -> DirectoryDescriptor {
    guard path.first == UInt8(ascii: "/"), !path.contains(0) else {
      throw SystemError(errno: EINVAL, call: "open")
    }
    let terminated = path.map { CChar(bitPattern: $0) } + [0]
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let descriptor = try checked(unsafe policy_openat(AT_FDCWD, terminated, flags, 0), "open")
    return DirectoryDescriptor(owning: descriptor, resolution: resolution)
  }

  /// Opens a directory below this one; ELOOP for links, EXDEV for other mounts.
  public func open(_ path: RelativePath) throws(SystemError) -> DirectoryDescriptor {
    let descriptor = try resolution.open(rawValue, path.names, flags: O_RDONLY | O_DIRECTORY)
    return DirectoryDescriptor(owning: descriptor, resolution: resolution)
  }

  public func open(_ name: Name) throws(SystemError) -> DirectoryDescriptor {
    try open(RelativePath([name]))
  }

  /// Another descriptor of the same directory, with a reading position of its own.
  public func reopened() throws(SystemError) -> DirectoryDescriptor { try open(RelativePath()) }

  public func status() throws(SystemError) -> FileStatus { try FileStatus.read(rawValue, []) }

  /// The status of an entry, a link's own.
  public func status(_ name: Name) throws(SystemError) -> FileStatus { try FileStatus.read(rawValue, name.bytes) }

  /// The status of something below, a final link's own; `nil` path components never are links.
  public func status(_ path: RelativePath) throws(SystemError) -> FileStatus {
    guard let (parent, last) = path.split else { return try status() }
    if parent.names.isEmpty { return try status(last) }
    return try open(parent).status(last)
  }

  /// The status of what a link of `/proc/<pid>/fd` stands for; of no use for links that are paths.
  package func targetStatus(_ name: Name) throws(SystemError) -> FileStatus {
    var raw = policy_status()
    let terminated = name.bytes.map { CChar(bitPattern: $0) } + [0]
    _ = try checked(unsafe policy_target_status_at(rawValue, terminated, &raw), "statx")
    return FileStatus(raw)
  }

  /// The status of a listed entry, without copying its name.
  public func status(_ listing: DirectoryListing, _ index: Int) throws(SystemError) -> FileStatus {
    var raw = policy_status()
    let result = unsafe Self.withName(listing, index) { unsafe policy_status_at(rawValue, $0, &raw) }
    _ = try checked(result, "statx")
    return FileStatus(raw)
  }

  /// Whether this process may read a listed file's content.
  package func mayRead(_ listing: DirectoryListing, _ index: Int) -> Bool {
    unsafe Self.withName(listing, index) { unsafe faccessat(rawValue, $0, R_OK, AT_EACCESS) } == 0
  }

  /// Whether this process may list a listed directory and reach what is in it.
  package func maySearch(_ listing: DirectoryListing, _ index: Int) -> Bool {
    unsafe Self.withName(listing, index) { unsafe faccessat(rawValue, $0, R_OK | X_OK, AT_EACCESS) } == 0
  }

  /// The status of something in a subdirectory, its own where it is a link, in one call: for those who have just looked at
  /// the subdirectory, because a link in its place would be followed, and look at device and mount afterwards.
  package func status(inside path: ArraySlice<UInt8>) throws(SystemError) -> FileStatus {
    var raw = policy_status()
    _ = try checked(unsafe policy_status_at(rawValue, path.map { CChar(bitPattern: $0) } + [0], &raw), "statx")
    return FileStatus(raw)
  }

  /// Whether this process may read the content of what lies there, likewise.
  package func mayRead(inside path: ArraySlice<UInt8>) -> Bool {
    unsafe faccessat(rawValue, path.map { CChar(bitPattern: $0) } + [0], R_OK, AT_EACCESS) == 0
  }

  /// What a call makes of a listed name, in place.
  private static func withName(
    _ listing: DirectoryListing, _ index: Int, _ call: (UnsafePointer<CChar>) -> Int32
  ) -> Int32 {
    let offset = Int(listing.entries[index].offset)
    return unsafe listing.storage.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return -EINVAL }
      return unsafe call((base + offset).assumingMemoryBound(to: CChar.self))
    }
  }

  /// Opens a listed subdirectory, without copying its name where the kernel resolves paths.
  func open(_ listing: DirectoryListing, _ index: Int) throws(SystemError) -> DirectoryDescriptor {
    guard resolution == .openat2 else { return try open(listing.name(index)) }
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
    let result = unsafe Self.withName(listing, index) { unsafe PathResolution.confinedOpen(rawValue, $0, flags) }
    return DirectoryDescriptor(owning: try checked(result, "openat2"), resolution: resolution)
  }

  /// All entries, sorted by bytes. Calls must not overlap on one descriptor: the kernel keeps one position in it.
  public func list() throws(SystemError) -> DirectoryListing {
    try rewind()
    return try DirectoryListing.read(rawValue)
  }

  /// The next listing begins at the beginning.
  func rewind() throws(SystemError) {
    guard lseek(rawValue, 0, SEEK_SET) == 0 else { throw SystemError(errno: Glibc.errno, call: "lseek") }
  }

  /// The directory above, wherever that is: for asking what lies above a root, never for reaching anything below it.
  package func openParent() throws(SystemError) -> DirectoryDescriptor {
    let flags = POLICY_O_PATH | O_DIRECTORY | O_CLOEXEC
    let descriptor = try checked(unsafe policy_openat(rawValue, "..", flags, 0), "openat")
    return DirectoryDescriptor(owning: descriptor, resolution: resolution)
  }

  /// The absolute path by which the kernel knows this directory now, without links and `..`.
  package func kernelPath() throws(SystemError) -> [UInt8] {
    guard let name = Name("\(rawValue)") else { throw SystemError(errno: EINVAL, call: "readlinkat") }
    return try DirectoryDescriptor.openRoot(Array("/proc/\(getpid())/fd".utf8)).linkTarget(name)
  }

  /// The bytes of a symbolic link in this directory.
  public func linkTarget(_ name: Name) throws(SystemError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let terminated = name.bytes.map { CChar(bitPattern: $0) } + [0]
    let capacity = buffer.count
    let length = try checked(
      unsafe policy_readlinkat(rawValue, terminated, &buffer, capacity), "readlinkat")
    return Array(buffer.prefix(Int(length)))
  }

  /// True when another process holds a `flock` on this directory, shared or exclusive.
  public func isLockedByAnother() throws(SystemError) -> Bool {
    try checked(policy_is_flocked(rawValue), "flock") == 1
  }
}
