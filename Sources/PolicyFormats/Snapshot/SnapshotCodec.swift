public import PolicyCore
public import PolicyDiagnostics
internal import PolicyDigest

/// `policy-snapshot/1.0`: JSON Lines, a header and then one entity a line, each line canonical JSON.
///
/// Lines are sorted by (host, root, kind, path bytes), so that two snapshots of an unchanged tree differ only in the
/// header. Both directions work on bytes, not on trees of values: half a million lines take about a second.
public enum SnapshotCodec {
  /// The canonical bytes of a normalised snapshot.
  ///
  /// - Parameter schema: tells times from integers; the snapshot's own (its layouts and declared facts) when left out.
  public static func encode(_ snapshot: Snapshot, schema: FactSchema? = nil) -> [UInt8] {
    var bytes: [UInt8] = []
    encode(snapshot, schema: schema) { bytes += $0 }
    return bytes
  }

  /// The canonical bytes of a normalised snapshot, in pieces of some 64 KiB.
  public static func encode(_ snapshot: Snapshot, schema: FactSchema? = nil, _ take: ([UInt8]) -> Void) {
    var encoder = SnapshotEncoder(snapshot, schema: schema ?? snapshot.ownSchema)
    encoder.encode(take)
  }

  /// Reads a snapshot, canonical or written by hand, and normalises it.
  ///
  /// - Parameters:
  ///   - path: as the user named it; spans point into `SourceText(path:bytes:)` as file 0.
  ///   - schema: the facts that may stand in it; those that the header declares are added.
  /// - Returns: `nil` iff a diagnostic is an error.
  public static func decode(
    _ bytes: [UInt8], path: String, schema: FactSchema = FactSchema()
  ) -> (snapshot: Snapshot?, diagnostics: [Diagnostic]) {
    decode(bytes, schema: schema, inOneThread: false)
  }

  /// The same; files of some megabytes are read by several threads unless one alone shall do it.
  package static func decode(
    _ bytes: [UInt8], schema: FactSchema = FactSchema(), inOneThread: Bool
  ) -> (snapshot: Snapshot?, diagnostics: [Diagnostic]) {
    var decoder = SnapshotDecoder(bytes, schema: schema, inOneThread: inOneThread)
    return decoder.decode()
  }

  /// Reads a snapshot as `decode` does.
  ///
  /// - Returns: also its digest, if it is asked for and the bytes of the file are found to be the canonical ones, as those of
  ///   long files mostly are.
  public static func decode(
    _ bytes: [UInt8], schema: FactSchema, isDigested: Bool
  ) -> (snapshot: Snapshot?, digest: String?, diagnostics: [Diagnostic]) {
    var decoder = SnapshotDecoder(bytes, schema: schema, inOneThread: false, isDigested: isDigested)
    let (snapshot, diagnostics) = decoder.decode()
    return (snapshot, decoder.digest.map(text), diagnostics)
  }

  private static func text(_ digest: [UInt8]) -> String { "sha256:" + Hexadecimal.encode(digest) }

  /// `sha256:` and 64 hexadecimal digits over the canonical bytes. The order of a hand-written file does not matter.
  public static func digest(_ snapshot: Snapshot, schema: FactSchema? = nil) -> String {
    var snapshot = snapshot
    snapshot.normalise()
    return digest(normalised: snapshot, schema: schema)
  }

  /// The same of a snapshot that is normalised, as scans and `decode` leave it.
  public static func digest(normalised snapshot: Snapshot, schema: FactSchema? = nil) -> String {
    var hash = SHA256Digest()
    encode(snapshot, schema: schema) { hash.update($0) }
    return text(hash.finish())
  }

  /// One entity without its root: what trash records and the journal hold.
  public static func entityJSON(_ entity: Entity, schema: FactSchema = FactSchema()) -> JSONValue {
    var encoder = SnapshotEncoder(Snapshot(now: Timestamp(nanoseconds: 0), roots: []), schema: schema)
    // The encoder writes nothing but JSON; a fault here would be one of this module, and null is refused on reading.
    return (try? JSONReader.parse(encoder.encode(part: entity))) ?? .null
  }

  /// The reverse of `entityJSON`.
  ///
  /// - Parameter root: the index that the entity gets.
  public static func entity(
    from value: JSONValue, root: Int = 0, schema: FactSchema = FactSchema()
  ) throws(FormatError) -> Entity {
    let bytes = CanonicalJSON.encode(value)
    var reader = EntityReader(facts: FactTable(schema))
    var cursor = JSONCursor(bytes)
    do throws(LineFault) {
      var entity = try reader.entity(&cursor)
      entity.root = root
      return entity
    } catch {
      throw FormatError(problem: .wrong, message: error.message, path: JSONPath())
    }
  }
}

extension Snapshot {
  /// The facts that the header says: built in, of the layouts scanned for, and declared.
  var ownSchema: FactSchema {
    FactSchema(layouts: scan?.layouts ?? [], declared: declaredFacts ?? [])
  }

  /// The host of all roots, when there is one.
  var onlyHost: ByteString? {
    guard let first = roots.first?.host, roots.allSatisfy({ $0.host == first }) else { return nil }
    return first
  }
}
