/// Where the parts of a packed entity lie: path, counted facts, layout, identity.
struct PackedEntity {
  private let bytes: [UInt8]
  private let start: Int

  init(_ bytes: [UInt8], at start: Int) { (self.bytes, self.start) = (bytes, start) }

  static func pack(path: ArraySlice<UInt8>, layout: String, facts: FactRow, identity: Identity?) -> [UInt8] {
    var writer = PackedWriter()
    writer.text(path)
    writer.text(facts.storage[facts.range])
    writer.layout(layout)
    writer.identity(identity)
    return writer.bytes
  }

  var path: ArraySlice<UInt8> {
    var reader = PackedReader(bytes, at: start)
    return reader.text()
  }

  func facts(_ shape: FactShape) -> FactRow {
    var reader = PackedReader(bytes, at: start)
    _ = reader.text()
    return FactRow(shape: shape, storage: bytes, range: reader.text().indices)
  }

  private var behindFacts: PackedReader {
    var reader = PackedReader(bytes, at: start)
    for _ in 0..<2 { _ = reader.text() }
    return reader
  }

  var layout: String {
    var reader = behindFacts
    return reader.layout()
  }

  var identity: Identity? {
    var reader = behindFacts
    _ = reader.layout()
    return reader.identity()
  }

  /// All of it.
  var range: Range<Int> {
    var reader = behindFacts
    _ = reader.layout()
    _ = reader.identity()
    return start..<reader.position
  }
}

/// Built-in layouts are written as one byte, their place here; 255 means that the name follows.
private let knownLayouts = [""] + BuiltInLayouts.all.map(\.name)

extension PackedWriter {
  mutating func layout(_ name: String) {
    if let place = knownLayouts.firstIndex(of: name) { return byte(UInt8(place)) }
    byte(.max)
    text(name.utf8)
  }
}

extension PackedReader {
  mutating func layout() -> String {
    let place = byte()
    return place == .max ? String(decoding: text(), as: UTF8.self) : knownLayouts[Int(place)]
  }
}

/// The first byte of a packed identity.
private enum IdentityFlags {
  static let type: UInt8 = 3
  static let hasMount: UInt8 = 4
  static let hasBirth: UInt8 = 8
  /// A file, or a directory in which nothing is newer than itself.
  static let isAlone: UInt8 = 16
  static let isHexadecimal: UInt8 = 32
  static let none: UInt8 = 0xFF
  static let types: [Identity.FileType] = [.directory, .file, .symlink, .other]
}

extension PackedWriter {
  mutating func identity(_ identity: Identity?) {
    guard let identity else { return byte(IdentityFlags.none) }
    let digest = Self.digest(identity.treeDigest)
    let isAlone =
      identity.entries == 0 && identity.newestModified == identity.modified
      && identity.newestChanged == identity.changed
    var flags = UInt8(IdentityFlags.types.firstIndex(of: identity.type) ?? 3)
    if identity.mountID != nil { flags |= IdentityFlags.hasMount }
    if identity.born != nil { flags |= IdentityFlags.hasBirth }
    if isAlone { flags |= IdentityFlags.isAlone }
    if digest != nil { flags |= IdentityFlags.isHexadecimal }
    byte(flags)
    unsigned(UInt64(identity.uid))
    unsigned(identity.device)
    unsigned(identity.inode)
    if let mount = identity.mountID { unsigned(mount) }
    signed(identity.size)
    signed(identity.bytes)
    signed(identity.modified.nanoseconds)
    signed(identity.changed.nanoseconds)
    if let born = identity.born { signed(born.nanoseconds) }
    if !isAlone {
      signed(identity.entries)
      signed(identity.newestModified.nanoseconds)
      signed(identity.newestChanged.nanoseconds)
    }
    if let digest { raw(digest[...]) } else { text(identity.treeDigest.utf8) }
  }

  /// The bytes of 64 lower-case hexadecimal digits.
  private static func digest(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in text.utf8 {
      let value: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
      default: return nil
      }
      if let first = high { bytes.append(first << 4 | value) }
      high = high == nil ? value : nil
    }
    return bytes.count == 32 && high == nil ? bytes : nil
  }
}

extension PackedReader {
  mutating func identity() -> Identity? {
    let flags = byte()
    guard flags != IdentityFlags.none else { return nil }
    let uid = UInt32(truncatingIfNeeded: unsigned())
    let (device, inode) = (unsigned(), unsigned())
    let mount = flags & IdentityFlags.hasMount == 0 ? nil : unsigned()
    let (size, allocated) = (signed(), signed())
    let (modified, changed) = (Timestamp(nanoseconds: signed()), Timestamp(nanoseconds: signed()))
    let born = flags & IdentityFlags.hasBirth == 0 ? nil : Timestamp(nanoseconds: signed())
    var (entries, newestModified, newestChanged) = (Int64(0), modified, changed)
    if flags & IdentityFlags.isAlone == 0 {
      entries = signed()
      newestModified = Timestamp(nanoseconds: signed())
      newestChanged = Timestamp(nanoseconds: signed())
    }
    let digest = flags & IdentityFlags.isHexadecimal == 0 ? String(decoding: text(), as: UTF8.self) : hexadecimal(32)
    return Identity(
      type: IdentityFlags.types[Int(flags & IdentityFlags.type)], uid: uid, device: device, inode: inode,
      mountID: mount, size: size, modified: modified, changed: changed, born: born, entries: entries,
      bytes: allocated, newestModified: newestModified, newestChanged: newestChanged, treeDigest: digest)
  }

  private mutating func hexadecimal(_ count: Int) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(count * 2)
    for byte in raw(count) {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
