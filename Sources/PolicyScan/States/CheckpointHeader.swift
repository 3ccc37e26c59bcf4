/// What the first bytes of a `.pt` file tell, without unpickling anything.
///
/// A checkpoint is a ZIP archive in which `<stem>/data.pkl` is stored as it is; the archive's directory, which is written
/// last, says where. The pickle begins with the top-level dictionary, and the dictionary with plain keys and values:
/// `date`, `version`, `epoch`, … Only those opcodes that push a constant are read; the first one of any other kind ends
/// the reading. Nothing is ever executed, and whatever is unexpected is no evidence.
struct CheckpointHeader: Equatable {
  /// −1 in a checkpoint that was stripped at the end of its training; else the 0-based epoch.
  var epoch: Int64?
  /// Of the framework that wrote it.
  var version: String?

  /// What is known of an archive of which only the version counts.
  init(version: String?) { self.version = version }

  /// `nil` where the file of this size is no such archive, or not a whole one.
  init?(of size: Int64, _ read: StoredEntry.Source) {
    guard let entry = StoredEntry(of: size, named: "/data.pkl", read) else { return nil }
    var reader = PickleReader(entry.content)
    guard reader.beginsDictionary() else { return nil }
    while case .text(let key)? = reader.constant(), let value = reader.constant() {
      switch (key, value) {
      case ("epoch", .integer(let number)): if epoch == nil { epoch = number }
      case ("version", .text(let text)): if version == nil { version = text }
      case _: break
      }
    }
  }
}

/// Reads constants off a pickle; every answer is `nil` at the first byte that is not understood.
private struct PickleReader {
  enum Constant {
    case text(String)
    case integer(Int64)
    case other
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// PROTO, perhaps FRAME, EMPTY_DICT, perhaps memoised, MARK.
  mutating func beginsDictionary() -> Bool {
    guard take(0x80), let version = rest.popFirst(), (2...5).contains(version) else { return false }
    if take(0x95), read(8) == nil { return false }
    guard take(UInt8(ascii: "}")) else { return false }
    passMemo()
    return take(UInt8(ascii: "("))
  }

  mutating func constant() -> Constant? {
    guard let opcode = rest.popFirst() else { return nil }
    let value: Constant?
    switch opcode {
    case UInt8(ascii: "X"): value = read(4).flatMap { text($0) }
    case 0x8C: value = read(1).flatMap { text($0) }
    case UInt8(ascii: "J"): value = read(4).map { .integer(Int64(Int32(truncatingIfNeeded: $0))) }
    case UInt8(ascii: "K"): value = read(1).map { .integer(Int64($0)) }
    case UInt8(ascii: "M"): value = read(2).map { .integer(Int64($0)) }
    case UInt8(ascii: "G"): value = read(8).map { _ in .other }
    case UInt8(ascii: "N"), 0x88, 0x89: value = .other
    case _: value = nil
    }
    if value != nil { passMemo() }
    return value
  }

  private mutating func text(_ count: UInt64) -> Constant? {
    guard count <= UInt64(rest.count), count <= 1024 else { return nil }
    let bytes = rest.prefix(Int(count))
    rest = rest.dropFirst(Int(count))
    return String(validating: bytes, as: UTF8.self).map { .text($0) }
  }

  /// BINPUT, LONG_BINPUT and MEMOIZE name what was just pushed; they change nothing.
  private mutating func passMemo() {
    if take(UInt8(ascii: "q")) {
      _ = read(1)
    } else if take(UInt8(ascii: "r")) {
      _ = read(4)
    } else {
      _ = take(0x94)
    }
  }

  private mutating func take(_ opcode: UInt8) -> Bool {
    guard rest.first == opcode else { return false }
    rest = rest.dropFirst()
    return true
  }

  /// A little-endian number.
  private mutating func read(_ count: Int) -> UInt64? {
    guard rest.count >= count else { return nil }
    var value: UInt64 = 0
    for (shift, byte) in rest.prefix(count).enumerated() { value |= UInt64(byte) << UInt64(8 * shift) }
    rest = rest.dropFirst(count)
    return value
  }
}
