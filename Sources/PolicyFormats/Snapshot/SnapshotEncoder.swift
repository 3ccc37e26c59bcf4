internal import PolicyCore

/// Writes a normalised snapshot line by line.
struct SnapshotEncoder {
  private let snapshot: Snapshot
  /// `nil` where several hosts take part and each line names its own.
  private let onlyHost: ByteString?
  private var facts: FactEncoder
  private var writer = LineWriter()

  init(_ snapshot: Snapshot, schema: FactSchema) {
    self.snapshot = snapshot
    onlyHost = snapshot.onlyHost
    facts = FactEncoder(schema)
  }

  /// Hands the lines on in pieces: a large snapshot is several times as long in text as in memory.
  mutating func encode(_ take: ([UInt8]) -> Void) {
    writer.value(header)
    writer.endLine()
    // Each table is sorted by root, and within a root the kinds of lines follow in the order of their names.
    var (entity, trash, pin, unreadable, unrecognised) = (0, 0, 0, 0, 0)
    for root in snapshot.roots.indices {
      while entity < snapshot.entities.count, snapshot.entities[entity].root == root {
        line(snapshot.entities[entity])
        entity += 1
        if writer.output.count >= Self.pieceSize { take(writer.empty()) }
      }
      while trash < snapshot.trash.count, snapshot.trash[trash].root == root {
        line(snapshot.trash[trash])
        trash += 1
      }
      while pin < snapshot.unmatchedPins.count, snapshot.unmatchedPins[pin].root == root {
        line(snapshot.unmatchedPins[pin], kind: "unmatched_pin")
        pin += 1
      }
      while unreadable < snapshot.unreadable.count, snapshot.unreadable[unreadable].root == root {
        line(snapshot.unreadable[unreadable], kind: "unreadable")
        unreadable += 1
      }
      while unrecognised < snapshot.unrecognised.count, snapshot.unrecognised[unrecognised].root == root {
        line(snapshot.unrecognised[unrecognised], kind: "unrecognised")
        unrecognised += 1
      }
    }
    take(writer.empty())
  }

  private static let pieceSize = 1 << 16

  /// One entity without root and host.
  mutating func encode(part entity: Entity) -> [UInt8] {
    var encoder = self
    encoder.writer = LineWriter()
    encoder.write(entity, root: nil)
    return encoder.writer.output
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

  private mutating func line(_ entity: Entity) {
    write(entity, root: snapshot.roots[entity.root])
    writer.endLine()
  }

  private mutating func host(_ root: Root) {
    if onlyHost == nil { writer.name("host", flag: "host_escaped", root.host) }
  }

  private mutating func write(_ entity: Entity, root: Root?) {
    writer.open()
    if !entity.backups.isEmpty {
      writer.key("backups")
      writer.value(.array(entity.backups.map(EntityPartsJSON.encode)))
    }
    writer.key("facts")
    facts.write(entity.facts, to: &writer)
    if let root { host(root) }
    if let identity = entity.identity {
      writer.key("identity")
      write(identity)
    }
    writer.key("kind")
    writer.text(entity.kind.rawValue)
    if !entity.layout.isEmpty {
      writer.key("layout")
      writer.text(entity.layout)
    }
    if !entity.links.isEmpty {
      writer.key("links")
      writer.value(.array(entity.links.map(EntityPartsJSON.encode)))
    }
    // A run always says whether something was odd; a checkpoint, of which there are many, only when something was.
    if !entity.notes.isEmpty || entity.kind == .run {
      writer.key("notes")
      writer.value(.array(entity.notes.map(EntityPartsJSON.encode)))
    }
    writer.name("path", flag: "path_escaped", entity.path)
    if let root { writer.name("root", flag: "root_escaped", root.path) }
    if entity.tier != .live {
      writer.key("tier")
      writer.text(entity.tier.rawValue)
    }
    if entity.facts.hasUnreadable || entity.kind == .run {
      writer.key("unreadable")
      writer.value(.array(entity.facts.unreadable.map { .string($0) }))
    }
    writer.close()
  }

  private mutating func write(_ identity: Identity) {
    writer.open()
    writer.key("btime_ns")
    if let born = identity.born { writer.integer(born.nanoseconds) } else { writer.null() }
    writer.key("bytes")
    writer.integer(identity.bytes)
    writer.key("ctime_ns")
    writer.integer(identity.changed.nanoseconds)
    writer.key("device")
    writer.unsigned(identity.device)
    writer.key("entries")
    writer.integer(identity.entries)
    writer.key("inode")
    writer.unsigned(identity.inode)
    writer.key("mount_id")
    if let mount = identity.mountID { writer.unsigned(mount) } else { writer.null() }
    writer.key("mtime_ns")
    writer.integer(identity.modified.nanoseconds)
    writer.key("newest_ctime_ns")
    writer.integer(identity.newestChanged.nanoseconds)
    writer.key("newest_mtime_ns")
    writer.integer(identity.newestModified.nanoseconds)
    writer.key("size")
    writer.integer(identity.size)
    writer.key("tree_sha256")
    writer.text(identity.treeDigest)
    writer.key("type")
    writer.text(identity.type.rawValue)
    writer.key("uid")
    writer.unsigned(UInt64(identity.uid))
    writer.close()
  }

  private mutating func line(_ record: TrashRecord) {
    let root = snapshot.roots[record.root]
    writer.open()
    writer.key("bytes")
    writer.integer(record.bytes)
    if !record.contents.isEmpty {
      writer.key("contents")
      writer.value(.array(record.contents.map { (try? JSONReader.parse(encode(part: $0))) ?? .null }))
    }
    host(root)
    writer.key("kind")
    writer.text("trash")
    writer.key("of")
    writer.text(record.kind.rawValue)
    if let owner = record.owner { writer.name("owner", flag: "owner_escaped", owner) }
    writer.name("path", flag: "path_escaped", record.path)
    if let span = record.purgeAfter {
      writer.key("purge_after_ns")
      writer.integer(span.nanoseconds)
    }
    writer.key("record")
    writer.text(record.record)
    writer.name("root", flag: "root_escaped", root.path)
    writer.key("trashed_at")
    writer.time(record.trashedAt)
    writer.close()
    writer.endLine()
  }

  private mutating func line(_ place: ReportedPlace, kind: String) {
    let root = snapshot.roots[place.root]
    writer.open()
    host(root)
    writer.key("kind")
    writer.text(kind)
    writer.name("path", flag: "path_escaped", place.path)
    writer.key("reason")
    writer.text(place.reason)
    writer.name("root", flag: "root_escaped", root.path)
    writer.close()
    writer.endLine()
  }
}
