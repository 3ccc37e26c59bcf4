internal import PolicyCore
internal import PolicyDiagnostics

/// Reads a snapshot line by line. A faulty line is reported and the next one read, so that one run shows many mistakes.
struct SnapshotDecoder {
  /// More mistakes than this are not worth reading on for.
  private static let maximumFaults = 50

  let bytes: [UInt8]
  private let schema: FactSchema
  private var cursor: JSONCursor
  private var diagnostics: [Diagnostic] = []
  private var faults = 0
  private(set) var snapshot = Snapshot(now: Timestamp(nanoseconds: 0), roots: [])
  /// Of each entity, where its line begins.
  private(set) var places: [Int] = []
  /// Whether entities came in the order of a snapshot.
  private(set) var isSorted = true
  /// Where other lines begin, if several threads read the file.
  private(set) var others: [Int] = []
  private var roots: RootIndex
  /// Files of a later minor version may hold keys that we cannot know; in our own version they are slips.
  private var warnsOfUnknownKeys = true

  private let inOneThread: Bool
  private let isDigested: Bool
  /// SHA-256 of the file, where its bytes are the canonical ones of the snapshot and that was asked for and easily seen.
  private(set) var digest: [UInt8]?

  init(_ bytes: [UInt8], schema: FactSchema, inOneThread: Bool, isDigested: Bool = false) {
    self.inOneThread = inOneThread
    self.isDigested = isDigested
    self.bytes = bytes
    self.schema = schema
    cursor = JSONCursor(bytes, isLine: true)
    roots = RootIndex([])
  }

  mutating func decode() -> (snapshot: Snapshot?, diagnostics: [Diagnostic]) {
    skipEmptyLines()
    do throws(LineFault) {
      try header()
    } catch {
      report(error)
      return (nil, diagnostics)
    }
    lines()
    if faults == 0 { refuseDuplicates() }
    guard faults == 0 else {
      digest = nil
      return (nil, diagnostics.inSourceOrder())
    }
    snapshot.normalise()
    if digest != nil, !hasCanonicalRest { digest = nil }
    return (snapshot, diagnostics.inSourceOrder())
  }

  private mutating func report(_ fault: LineFault, _ severity: Diagnostic.Severity = .error) {
    if severity == .error { faults += 1 }
    diagnostics.append(fault.diagnostic(severity, end: bytes.count))
  }

  private mutating func skipEmptyLines() {
    while cursor.peek() == UInt8(ascii: "\n") { cursor.skipLine() }
  }

  // MARK: Header

  private mutating func header() throws(LineFault) {
    let start = cursor.index
    let format = FormatVersion.snapshot
    guard cursor.peek() != nil else {
      throw LineFault(.format, "the file is empty, not a \(format.name) file", start..<start)
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw LineFault(
        .broken, "broken JSON: the file begins with a byte order mark", 0..<3, help: "save it as UTF-8 without one")
    }
    let value: JSONValue
    do throws(JSONError) {
      value = try cursor.value()
      try endOfLine()
    } catch {
      throw LineFault(error)
    }
    do throws(FormatError) {
      let fields = try JSONFields(value)
      let text = try fields.string("format")
      if let refusal = format.refusal(of: text) {
        throw FormatError(problem: .wrong, message: refusal, path: JSONPath().appending("format"))
      }
      warnsOfUnknownKeys = FormatVersion(text)?.minor == format.minor
    } catch {
      let help = error.problem == .missing ? "the first line must hold `\"format\":\"\(format.text)\"`" : nil
      throw LineFault(.format, error.message, error.path.range(in: bytes, from: start), help: help)
    }
    do throws(FormatError) {
      try header(try JSONFields(value))
    } catch {
      throw LineFault(error, in: bytes, from: start)
    }
    for member in value.objectValue?.members ?? [] where !Self.headerKeys.contains(member.key) {
      warn(member.key, Self.headerKeys, JSONPath().appending(member.key).range(in: bytes, from: start))
    }
  }

  private static let headerKeys = [
    "declared", "format", "host", "host_escaped", "now", "roots", "scan", "scanned_at", "volumes",
  ]

