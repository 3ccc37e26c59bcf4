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

  /// Whether the bytes begin like such a file.
  public static func isOne(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: Array("{".utf8)) && bytes.prefix(longestHead).prefix { $0 != newline }.containsText(format.name)
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
    _ bytes: [UInt8], schema: FactSchema = FactSchema(), isLinked: Bool = true
  ) throws(Fault) -> (snapshot: Snapshot, digest: String?) {
    let head = try head(bytes)
    let end = bytes.count - SHA256Digest.byteCount
    guard head.end <= end, head.text <= end - head.end else { throw damaged }
    // A small one is not worth a second thread.
    let isSmall = bytes.count < 1 << 20
    if isSmall, !bytes[end...].elementsEqual(digest(of: bytes[..<end])) { throw damaged }
    let textEnd = head.end + head.text
    let (rest, diagnostics) = SnapshotCodec.decode(Array(bytes[head.end..<textEnd]), path: "", schema: schema)
    guard var snapshot = rest, diagnostics.isEmpty, snapshot.entities.isEmpty else { throw damaged }
    guard let contents = PackedTable.contents(bytes, textEnd..<end, entities: head.entities),
      let entities = entities(contents, in: bytes, end: isSmall ? nil : end, roots: snapshot.roots.count)
    else { throw damaged }
    snapshot.entities = entities
    if isLinked { snapshot.linkParents() }
    return (snapshot, head.digest)
  }

  /// `nil` where an entity is damaged. With `end`, where the digest stands, on two threads, of which one also looks whether it
  /// is that of the bytes before it, and `nil` where it is not.
  private static func entities(
    _ contents: PackedTable.Contents, in bytes: [UInt8], end: Int?, roots: Int
  ) -> [Entity]? {
    let chunks = contents.chunks
    let count = chunks.last?.entities.upperBound ?? 0
    let isDamaged = Atomic(false)
    let entities = unsafe [Entity](unsafeUninitializedCapacity: max(count, 1)) { buffer, filled in
      guard let base = buffer.baseAddress else { preconditionFailure("there is room for one at least") }
      nonisolated(unsafe) let memory = unsafe base
      let isDone = Mutex([Bool](repeating: false, count: chunks.count))
      let next = Atomic(end == nil ? 0 : -1)
      DispatchQueue.concurrentPerform(iterations: end == nil ? 1 : 2) { thread in
        let contents = thread == 0 ? contents : contents.copied()
        while !isDamaged.load(ordering: .relaxed) {
          let number = next.add(1, ordering: .relaxed).oldValue
          guard number < chunks.count else { return }
          if number < 0 {
            guard let end, bytes[end...].elementsEqual(digest(of: bytes[..<end])) else {
              return isDamaged.store(true, ordering: .relaxed)
            }
            continue
          }
          let place = unsafe memory + chunks[number].entities.lowerBound
          guard unsafe PackedTable.entities(chunks[number], of: contents, in: bytes, roots: roots, to: place) else {
            return isDamaged.store(true, ordering: .relaxed)
          }
          isDone.withLock { $0[number] = true }
        }
      }
      filled = isDamaged.load(ordering: .relaxed) ? 0 : count
      guard filled < count else { return }
      for (chunk, isDone) in zip(chunks, isDone.withLock { $0 }) where isDone {
        unsafe (memory + chunk.entities.lowerBound).deinitialize(count: chunk.entities.count)
      }
    }
    let all = entities.span
    for chunk in chunks.dropFirst() where !chunk.entities.isEmpty {
      let first = chunk.entities.lowerBound
      if first > 0, first < all.count, !Entity.precedes(all[first - 1], all[first]) { return nil }
    }
    return isDamaged.load(ordering: .relaxed) ? nil : entities
  }

  private static let damaged = Fault(message: "it is damaged")

  private static func digest(of bytes: ArraySlice<UInt8>) -> [UInt8] {
    var hash = SHA256Digest()
    hash.update(bytes)
    return hash.finish()
  }

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
