/// Where the parts of a packed entity lie: path, counted facts, layout, identity.
package struct PackedEntity {
  private let bytes: [UInt8]
  private let start: Int

  init(_ bytes: [UInt8], at start: Int) { (self.bytes, self.start) = (bytes, start) }

  static func pack(path: ArraySlice<UInt8>, layout: String, facts: FactRow, identity: Identity?) -> [UInt8] {
    var writer = PackedWriter(capacity: path.count + facts.range.count + 160)
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
    reader.skipText()
    return FactRow(shape: shape, storage: bytes, range: reader.text().indices)
  }

  private var behindFacts: PackedReader {
    var reader = PackedReader(bytes, at: start)
    for _ in 0..<2 { reader.skipText() }
    return reader
  }

  var layout: String {
    var reader = behindFacts
    return reader.layout()
  }

  var identity: Identity? {
    var reader = behindFacts
    reader.skipLayout()
    return reader.identity()
  }

  /// The identity with its digest left out where that is 64 hexadecimal digits, and the 32 bytes of it.
  var rawIdentity: (identity: Identity, digest: ArraySlice<UInt8>?)? {
    var reader = behindFacts
    reader.skipLayout()
    return reader.rawIdentity()
  }
}

/// Built-in layouts are written as one byte, their place here; 255 means that the name follows.
private let knownLayouts = PackedLayouts.names

package enum PackedLayouts {
  /// A file of packed entities says these, because they grow with the versions.
  package static let names = [""] + BuiltInLayouts.all.map(\.name)
}

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

  mutating func skipLayout() { step { PackedSpan.skipLayout($0, &$1) } }
}

/// The first byte of a packed identity.
enum IdentityFlags {
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
    self.identity(identity, digest: Self.digest(identity.treeDigest))
  }

  /// - Parameter digest: 32 bytes in place of `treeDigest`; `nil` where that is no 64 hexadecimal digits.
  mutating func identity(_ identity: Identity, digest: [UInt8]?) {
    let digest = digest?.count == 32 ? digest : nil
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

  /// The bytes of 64 lower-case hexadecimal digits; `nil` for any other text.
  private static func digest(_ text: String) -> [UInt8]? {
    var text = text
    return text.withUTF8 { letters -> [UInt8]? in
      guard letters.count == 64 else { return nil }
      var isPlain = true
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 32) { bytes, count in
        for place in 0..<32 {
          let high = unsafe value(letters[place * 2])
          let low = unsafe value(letters[place * 2 + 1])
          if high | low > 15 { isPlain = false }
          unsafe bytes[place] = high << 4 | low & 15
        }
        count = 32
      }
      return isPlain ? bytes : nil
    }
  }

  private static func value(_ digit: UInt8) -> UInt8 {
    switch digit {
    case 48...57: digit - 48
    case 97...102: digit - 87
    default: 255
    }
  }
}

extension PackedReader {
  mutating func identity() -> Identity? {
    guard let (raw, digest) = rawIdentity() else { return nil }
    var identity = raw
    if let digest { identity.treeDigest = Self.hexadecimal(digest) }
    return identity
  }

  mutating func rawIdentity() -> (identity: Identity, digest: ArraySlice<UInt8>?)? {
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
    let digest = flags & IdentityFlags.isHexadecimal == 0 ? nil : raw(32)
    let text = digest == nil ? String(decoding: text(), as: UTF8.self) : ""
    let identity = Identity(
      type: IdentityFlags.types[Int(flags & IdentityFlags.type)], uid: uid, device: device, inode: inode,
      mountID: mount, size: size, modified: modified, changed: changed, born: born, entries: entries,
      bytes: allocated, newestModified: newestModified, newestChanged: newestChanged, treeDigest: text)
    return (identity, digest)
  }

  private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
    unsafe String(unsafeUninitializedCapacity: bytes.count * 2) { text in
      var place = 0
      for byte in bytes {
        unsafe text[place] = digit(byte >> 4)
        unsafe text[place + 1] = digit(byte & 15)
        place += 2
      }
      return place
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? value + 48 : value + 87 }
}
