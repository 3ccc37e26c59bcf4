internal import CLinux
internal import Glibc

/// The entries of a directory, sorted by the bytes of their names, `.` and `..` left out.
///
/// All names lie NUL-terminated in one array: a directory costs two allocations however many entries it has, and a name
/// goes to the kernel without being copied.
public struct DirectoryListing: Sendable {
  struct Entry: Sendable {
    let offset: Int32
    let length: Int32
    /// What the directory says of the type; file systems may not say.
    let type: FileType?
    let inode: UInt64
  }

  let storage: [UInt8]
  let entries: [Entry]

  public var count: Int { entries.count }
  public var indices: Range<Int> { entries.indices }
  public func name(_ index: Int) -> Name { Name(listed: bytes(index)) }
  public func bytes(_ index: Int) -> ArraySlice<UInt8> {
    let entry = entries[index]
    return storage[Int(entry.offset)..<Int(entry.offset + entry.length)]
  }
  /// What the directory itself says; `nil` where it does not. `statx` has the last word.
  public func typeHint(_ index: Int) -> FileType? { entries[index].type }
  func isSurelyNoDirectory(_ index: Int) -> Bool {
    guard let type = entries[index].type else { return false }
    return type != .directory
  }
  /// What the directory itself says; some file systems say another number than `statx` does.
  package func inode(_ index: Int) -> UInt64 { entries[index].inode }
  public func isHidden(_ index: Int) -> Bool { storage[Int(entries[index].offset)] == UInt8(ascii: ".") }

  /// The place of a name, by binary search.
  public func index(of name: [UInt8]) -> Int? {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if bytes(middle).lexicographicallyPrecedes(name) { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && bytes(low).elementsEqual(name) ? low : nil
  }

  public func index(of name: String) -> Int? { index(of: Array(name.utf8)) }

  /// Reads the whole directory from its beginning.
  ///
  /// - Parameter isCounted: the caller would notice a listing that is not whole. One that fills less than half of the room
  ///   for it is then believed to be: local file systems fill the room while there is anything left.
  static func read(_ descriptor: Int32, isCounted: Bool = false) throws(SystemError) -> DirectoryListing {
    var names = Names()
    let error = unsafe withUnsafeTemporaryAllocation(byteCount: 32_768, alignment: 8) { buffer -> SystemError? in
      guard let base = buffer.baseAddress else { return SystemError(errno: ENOMEM, call: "getdents64") }
      while true {
        let filled = unsafe Int(policy_getdents64(descriptor, base, buffer.count))
        if filled < 0 { return SystemError(errno: Int32(-filled), call: "getdents64") }
        if filled == 0 { return nil }
        unsafe names.take(UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
        if isCounted, filled < buffer.count / 2 { return nil }
        guard names.storage.count < Int(Int32.max) - 65_536 else {
          return SystemError(errno: EFBIG, call: "getdents64")
        }
      }
    }
    if let error { throw error }
    return DirectoryListing(storage: names.storage, entries: sorted(names.entries, names.storage))
  }

  /// Names as the kernel hands them out.
  private struct Names {
    var storage: [UInt8] = []
    var entries: [Entry] = []

    /// struct linux_dirent64: inode (8), offset (8), record length (2), type (1), name.
    mutating func take(_ buffer: UnsafeRawBufferPointer) {
      if entries.isEmpty {
        // Enough for names that are not very short; most directories are read in one call.
        entries.reserveCapacity(buffer.count / 28 + 1)
        storage.reserveCapacity(buffer.count / 2)
      }
      var place = 0
      while place + 19 < buffer.count {
        let length = unsafe Int(buffer[place + 16]) | Int(buffer[place + 17]) << 8
        guard length > 19, place + length <= buffer.count else { break }
        let nameStart = place + 19
        var nameEnd = nameStart
        while nameEnd < place + length, unsafe buffer[nameEnd] != 0 { nameEnd += 1 }
        unsafe append(
          UnsafeRawBufferPointer(rebasing: buffer[nameStart..<nameEnd]), type: buffer[place + 18],
          inode: buffer.loadUnaligned(fromByteOffset: place, as: UInt64.self))
        place += length
      }
    }

    private mutating func append(_ name: UnsafeRawBufferPointer, type: UInt8, inode: UInt64) {
      let dot = UInt8(ascii: ".")
      // The kernel lists no slashes; a broken or hostile file system (FUSE, network) may.
      guard let first = unsafe name.first, unsafe !name.contains(UInt8(ascii: "/")) else { return }
      if first == dot, unsafe name.count == 1 || (name.count == 2 && name[1] == dot) { return }
      let kind: FileType? =
        switch Int(type) {
        case 4: .directory
        case 8: .regular
        case 10: .symlink
        case 0: nil
        default: .other
        }
      entries.append(Entry(offset: Int32(storage.count), length: Int32(name.count), type: kind, inode: inode))
      unsafe storage.append(contentsOf: name)
      storage.append(0)
    }
  }

  private static func sorted(_ entries: consuming [Entry], _ storage: [UInt8]) -> [Entry] {
    unsafe storage.withUnsafeBytes { storage in
      guard let base = storage.baseAddress else { return }
      entries.sort { left, right in
        let order = unsafe memcmp(
          base + Int(left.offset), base + Int(right.offset), Int(min(left.length, right.length)))
        return order == 0 ? left.length < right.length : order < 0
      }
    }
    return entries
  }
}
