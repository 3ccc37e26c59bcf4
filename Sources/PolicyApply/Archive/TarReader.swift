internal import CLibArchive
internal import Glibc
internal import PolicyCore
internal import PolicyDigest
internal import PolicyFiles
internal import PolicyFormats

/// Reads a compressed tar file entry by entry, and computes the SHA-256 of the whole file meanwhile.
///
/// Whoever drives it believes nothing of what it says before it was compared with a manifest.
@safe final class TarReader {
  /// Bytes that were read, and their SHA-256; known when the end was reached.
  struct Whole: Equatable {
    var size: Int64
    var digest: String
  }

  private let library: clibarchive
  private let archive: OpaquePointer
  private let source: Source

  init(_ file: consuming RegularFile) throws(ArchiveTrouble) {
    library = try LibArchive.loaded()
    guard let archive = unsafe library.archive_read_new() else { throw ArchiveTrouble("out of memory") }
    unsafe self.archive = unsafe archive
    source = Source(file)
    try check(unsafe library.archive_read_support_format_tar(archive))
    try check(unsafe library.archive_read_support_filter_zstd(archive))
    try check(unsafe library.archive_read_support_filter_gzip(archive))
    let this = unsafe Unmanaged.passUnretained(source).toOpaque()
    try check(
      unsafe library.archive_read_open(
        archive, this, nil,
        { _, context, place in
          guard let context = unsafe context, let place = unsafe place else { return -1 }
          return unsafe Unmanaged<Source>.fromOpaque(context).takeUnretainedValue().read(place)
        }, nil))
  }

  deinit { _ = unsafe library.archive_read_free(archive) }

  /// The next entry, without its digest; `nil` at the end.
  func next() throws(ArchiveTrouble) -> ArchiveEntry? {
    var header: OpaquePointer?
    let result = unsafe library.archive_read_next_header(archive, &header)
    if result == ARCHIVE_EOF { return nil }
    try check(result)
    guard let header = unsafe header, let path = unsafe Self.bytes(library.archive_entry_pathname(header)) else {
      throw ArchiveTrouble.damaged("an entry has no name")
    }
    let directory = path.bytes.last == UInt8(ascii: "/") ? ByteString(path.bytes.dropLast()) : path
    var entry = ArchiveEntry(
      path: directory, kind: .file, mode: UInt32(unsafe library.archive_entry_perm(header)),
      uid: UInt32(truncatingIfNeeded: unsafe library.archive_entry_uid(header)),
      gid: UInt32(truncatingIfNeeded: unsafe library.archive_entry_gid(header)),
      modified: unsafe Self.nanoseconds(library.archive_entry_mtime(header), library.archive_entry_mtime_nsec(header)))
    if let first = unsafe Self.bytes(library.archive_entry_hardlink(header)) {
      (entry.kind, entry.target) = (.link, first)
    } else {
      switch unsafe library.archive_entry_filetype(header) {
      case TarType.directory: entry.kind = .directory
      case TarType.file: entry.size = unsafe library.archive_entry_size(header)
      case TarType.symlink:
        (entry.kind, entry.target) = (.symlink, unsafe Self.bytes(library.archive_entry_symlink(header)))
      case _:
        throw ArchiveTrouble.damaged("\(path.displayText) is neither a file nor a directory nor a link")
      }
    }
    entry.attributes = unsafe attributes(header)
    return entry
  }

  /// Every piece of the entry that was read last, with its place.
  func content(
    _ body: (UnsafeRawBufferPointer, Int64) throws(ArchiveTrouble) -> Void
  ) throws(ArchiveTrouble) {
    while true {
      var (piece, count, offset): (UnsafeRawPointer?, Int, Int64) = (nil, 0, 0)
      let result = unsafe library.archive_read_data_block(archive, &piece, &count, &offset)
      if result == ARCHIVE_EOF { return }
      try check(result)
      // The end of a file that ends with a hole is told by an empty piece.
      if count > 0 { try unsafe body(UnsafeRawBufferPointer(start: piece, count: count), offset) }
    }
  }

  /// Reads what is left of the file, and says what it was as a whole.
  func finish() throws(ArchiveTrouble) -> Whole {
    var rest: UnsafeRawPointer?
    while unsafe source.read(&rest) > 0 {}
    if let error = source.error { throw Self.trouble(error) }
    return source.whole
  }

  private func check(_ result: Int32) throws(ArchiveTrouble) {
    guard result != ARCHIVE_OK else { return }
    if let error = source.error { throw Self.trouble(error) }
    let words = unsafe library.archive_error_string(archive).map { unsafe String(cString: $0) } ?? "no reason given"
    throw ArchiveTrouble.damaged("the archive cannot be read: \(words.lowercased())")
  }

  private static func trouble(_ error: SystemError) -> ArchiveTrouble {
    ArchiveTrouble("the archive cannot be read: \(error.text)", cause: error)
  }

  // MARK: values

  private static func bytes(_ text: UnsafePointer<CChar>?) -> ByteString? {
    unsafe text.map { start in
      unsafe ByteString(UnsafeBufferPointer(start: start, count: strlen(start)).map { UInt8(bitPattern: $0) })
    }
  }

  private static func nanoseconds(_ seconds: time_t, _ rest: Int) -> Int64 {
    let (product, overflow) = Int64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? (seconds < 0 ? .min : .max) : product &+ Int64(rest)
  }

  private func attributes(_ header: OpaquePointer) -> [ArchiveEntry.Attribute] {
    var attributes: [ArchiveEntry.Attribute] = []
    _ = unsafe library.archive_entry_xattr_reset(header)
    while true {
      var (name, value, count): (UnsafePointer<CChar>?, UnsafeRawPointer?, Int) = (nil, nil, 0)
      guard unsafe library.archive_entry_xattr_next(header, &name, &value, &count) == ARCHIVE_OK else { break }
      guard let name = unsafe Self.bytes(name) else { continue }
      let bytes = unsafe Array(UnsafeRawBufferPointer(start: value, count: count))
      attributes.append(ArchiveEntry.Attribute(name: name, value: bytes))
    }
    return attributes.sorted { $0.name < $1.name }
  }

  /// The file, and what was read of it.
  @safe private final class Source {
    private let file: RegularFile
    private var place: Int64 = 0
    private var hash = SHA256Digest()
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    private(set) var error: SystemError?

    init(_ file: consuming RegularFile) { self.file = file }
    deinit { unsafe buffer.deallocate() }

    func read(_ start: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
      do throws(SystemError) {
        let count = try unsafe file.read(at: place, into: buffer)
        place += Int64(count)
        unsafe hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        unsafe start.pointee = UnsafeRawPointer(buffer.baseAddress)
        return count
      } catch {
        self.error = error
        return -1
      }
    }

    var whole: Whole { Whole(size: place, digest: Hexadecimal.encode(hash.finish())) }
  }
}
