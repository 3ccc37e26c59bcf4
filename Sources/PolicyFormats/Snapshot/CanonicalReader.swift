internal import PolicyCore

/// Reads entities from lines that are written just as `SnapshotEncoder` writes them, straight into packed bytes. Any other line,
/// however good it is, is left to `EntityReader`.
///
/// Whoever reads nothing but such lines, in their order, has read the canonical bytes themselves.
struct CanonicalReader {
  private var columns: CanonicalColumns
  /// Of each column what the packer calls it.
  private let names: [Int]
  private var packer = EntityPacker()
  /// For each root what its lines say of it, with the comma before.
  private let roots: [[UInt8]]
  /// The root of the entities that wait in the packer.
  private var root = 0
  private var layout: (bytes: [UInt8], text: String) = ([], "")
  private var notes: (bytes: [UInt8], list: [ScanNote]) = ([], [])
  private var digest = [UInt8](repeating: 0, count: 32)

  /// `nil` where lines name their hosts.
  ///
  /// - Parameters:
  ///   - table: the facts that may stand in the file.
  ///   - header: the snapshot without its lines, its roots in the order of the header.
  init?(_ table: FactTable, _ header: Snapshot) {
    guard header.onlyHost != nil else { return nil }
    columns = CanonicalColumns(table, times: FactEncoder.times(header.ownSchema))
    var packer = EntityPacker()
    names = table.columns.map { packer.name($0.name) }
    self.packer = packer
    roots = header.roots.map { root in
      var writer = JSONWriter()
      writer.name("root", flag: "root_escaped", root.path.bytes[...])
      return [UInt8(ascii: ",")] + writer.empty()
    }
  }

  /// How many entities wait to be taken.
  var count: Int { packer.count }

  /// The entities of the lines that were read since the last time, in their order.
  mutating func takeEntities() -> [Entity] { packer.takeGroup(root: root) }

  enum Outcome {
    /// It was read; the next line begins here.
    case read(next: Int)
    /// It is of another root than those that wait: take these first.
    case ofAnotherRoot
    case notCanonical
  }

