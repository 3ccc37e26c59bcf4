internal import Dispatch
public import PolicyCore
internal import PolicyDigest
internal import Synchronization

/// `policy-snapshot-packed/1.0`: a snapshot for this program alone, read several times faster than JSON Lines.
///
/// A line of JSON says what it is, how many bytes of JSON Lines and how many entities follow, and, where it was worked
/// out, the digest of the whole snapshot's canonical JSON Lines. Then come the snapshot without its runs and checkpoints as JSON Lines, then
/// these as they lie in memory (`PackedTable`), and last the SHA-256 of everything before it. It is no form for exchange:
/// another version may refuse it, and JSON Lines hold the same.
public enum PackedSnapshot {
  /// A file that cannot be read; one sentence without a full stop.
  public struct Fault: Error, Equatable {
    public let message: String
    public init(message: String) { self.message = message }
  }

  private static let format = FormatVersion(name: "policy-snapshot-packed", major: 1, minor: 0)
  private static let longestHead = 4096

  /// Whether it begins like such a file.
  public static func isOne(_ input: PackedInput) -> Bool {
    isOne(input.read(0..<min(longestHead, input.size)))
  }

  public static func isOne(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: Array("{".utf8))
      && bytes.prefix(longestHead).prefix { $0 != newline }.containsText("\"\(format.name)/")
  }

  private static let newline = UInt8(ascii: "\n")

  // MARK: Writing

  /// - Parameters:
  ///   - snapshot: normalised.
  ///   - digest: `SnapshotCodec.digest` of it, which takes longer to find than all the rest; else `nil`.
  public static func encode(_ snapshot: Snapshot, digest: String?, _ take: ([UInt8]) -> Void) {
    let hash = StreamedDigest()
    func put(_ piece: [UInt8]) {
      hash.update(piece)
      take(piece)
    }
    var rest = snapshot
    rest.entities = []
    let text = SnapshotCodec.encode(rest, schema: snapshot.ownSchema)
    put(
      CanonicalJSON.encode([
        "digest": digest.map { .string($0) } ?? .null, "entities": .integer(Int64(snapshot.entities.count)),
        "format": .string(format.text), "layouts": .array(PackedLayouts.names.map { .string($0) }),
        "text": .integer(Int64(text.count)),
      ]) + [newline])
    put(text)
    let table = PackedTable.encode(snapshot.entities)
    put(table.head)
    OrderedPieces(count: table.chunks, table.chunk).handOn(put)
    take(hash.finish())
  }

  // MARK: Reading

  /// - Parameters:
  ///   - schema: the facts that may stand in the trash's records.
  ///   - isLinked: false where nobody asks which run something lies in.
  public static func decode(
    _ input: PackedInput, schema: FactSchema = FactSchema(), isLinked: Bool = true
  ) throws(Fault) -> (snapshot: Snapshot, digest: String?) {
    let beginning = input.read(0..<min(longestHead, input.size))
    let head = try head(beginning)
    var stream = PackedStream(input)
    guard let again = stream.take(head.end), again.elementsEqual(beginning.prefix(head.end)),
      let text = stream.take(head.text)
    else { throw damaged }
    let (rest, diagnostics) = SnapshotCodec.decode(text, path: "", schema: schema)
    guard var snapshot = rest, diagnostics.isEmpty, snapshot.entities.isEmpty else { throw damaged }
    guard let shapes = PackedTable.shapes(&stream),
      let entities = entities(head.entities, shapes, stream, roots: snapshot.roots.count)
    else { throw damaged }
    snapshot.entities = entities
    if isLinked { snapshot.linkParents() }
    return (snapshot, head.digest)
  }

  public static func decode(
    _ bytes: [UInt8], schema: FactSchema = FactSchema(), isLinked: Bool = true
  ) throws(Fault) -> (snapshot: Snapshot, digest: String?) {
    try decode(PackedInput(bytes), schema: schema, isLinked: isLinked)
  }

  /// A file as long as this is worth a second thread.
  private static let long = 1 << 20

  /// So many entities, and then the digest of everything; `nil` where anything is damaged. Of two threads one reads and digests
  /// a chunk, which goes in order, while the other unpacks another.
  private static func entities(
    _ count: Int, _ shapes: [FactShape], _ stream: consuming sending PackedStream, roots: Int
  ) -> [Entity]? {
    // Each takes more than eight bytes.
    guard count <= stream.remaining / 8 else { return nil }
    let isLong = stream.remaining >= long
    let reading = Mutex(Reading(stream))
    let isWhole = Atomic(true)
    let entities = unsafe [Entity](unsafeUninitializedCapacity: max(count, 1)) { buffer, filled in
      guard let base = buffer.baseAddress else { preconditionFailure("there is room for one at least") }
      nonisolated(unsafe) let memory = unsafe base
      let done = Mutex<[Range<Int>]>([])
      DispatchQueue.concurrentPerform(iterations: isLong ? 2 : 1) { thread in
        // Such as count references to the same lists wait for each other.
        let shapes = thread == 0 ? shapes : shapes.map { FactShape($0.names) }
        while isWhole.load(ordering: .relaxed) {
          guard let (first, chunk) = reading.withLock({ $0.next(of: count) }) else { return }
          guard let chunk, unsafe PackedTable.entities(chunk, shapes, roots: roots, to: memory + first) else {
            return isWhole.store(false, ordering: .relaxed)
          }
          done.withLock { $0.append(first..<first + chunk.count) }
        }
      }
      if reading.withLock({ !$0.isWhole(count) }) { isWhole.store(false, ordering: .relaxed) }
      filled = isWhole.load(ordering: .relaxed) ? count : 0
      guard filled < count else { return }
      for range in done.withLock({ $0 }) { unsafe (memory + range.lowerBound).deinitialize(count: range.count) }
    }
    guard isWhole.load(ordering: .relaxed) else { return nil }
    let all = entities.span
    for first in reading.withLock({ $0.starts }).dropFirst() where !Entity.precedes(all[first - 1], all[first]) {
      return nil
    }
    return entities
  }

  /// How far a file is read.
  private struct Reading: ~Copyable {
    private var stream: PackedStream
    /// Where each chunk begins among all entities.
    private(set) var starts: [Int] = []
    private var found = 0

    init(_ stream: consuming PackedStream) { self.stream = stream }

    /// The next chunk and the number of its first entity; `nil` at the end, and no chunk where it is damaged.
    mutating func next(of count: Int) -> (first: Int, chunk: PackedTable.Chunk?)? {
      if found == count { return nil }
      let first = found
      guard let chunk = PackedTable.chunk(&stream, atMost: count - found) else { return (first, nil) }
      starts.append(first)
      found += chunk.count
      return (first, chunk)
    }

    mutating func isWhole(_ count: Int) -> Bool { found == count && stream.isWhole() }
  }

  private static let damaged = Fault(message: "it is damaged")

  private struct Head {
    let digest: String?
    let entities: Int
    let text: Int
    /// Where what follows it begins.
    let end: Int
  }

  private static func head(_ bytes: [UInt8]) throws(Fault) -> Head {
    guard let end = bytes.prefix(longestHead).firstIndex(of: newline) else { throw damaged }
    guard let value = try? JSONReader.parse(Array(bytes[..<end])), let text = value["format"]?.stringValue else {
      throw damaged
    }
    if let refusal = format.refusal(of: text) { throw Fault(message: refusal) }
    guard value["layouts"] == .array(PackedLayouts.names.map { .string($0) }) else {
      throw Fault(message: "another version of this program wrote it")
    }
    guard let digest = value["digest"], digest == .null || digest.stringValue != nil,
      let entities = value["entities"]?.integerValue, entities >= 0, let text = value["text"]?.integerValue, text >= 0
    else { throw damaged }
    return Head(digest: digest.stringValue, entities: Int(entities), text: Int(text), end: end + 1)
  }
}

extension ArraySlice<UInt8> {
  fileprivate func containsText(_ text: String) -> Bool {
    let wanted = Array(text.utf8)
    guard count >= wanted.count else { return false }
    return (startIndex...(endIndex - wanted.count)).contains { self[$0..<($0 + wanted.count)].elementsEqual(wanted) }
  }
}