  private mutating func header(_ fields: JSONFields) throws(FormatError) {
    let host = try fields.optionalName("host") ?? ""
    snapshot.now = try fields.time("now")
    snapshot.scannedAt = try fields.optionalTime("scanned_at")
    _ = try fields.value("roots")
    snapshot.roots = try fields.map("roots") { root throws(FormatError) in try RootJSON.decode(root, host: host) }
    snapshot.volumes = try fields.map("volumes") { volume throws(FormatError) in
      Volume(
        host: try volume.optionalName("host") ?? host, path: try volume.name("path"),
        size: try volume.amount("size"), used: try volume.amount("used"))
    }
    try refuseTwice(fields, "roots", snapshot.roots.map { [$0.host, $0.path] })
    try refuseTwice(fields, "volumes", snapshot.volumes.map { [$0.host, $0.path] })
    if let scan = try fields.optionalFields("scan") { snapshot.scan = try ScanSettingsJSON.decode(scan) }
    if fields.optional("declared") != nil {
      snapshot.declaredFacts = try fields.map("declared", ScanSettingsJSON.fact)
    }
    roots = RootIndex(snapshot.roots)
  }

  private func refuseTwice(_ fields: JSONFields, _ key: String, _ places: [[ByteString]]) throws(FormatError) {
    var seen: Set<[ByteString]> = []
    for (index, place) in places.enumerated() where !seen.insert(place).inserted {
      let path = fields.path.appending(key).appending(index)
      throw FormatError(problem: .wrong, message: "`\(path.spelled)` stands in the list twice", path: path)
    }
  }

  // MARK: Lines

  private mutating func lines() {
    let own = snapshot.scan == nil && snapshot.declaredFacts == nil ? nil : snapshot.ownSchema
    let table = FactTable(schema, declared: own)
    var reader = EntityReader(facts: table)
    if readTogether(reader, table) { return }
    // Growing an array moves all that is in it; a line is seldom shorter than this.
    snapshot.entities.reserveCapacity(bytes.count / 400)
    places.reserveCapacity(bytes.count / 400)
    while faults < Self.maximumFaults {
      skipEmptyLines()
      guard cursor.peek() != nil else { return }
      let start = cursor.index
      do throws(LineFault) {
        try line(&reader)
        do throws(JSONError) { try endOfLine() } catch { throw LineFault(error) }
      } catch {
        report(error)
        cursor = JSONCursor(bytes, at: start, isLine: true)
        cursor.skipLine()
      }
    }
  }

  /// Long files are read by several threads. As soon as anything is amiss, nothing is taken over: the faults and
  /// warnings of a file are those of reading it from its beginning, in their order.
  private mutating func readTogether(_ reader: EntityReader, _ table: FactTable) -> Bool {
    if inOneThread { return false }
    let quick = CanonicalReader(table, snapshot)
    // Without it all lines would be written once more, only to compare them.
    let encoder = isDigested && quick != nil ? SnapshotEncoder(snapshot, schema: snapshot.ownSchema) : nil
    let readers = LineStretch.Readers(quick: quick, general: reader, roots: roots, encoder: encoder)
    guard let (stretches, digest) = LineStretch.read(bytes, from: cursor.index, readers) else { return false }
    var (reader, count) = (reader, 0)
    for stretch in stretches { count += stretch.entities.count }
    snapshot.entities.reserveCapacity(count)
    places.reserveCapacity(count)
    for stretch in stretches {
      snapshot.entities += stretch.entities
      places += stretch.places
    }
    others = stretches.flatMap(\.others)
    if encoder != nil, stretches.allSatisfy(\.isCanonical) { self.digest = digest }
    for start in others {
      cursor = JSONCursor(bytes, at: start, isLine: true)
      do throws(LineFault) {
        try line(&reader)
        do throws(JSONError) { try endOfLine() } catch { throw LineFault(error) }
      } catch {
        report(error)
        if faults == Self.maximumFaults { break }
      }
    }
    return true
  }