  /// Reads the line that begins at the lower bound; nothing beyond the upper one is looked at.
  mutating func read(_ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Outcome {
    var cursor = CanonicalCursor(range)
    let outcome = line(&cursor, bytes)
    if case .read = outcome { return outcome }
    packer.forget()
    return outcome
  }

  private mutating func line(_ cursor: inout CanonicalCursor, _ bytes: borrowing Span<UInt8>) -> Outcome {
    guard cursor.take("{\"facts\":{", bytes), let kinds = facts(&cursor, bytes) else { return .notCanonical }
    var identity: Identity?
    if cursor.take(",\"identity\":{", bytes) {
      identity = self.identity(&cursor, bytes)
      if identity == nil { return .notCanonical }
    }
    guard cursor.take(",\"kind\":\"", bytes) else { return .notCanonical }
    let isRun = cursor.take("run\"", bytes)
    guard isRun || cursor.take("checkpoint\"", bytes), kinds & (isRun ? 2 : 1) != 0, readLayout(&cursor, bytes),
      !isRun || readNotes(&cursor, bytes), cursor.take(",\"path\":", bytes), let path = cursor.text(bytes),
      bytes.extracting(path).isPlainRelativePath
    else { return .notCanonical }
    guard let root = roots.indices.first(where: { cursor.take(roots[$0], roots[$0].indices, bytes) }),
      !isRun || cursor.take(",\"unreadable\":[]", bytes), cursor.take("}\n", bytes)
    else { return .notCanonical }
    if root != self.root {
      guard packer.count == 0 else { return .ofAnotherRoot }
      self.root = root
    }
    packer.add(
      kind: isRun ? .run : .checkpoint, path: bytes.extracting(path), layout: layout.text,
      notes: isRun ? notes.list : [], identity: identity, digest: digest)
    return .read(next: cursor.place)
  }

  // MARK: Facts

  /// The kinds that have all of these facts; see `CanonicalColumns`.
  private mutating func facts(_ cursor: inout CanonicalCursor, _ bytes: borrowing Span<UInt8>) -> UInt8? {
    var kinds: UInt8 = 3
    if cursor.take(UInt8(ascii: "}"), bytes) { return kinds }
    var previous: Int?
    repeat {
      guard let column = columns.column(&cursor, bytes, after: previous), value(of: column, &cursor, bytes) else {
        return nil
      }
      kinds &= columns.kinds[column]
      previous = column
    } while cursor.take(UInt8(ascii: ","), bytes)
    return cursor.take(UInt8(ascii: "}"), bytes) ? kinds : nil
  }

  private mutating func value(
    of column: Int, _ cursor: inout CanonicalCursor, _ bytes: borrowing Span<UInt8>
  ) -> Bool {
    let name = names[column]
    switch columns.forms[column] {
    case .flag:
      let isTrue = cursor.take("true", bytes)
      guard isTrue || cursor.take("false", bytes) else { return false }
      packer.set(name, .bool(isTrue))
    case .integer:
      guard let number = cursor.integer(bytes) else { return false }
      packer.set(name, .integer(number))
    case .natural:
      guard let number = cursor.natural(bytes) else { return false }
      packer.set(name, .integer(number))
    case .number, .ratio:
      guard let text = cursor.text(bytes) else { return false }
      if !FactReader.isPlainFraction(bytes, text) {
        guard let number = ExactDecimal(ascii: bytes.extracting(text)),
          columns.forms[column] == .number || number.isRatio
        else { return false }
      }
      unsafe bytes.extracting(text).withUnsafeBytes { unsafe packer.set(name, number: $0) }
    case .time:
      guard let time = cursor.time(bytes) else { return false }
      packer.set(name, .integer(time.nanoseconds))
    case .text:
      guard let text = cursor.text(bytes) else { return false }
      unsafe bytes.extracting(text).withUnsafeBytes { unsafe packer.set(name, text: $0) }
    case .word:
      guard let text = cursor.text(bytes), columns.isWord(text, bytes, of: column) else { return false }
      unsafe bytes.extracting(text).withUnsafeBytes { unsafe packer.set(name, text: $0) }
    case .other: return false
    }
    return true
  }

  // MARK: What else there is of an entity

  /// `,"layout":"…"`, or nothing.
  private mutating func readLayout(_ cursor: inout CanonicalCursor, _ bytes: borrowing Span<UInt8>) -> Bool {
    guard cursor.take(",\"layout\":", bytes) else {
      layout = ([], "")
      return true
    }
    guard let text = cursor.text(bytes), !text.isEmpty else { return false }
    if !isSame(layout.bytes, bytes, text) {
      let bytes = text.map { bytes[$0] }
      layout = (bytes, String(decoding: bytes, as: UTF8.self))
    }
    return true
  }

  /// `,"notes":[…]`: very many runs have the same ones.
  private mutating func readNotes(_ cursor: inout CanonicalCursor, _ bytes: borrowing Span<UInt8>) -> Bool {
    guard cursor.take(",\"notes\":[", bytes) else { return false }
    let start = cursor.place
    if cursor.take(notes.bytes, notes.bytes.indices, bytes), cursor.take(UInt8(ascii: "]"), bytes) { return true }
    cursor = CanonicalCursor(start..<cursor.end)
    var list: [ScanNote] = []
    if cursor.next(bytes) != UInt8(ascii: "]") {
      repeat {
        guard cursor.take("{\"code\":", bytes), let code = cursor.text(bytes), cursor.take(",\"text\":", bytes),
          let text = cursor.text(bytes), cursor.take(UInt8(ascii: "}"), bytes)
        else { return false }
        list.append(
          ScanNote(
            code: String(decoding: code.map { bytes[$0] }, as: UTF8.self),
            text: String(decoding: text.map { bytes[$0] }, as: UTF8.self)))
      } while cursor.take(UInt8(ascii: ","), bytes)
    }
    notes = ((start..<cursor.place).map { bytes[$0] }, list)
    return cursor.take(UInt8(ascii: "]"), bytes)
  }

  private func isSame(_ known: [UInt8], _ bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard known.count == range.count else { return false }
    for offset in known.indices where known[offset] != bytes[range.lowerBound + offset] { return false }
    return true
  }

  /// Behind `"identity":{`; the digest goes into `digest`.
  private mutating func identity(_ cursor: inout CanonicalCursor, _ bytes: borrowing Span<UInt8>) -> Identity? {
    var born, mount: Int64?
    guard cursor.take("\"btime_ns\":", bytes) else { return nil }
    if !cursor.take("null", bytes) {
      born = cursor.integer(bytes)
      if born == nil { return nil }
    }
    guard cursor.take(",\"bytes\":", bytes), let size = cursor.natural(bytes), cursor.take(",\"ctime_ns\":", bytes),
      let changed = cursor.integer(bytes), cursor.take(",\"device\":", bytes), let device = cursor.natural(bytes),
      cursor.take(",\"entries\":", bytes), let entries = cursor.natural(bytes), cursor.take(",\"inode\":", bytes),
      let inode = cursor.natural(bytes), cursor.take(",\"mount_id\":", bytes)
    else { return nil }
    if !cursor.take("null", bytes) {
      mount = cursor.natural(bytes)
      if mount == nil { return nil }
    }
    guard cursor.take(",\"mtime_ns\":", bytes), let modified = cursor.integer(bytes),
      cursor.take(",\"newest_ctime_ns\":", bytes), let newestChanged = cursor.integer(bytes),
      cursor.take(",\"newest_mtime_ns\":", bytes), let newestModified = cursor.integer(bytes),
      cursor.take(",\"size\":", bytes), let apparent = cursor.natural(bytes), cursor.take(",\"tree_sha256\":\"", bytes),
      cursor.hexadecimal(bytes, into: &digest), cursor.take("\",\"type\":\"", bytes),
      let type = type(&cursor, bytes), cursor.take(",\"uid\":", bytes), let uid = cursor.natural(bytes),
      let user = UInt32(exactly: uid), cursor.take(UInt8(ascii: "}"), bytes)
    else { return nil }
    return Identity(
      type: type, uid: user, device: UInt64(device), inode: UInt64(inode), mountID: mount.map { UInt64($0) },
      size: apparent, modified: Timestamp(nanoseconds: modified), changed: Timestamp(nanoseconds: changed),
      born: born.map { Timestamp(nanoseconds: $0) }, entries: entries, bytes: size,
      newestModified: Timestamp(nanoseconds: newestModified), newestChanged: Timestamp(nanoseconds: newestChanged),
      treeDigest: "")
  }

  private func type(_ cursor: inout CanonicalCursor, _ bytes: borrowing Span<UInt8>) -> Identity.FileType? {
    if cursor.take("file\"", bytes) { return .file }
    if cursor.take("directory\"", bytes) { return .directory }
    if cursor.take("symlink\"", bytes) { return .symlink }
    return cursor.take("other\"", bytes) ? .other : nil
  }
}
