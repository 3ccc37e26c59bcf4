internal import PolicyCore

/// Writes a normalised snapshot line by line.
struct SnapshotEncoder {
  private let snapshot: Snapshot
  /// `nil` where several hosts take part and each line names its own.
  private let onlyHost: ByteString?
  private var facts: FactEncoder
  /// What the lines of a root say of it, written once.
  private struct Place {
    /// Empty where lines name no host.
    let host: [UInt8]
    let root: [UInt8]
  }
  private let places: [Place]

  init(_ snapshot: Snapshot, schema: FactSchema) {
    self.snapshot = snapshot
    let onlyHost = snapshot.onlyHost
    self.onlyHost = onlyHost
    facts = FactEncoder(schema)
    places = snapshot.roots.map { root in
      var host = JSONWriter()
      var path = JSONWriter()
      if onlyHost == nil { host.name("host", flag: "host_escaped", root.host.bytes[...]) }
      path.name("root", flag: "root_escaped", root.path.bytes[...])
      return Place(host: host.empty(), root: path.empty())
    }
  }

  /// Hands the lines on in pieces: a large snapshot is several times as long in text as in memory.
  mutating func encode(_ take: ([UInt8]) -> Void) {
    var writer = JSONWriter()
    writer.value(header)
    writer.endLine()
    // Each table is sorted by root, and within a root the kinds of lines follow in the order of their names.
    var (entity, trash, pin, unreadable, unrecognised) = (0, 0, 0, 0, 0)
    for root in snapshot.roots.indices {
      let first = entity
      while entity < snapshot.entities.count, snapshot.entities[entity].root == root { entity += 1 }
      take(writer.empty())
      facts.prepare(for: snapshot.entities[first..<entity])
      entities(first..<entity, take)
      while trash < snapshot.trash.count, snapshot.trash[trash].root == root {
        line(snapshot.trash[trash], &writer)
        trash += 1
      }
      while pin < snapshot.unmatchedPins.count, snapshot.unmatchedPins[pin].root == root {
        line(snapshot.unmatchedPins[pin], kind: "unmatched_pin", &writer)
        pin += 1
      }
      while unreadable < snapshot.unreadable.count, snapshot.unreadable[unreadable].root == root {
        line(snapshot.unreadable[unreadable], kind: "unreadable", &writer)
        unreadable += 1
      }
      while unrecognised < snapshot.unrecognised.count, snapshot.unrecognised[unrecognised].root == root {
        line(snapshot.unrecognised[unrecognised], kind: "unrecognised", &writer)
        unrecognised += 1
      }
    }
    take(writer.empty())
  }

  /// Entities of one piece of text.
  private static let pieceSize = 256

  private func entities(_ range: Range<Int>, _ take: ([UInt8]) -> Void) {
    guard !range.isEmpty else { return }
    OrderedPieces(items: range.count, of: Self.pieceSize) { lines($0, behind: range.lowerBound) }.handOn(take)
  }

  private func lines(_ range: Range<Int>, behind start: Int) -> [UInt8] {
    var encoder = self
    var writer = JSONWriter()
    for index in range.lowerBound + start..<range.upperBound + start {
      encoder.write(snapshot.entities[index], in: encoder.places[snapshot.entities[index].root], &writer)
      writer.endLine()
    }
    return writer.empty()
  }

  /// The line of an entity.
  mutating func line(_ entity: Entity) -> [UInt8] {
    var writer = JSONWriter()
    write(entity, in: places[entity.root], &writer)
    writer.endLine()
    return writer.empty()
  }

  /// One entity without root and host.
  mutating func encode(part entity: Entity) -> [UInt8] {
    var writer = JSONWriter()
    write(entity, in: nil, &writer)
    return writer.empty()
  }