  private mutating func endOfLine() throws(JSONError) {
    guard let next = cursor.peek(), next != UInt8(ascii: "\n") else {
      cursor.skipLine()
      return
    }
    throw JSONError(offset: cursor.index, message: "something follows the end of the object")
  }

  private mutating func line(_ reader: inout EntityReader) throws(LineFault) {
    let start = cursor.index
    if let kind = RecordReader.kind(cursor) {
      let value: JSONValue
      do throws(JSONError) { value = try cursor.value() } catch { throw LineFault(error) }
      do throws(FormatError) {
        try record(kind, try JSONFields(value), start, &reader)
      } catch {
        throw LineFault(error, in: bytes, from: start)
      }
      return
    }
    var entity = try reader.entity(&cursor)
    guard let root = reader.root else { throw LineFault(.missing, "`root` is missing", start..<cursor.index) }
    guard let index = roots.index(root, host: reader.host) else { throw unknownRoot(start) }
    entity.root = index
    snapshot.entities.append(entity)
    places.append(start)
    for range in reader.unknownKeys {
      warn(String(decoding: bytes[range], as: UTF8.self), EntityReader.keys.map(\.name), range)
    }
  }

  private func unknownRoot(_ start: Int) -> LineFault {
    LineFault(
      .wrongType, "`root` must be one of the header's roots, with its `host` where several hosts take part",
      JSONPath().appending("root").range(in: bytes, from: start))
  }

  private mutating func record(
    _ kind: RecordReader.Kind, _ fields: JSONFields, _ start: Int, _ reader: inout EntityReader
  ) throws(FormatError) {
    guard let root = roots.index(try fields.name("root"), host: try fields.optionalName("host")) else {
      throw .wrong(
        fields.path.appending("root"),
        "one of the header's roots, with its `host` where several hosts take part")
    }
    switch kind {
    case .trash: snapshot.trash.append(try RecordReader.trash(fields, root: root, entities: &reader))
    case .unmatchedPin: snapshot.unmatchedPins.append(try RecordReader.place(fields, root: root))
    case .unreadable: snapshot.unreadable.append(try RecordReader.place(fields, root: root))
    case .unrecognised: snapshot.unrecognised.append(try RecordReader.place(fields, root: root))
    }
    for member in fields.object.members where !RecordReader.keys(kind).contains(member.key) {
      warn(member.key, RecordReader.keys(kind), JSONPath().appending(member.key).range(in: bytes, from: start))
    }
  }

  private mutating func warn(_ key: String, _ known: [String], _ range: Range<Int>) {
    guard warnsOfUnknownKeys, diagnostics.count < Self.maximumFaults else { return }
    let help = EditDistance.nearest(key, among: known).map { "did you mean `\($0)`?" }
    report(LineFault(.unknown, "the key `\(key)` means nothing here and is ignored", range, help: help), .warning)
  }

  // MARK: Duplicates

  private mutating func refuseDuplicates() {
    let entities = snapshot.entities
    func precedes(_ a: Int, _ b: Int) -> Bool { Entity.precedes(entities[a], entities[b]) }
    if !(entities.indices.dropFirst().allSatisfy { precedes($0 - 1, $0) }) {
      isSorted = false
      let order = entities.indices.sorted { a, b in precedes(a, b) || (!precedes(b, a) && a < b) }
      for (a, b) in zip(order, order.dropFirst()) where !precedes(a, b) {
        let path = EscapedName.escape(entities[b].path).text
        report(
          LineFault(
            .duplicate, "the \(entities[b].kind.rawValue) `\(path)` stands in the snapshot twice",
            JSONPath().appending("path").range(in: bytes, from: places[b])))
      }
    }
    var records: Set<RecordKey> = []
    for record in snapshot.trash where !records.insert(RecordKey(root: record.root, name: record.record)).inserted {
      let start = bytes.count
      report(LineFault(.duplicate, "the trash record `\(record.record)` stands in the snapshot twice", start..<start))
    }
  }

  private struct RecordKey: Hashable {
    let root: Int
    let name: ByteString
    init(root: Int, name: String) {
      self.root = root
      self.name = ByteString(name)
    }
  }
}
