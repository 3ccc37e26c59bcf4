internal import CLibArchive
internal import Glibc
internal import PolicyCore
internal import PolicyFormats

/// Writes entries as a compressed tar file (pax, the form that GNU tar reads and writes), into memory: whoever drives it
/// takes the bytes away.
///
/// Extended attributes travel as GNU tar's own `SCHILY.xattr` keys, access lists among them, because their kernel form
/// is the only one that changes neither them nor the mode; holes as GNU's sparse form 1.0.
@safe final class TarWriter {
  private let library: clibarchive
  private let archive: OpaquePointer
  private var output: [UInt8] = []
  private var isOpen = false
  private static let zeros = [UInt8](repeating: 0, count: 1 << 20)

  init(_ format: ArchiveSettings.Format, level: Int?) throws(ArchiveTrouble) {
    library = try LibArchive.loaded()
    guard let archive = unsafe library.archive_write_new() else { throw ArchiveTrouble("out of memory") }
    unsafe self.archive = unsafe archive
    try check(unsafe library.archive_write_set_format_pax(archive))
    try check(unsafe library.archive_write_set_format_option(archive, "pax", "xattrheader", "SCHILY"))
    let filter: String
    switch format {
    case .zstandard:
      filter = "zstd"
      try check(unsafe library.archive_write_add_filter_zstd(archive))
    case .gzip:
      filter = "gzip"
      try check(unsafe library.archive_write_add_filter_gzip(archive))
      try check(unsafe library.archive_write_set_filter_option(archive, filter, "timestamp", nil))
    }
    if let level {
      guard
        unsafe library.archive_write_set_filter_option(archive, filter, "compression-level", "\(level)") == ARCHIVE_OK
      else {
        throw ArchiveTrouble("`level: \(level)` is none that \(filter) has")
      }
    }
    try check(unsafe library.archive_write_set_bytes_per_block(archive, 1 << 18))
    try check(unsafe library.archive_write_set_bytes_in_last_block(archive, 1))
    let this = unsafe Unmanaged.passUnretained(self).toOpaque()
    try check(
      unsafe library.archive_write_open(
        archive, this, nil,
        { _, context, buffer, count in
          guard let context = unsafe context, let buffer = unsafe buffer else { return -1 }
          let writer = unsafe Unmanaged<TarWriter>.fromOpaque(context).takeUnretainedValue()
          unsafe writer.output.append(contentsOf: UnsafeRawBufferPointer(start: buffer, count: count))
          return count
        }, nil))
    isOpen = true
  }

  deinit { _ = unsafe library.archive_write_free(archive) }

  /// What was written since the last time.
  func take() -> [UInt8] {
    defer { output.removeAll(keepingCapacity: true) }
    return output
  }

  func begin(_ entry: ArchiveEntry) throws(ArchiveTrouble) {
    guard let header = unsafe library.archive_entry_new() else { throw ArchiveTrouble("out of memory") }
    defer { unsafe library.archive_entry_free(header) }
    unsafe library.archive_entry_set_pathname(header, Self.text(entry.path))
    unsafe library.archive_entry_set_perm(header, mode_t(entry.mode))
    unsafe library.archive_entry_set_uid(header, Int64(entry.uid))
    unsafe library.archive_entry_set_gid(header, Int64(entry.gid))
    let (seconds, rest) = Self.split(entry.modified)
    unsafe library.archive_entry_set_mtime(header, time_t(seconds), Int(rest))
    switch entry.kind {
    case .directory: unsafe library.archive_entry_set_filetype(header, TarType.directory)
    case .file:
      unsafe library.archive_entry_set_filetype(header, TarType.file)
      unsafe library.archive_entry_set_size(header, entry.size)
      if let segments = entry.segments {
        // A file that is one hole is told by an empty piece.
        if segments.isEmpty { unsafe library.archive_entry_sparse_add_entry(header, 0, 0) }
        for segment in segments {
          unsafe library.archive_entry_sparse_add_entry(header, segment.offset, segment.length)
        }
      }
    case .symlink:
      unsafe library.archive_entry_set_filetype(header, TarType.symlink)
      unsafe library.archive_entry_set_symlink(header, Self.text(entry.target ?? ""))
    case .link:
      unsafe library.archive_entry_set_filetype(header, TarType.file)
      unsafe library.archive_entry_set_hardlink(header, Self.text(entry.target ?? ""))
    }
    for attribute in entry.attributes {
      unsafe attribute.value.withUnsafeBytes { value in
        unsafe library.archive_entry_xattr_add_entry(header, Self.text(attribute.name), value.baseAddress, value.count)
      }
    }
    // No locale is set, so names that are no ASCII are written byte for byte, with a word that says so, and a warning.
    let isPlain = entry.path.bytes.allSatisfy { $0 < 128 } && (entry.target?.bytes.allSatisfy { $0 < 128 } ?? true)
    let result = unsafe library.archive_write_header(archive, header)
    if result != ARCHIVE_WARN || isPlain { try check(result) }
  }

  func write(_ bytes: [UInt8]) throws(ArchiveTrouble) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { unsafe library.archive_write_data(archive, $0.baseAddress, $0.count) }
      guard written > 0 else { throw trouble() }
      rest = rest.dropFirst(written)
    }
  }

  /// A hole: nothing is stored, but the place moves on.
  func skip(_ count: Int64) throws(ArchiveTrouble) {
    var rest = count
    while rest > 0 {
      let step = Int(min(rest, Int64(Self.zeros.count)))
      let written = unsafe Self.zeros.withUnsafeBytes {
        unsafe library.archive_write_data(archive, $0.baseAddress, step)
      }
      guard written > 0 else { throw trouble() }
      rest -= Int64(written)
    }
  }

  func finishEntry() throws(ArchiveTrouble) { try check(unsafe library.archive_write_finish_entry(archive)) }

  func close() throws(ArchiveTrouble) {
    isOpen = false
    try check(unsafe library.archive_write_close(archive))
  }

  private func trouble() -> ArchiveTrouble {
    let words = unsafe library.archive_error_string(archive).map { unsafe String(cString: $0) } ?? "no reason given"
    return ArchiveTrouble("the archive cannot be made: \(words)")
  }

  private func check(_ result: Int32) throws(ArchiveTrouble) {
    guard result == ARCHIVE_OK else { throw trouble() }
  }

  private static func text(_ bytes: ByteString) -> [CChar] { bytes.bytes.map { CChar(bitPattern: $0) } + [0] }

  private static func split(_ nanoseconds: Int64) -> (seconds: Int64, rest: Int64) {
    let (quotient, remainder) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return remainder < 0 ? (quotient - 1, remainder + 1_000_000_000) : (quotient, remainder)
  }
}

/// The types of entries; macros with casts are not imported.
enum TarType {
  static let directory: UInt32 = 0o040000
  static let file: UInt32 = 0o100000
  static let symlink: UInt32 = 0o120000
}