  private var header: JSONValue {
    var object: JSONObject = ["format": .string(FormatVersion.snapshot.text)]
    object.set("now", time: snapshot.now)
    object.set("scanned_at", time: snapshot.scannedAt)
    if let onlyHost, !onlyHost.isEmpty { object.set("host", name: onlyHost) }
    object.set("roots", list: snapshot.roots) { .object(RootJSON.encode($0, withHost: onlyHost == nil)) }
    if !snapshot.volumes.isEmpty {
      object.set("volumes", list: snapshot.volumes) { volume in
        var object: JSONObject = ["size": .integer(volume.size), "used": .integer(volume.used)]
        if volume.host != onlyHost { object.set("host", name: volume.host) }
        object.set("path", name: volume.path)
        return .object(object)
      }
    }
    if let scan = snapshot.scan { object["scan"] = ScanSettingsJSON.encode(scan) }
    if let declared = snapshot.declaredFacts {
      object.set("declared", list: declared.sorted { CanonicalJSON.precedes($0.name, $1.name) }) {
        ScanSettingsJSON.encode($0)
      }
    }
    return .object(object)
  }

  // MARK: Lines

  private func host(_ root: Root, _ writer: inout JSONWriter) {
    if onlyHost == nil { writer.name("host", flag: "host_escaped", root.host.bytes[...]) }
  }

  private mutating func write(_ entity: Entity, in place: Place?, _ writer: inout JSONWriter) {
    writer.open()
    let hasRareParts = entity.hasRareParts
    if hasRareParts, !entity.backups.isEmpty {
      writer.key("backups")
      writer.value(.array(entity.backups.map(EntityPartsJSON.encode)))
    }
    writer.key("facts")
    facts.write(entity.facts, to: &writer)
    if let place, !place.host.isEmpty { writer.members(rendered: place.host) }
    if let (identity, digest) = entity.rawIdentity {
      writer.key("identity")
      writer.identity(identity, digest: digest)
    }
    writer.key("kind")
    writer.text(entity.kind.rawValue)
    let layout = entity.layout
    if !layout.isEmpty {
      writer.key("layout")
      writer.text(layout)
    }
    if hasRareParts, !entity.links.isEmpty {
      writer.key("links")
      writer.value(.array(entity.links.map(EntityPartsJSON.encode)))
    }
    // A run always says whether something was odd; a checkpoint, of which there are many, only when something was.
    if entity.kind == .run || hasRareParts && !entity.notes.isEmpty {
      writer.key("notes")
      writer.value(.array(entity.notes.map(EntityPartsJSON.encode)))
    }
    writer.name("path", flag: "path_escaped", entity.pathBytes)
    if let place { writer.members(rendered: place.root) }
    if entity.tier != .live {
      writer.key("tier")
      writer.text(entity.tier.rawValue)
    }
    if entity.kind == .run || entity.hasUnreadable {
      writer.key("unreadable")
      writer.value(.array(entity.facts.unreadable.map { .string($0) }))
    }
    writer.close()
  }

  private mutating func line(_ record: TrashRecord, _ writer: inout JSONWriter) {
    let root = snapshot.roots[record.root]
    writer.open()
    writer.key("bytes")
    writer.integer(record.bytes)
    if !record.contents.isEmpty {
      writer.key("contents")
      writer.value(.array(record.contents.map { (try? JSONReader.parse(encode(part: $0))) ?? .null }))
    }
    host(root, &writer)
    writer.key("kind")
    writer.text("trash")
    writer.key("of")
    writer.text(record.kind.rawValue)
    if let owner = record.owner { writer.name("owner", flag: "owner_escaped", owner.bytes[...]) }
    writer.name("path", flag: "path_escaped", record.path.bytes[...])
    if let span = record.purgeAfter {
      writer.key("purge_after_ns")
      writer.integer(span.nanoseconds)
    }
    writer.key("record")
    writer.text(record.record)
    writer.name("root", flag: "root_escaped", root.path.bytes[...])
    writer.key("trashed_at")
    writer.time(record.trashedAt)
    writer.close()
    writer.endLine()
  }

  private func line(_ place: ReportedPlace, kind: String, _ writer: inout JSONWriter) {
    let root = snapshot.roots[place.root]
    writer.open()
    host(root, &writer)
    writer.key("kind")
    writer.text(kind)
    writer.name("path", flag: "path_escaped", place.path.bytes[...])
    writer.key("reason")
    writer.text(place.reason)
    writer.name("root", flag: "root_escaped", root.path.bytes[...])
    writer.close()
    writer.endLine()
  }
}
