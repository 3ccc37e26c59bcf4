/// One entry of a ZIP archive that is stored as it is, found by the archive's own directory.
///
/// The directory stands at the end, so an archive that is still being written has none and nothing is read off it.
/// Whatever is unexpected (a comment, several disks, compression, encryption, sizes that do not fit) ends the search.
struct StoredEntry {
  /// The first bytes of its content, at most `StoredEntry.length`.
  let content: ArraySlice<UInt8>

  /// How many bytes of a content are worth reading.
  static let length = 4096
  private static let directoryLength = 4096
  private static let endLength = 22
  private static let locatorLength = 20
  private static let largeEndLength = 56

  /// Some bytes from an offset, fewer at the end of the file; `nil` where they cannot be read.
  typealias Source = (_ offset: Int64, _ count: Int) -> [UInt8]?

  /// The first entry whose name ends so.
  init?(of size: Int64, named ending: String, _ read: Source) {
    guard let place = Self.directory(size, read),
      let bytes = read(place.offset, Int(min(place.length, Int64(Self.directoryLength))))
    else { return nil }
    var entry = bytes[...]
    while entry.starts(with: [0x50, 0x4B, 1, 2]), entry.count >= 46 {
      let fields = Fields(entry)
      let (nameLength, extra, comment) = (fields.short(28), fields.short(30), fields.short(32))
      let length = 46 + nameLength + extra + comment
      guard entry.count >= length else { return nil }
      let name = entry.dropFirst(46).prefix(nameLength)
      if name.suffix(ending.utf8.count).elementsEqual(ending.utf8) {
        self.init(fields, name: name, before: place.offset, read)
        return
      }
      entry = entry.dropFirst(length)
    }
    return nil
  }

  private init?(_ fields: Fields, name: ArraySlice<UInt8>, before directory: Int64, _ read: Source) {
    let (size, offset) = (fields.long(24), fields.long(42))
    guard fields.short(8) & 1 == 0, fields.short(10) == 0, fields.long(20) == size, size < UInt32.max,
      offset < UInt32.max, Int64(offset) + 30 + Int64(size) <= directory
    else { return nil }
    let header = 30 + name.count + 1024
    guard let bytes = read(Int64(offset), header + Self.length), bytes.count > 30,
      bytes.starts(with: [0x50, 0x4B, 3, 4])
    else { return nil }
    let local = Fields(bytes[...])
    let start = 30 + local.short(26) + local.short(28)
    guard local.short(8) == 0, local.short(26) == name.count, bytes.count >= start,
      bytes[30..<(30 + name.count)].elementsEqual(name)
    else { return nil }
    content = bytes[start...].prefix(min(Int(size), Self.length))
  }

  /// Where the directory stands.
  private static func directory(_ size: Int64, _ read: Source) -> (offset: Int64, length: Int64)? {
    let tailLength = Int64(endLength + locatorLength + largeEndLength)
    let tailStart = max(0, size - tailLength)
    guard let tail = read(tailStart, Int(size - tailStart)), tail.count >= endLength else { return nil }
    let end = tail.suffix(endLength)
    let fields = Fields(end)
    // No comment, one disk.
    guard end.starts(with: [0x50, 0x4B, 5, 6]), fields.short(20) == 0, fields.short(4) == 0, fields.short(6) == 0 else {
      return nil
    }
    let before = size - Int64(endLength)
    if fields.long(16) < UInt32.max, fields.long(12) < UInt32.max {
      return checked(Int64(fields.long(16)), Int64(fields.long(12)), before)
    }
    let large = tail.dropLast(endLength + locatorLength).suffix(largeEndLength)
    guard tail.count >= endLength + locatorLength + largeEndLength, large.starts(with: [0x50, 0x4B, 6, 6]) else {
      return nil
    }
    let wide = Fields(large)
    guard let offset = Int64(exactly: wide.quad(48)), let length = Int64(exactly: wide.quad(40)) else { return nil }
    return checked(offset, length, before - Int64(locatorLength + largeEndLength))
  }

  private static func checked(_ offset: Int64, _ length: Int64, _ end: Int64) -> (offset: Int64, length: Int64)? {
    let (sum, overflow) = offset.addingReportingOverflow(length)
    return !overflow && sum <= end && length > 0 ? (offset, length) : nil
  }

  /// Little-endian numbers at offsets that the caller knows to be there.
  private struct Fields {
    private let bytes: ArraySlice<UInt8>
    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    private func number(_ offset: Int, _ count: Int) -> UInt64 {
      var value: UInt64 = 0
      for (shift, byte) in bytes.dropFirst(offset).prefix(count).enumerated() {
        value |= UInt64(byte) << UInt64(8 * shift)
      }
      return value
    }
    func short(_ offset: Int) -> Int { Int(number(offset, 2)) }
    func long(_ offset: Int) -> UInt32 { UInt32(number(offset, 4)) }
    func quad(_ offset: Int) -> UInt64 { number(offset, 8) }
  }
}
