internal import CLinux
internal import Glibc

/// An open regular file, for reading only. Closed when it goes out of scope.
public struct RegularFile: ~Copyable, Sendable {
  package let rawValue: Int32
  /// As it was when the file was opened.
  public let status: FileStatus

  fileprivate init(owning rawValue: Int32, status: FileStatus) {
    self.rawValue = rawValue
    self.status = status
  }

  deinit { _ = policy_close(rawValue) }

  /// Up to `count` bytes from `offset`; fewer only at the end of the file.
  public func read(at offset: Int64, count: Int) throws(SystemError) -> [UInt8] {
    var failure: Int64 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      guard let base = buffer.baseAddress else { return }
      while filled < count {
        let got = unsafe policy_pread(rawValue, base + filled, count - filled, offset + Int64(filled))
        if got < 0 { failure = got }
        if got <= 0 { return }
        filled += Int(got)
      }
    }
    _ = try checked(failure, "pread")
    return bytes
  }

  /// Fills a buffer from `offset`, as far as there is something; how many bytes.
  package func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    guard let base = buffer.baseAddress else { return 0 }
    var filled = 0
    while filled < buffer.count {
      let got = unsafe policy_pread(rawValue, base + filled, buffer.count - filled, offset + Int64(filled))
      if try checked(got, "pread") == 0 { break }
      filled += Int(got)
    }
    return filled
  }

  /// The stretches that are no holes; `nil` where there is no hole, or the file system does not tell.
  package func segments() throws(SystemError) -> [(offset: Int64, length: Int64)]? {
    var segments: [(offset: Int64, length: Int64)] = []
    var place: Int64 = 0
    while place < status.size {
      let start = policy_next_data(rawValue, place)
      if start == -Int64(ENXIO) { break }
      if start < 0 { return nil }
      let end = min(try checked(policy_next_hole(rawValue, start), "lseek"), status.size)
      guard end > start else { break }
      segments.append((start, end - start))
      place = end
    }
    let stored = segments.reduce(0) { $0 + $1.length }
    return stored == status.size ? nil : segments
  }

  /// Lets the system forget what it holds in memory of a synced file: what is read next comes from its disk.
  package func forgetPages() { _ = policy_forget_pages(rawValue) }

  public func currentStatus() throws(SystemError) -> FileStatus { try FileStatus.read(rawValue, []) }
}

/// A file that was read.
public struct FileContent: Sendable {
  public let bytes: [UInt8]
  /// When it was opened.
  public let status: FileStatus
  /// The file is longer than the limit: `bytes` is its beginning.
  public let isCut: Bool
  /// Size, mtime and ctime were the same before and after.
  public let isStable: Bool
}

extension DirectoryDescriptor {
  /// Opens a regular file of this directory; anything else is ELOOP (a link), EISDIR or EINVAL (a FIFO, a device, …),
  /// found out without opening it, so that no FIFO blocks and no device stirs.
  public func openFile(_ name: Name) throws(SystemError) -> RegularFile {
    let before = try status(name)
    switch before.type {
    case .regular: break
    case .directory: throw SystemError(errno: EISDIR, call: "open")
    case .symlink: throw SystemError(errno: ELOOP, call: "open")
    case .other: throw SystemError(errno: EINVAL, call: "open")
    }
    let descriptor = try resolution.open(rawValue, [name], flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
    let after: FileStatus
    do throws(SystemError) {
      after = try FileStatus.read(descriptor, [])
      guard after.type == .regular else { throw SystemError(errno: EINVAL, call: "open") }
    } catch {
      _ = policy_close(descriptor)
      throw error
    }
    return RegularFile(owning: descriptor, status: after)
  }

  /// Reads a regular file of this directory, at most `limit` bytes of it.
  public func readFile(_ name: Name, limit: Int) throws(SystemError) -> FileContent {
    let file = try openFile(name)
    let before = file.status
    let expected = Int(clamping: before.size)
    var bytes = try file.read(at: 0, count: min(limit, expected))
    var isCut = expected > limit
    // Files of unknown size (0, as in /proc) are read in steps. Of the others growth shows in the status afterwards.
    if expected == 0 {
      while bytes.count <= limit {
        let more = try file.read(at: Int64(bytes.count), count: min(limit + 1 - bytes.count, 65_536))
        if more.isEmpty { break }
        bytes += more
      }
      isCut = bytes.count > limit
      if isCut { bytes.removeSubrange(limit...) }
    }
    let after = try file.currentStatus()
    let isStable =
      before.size == after.size && before.modified == after.modified && before.changed == after.changed
    return FileContent(bytes: bytes, status: before, isCut: isCut, isStable: isStable)
  }
}
