/// Many entities as a file holds them: first the lists of names that their facts have, then the entities in chunks that
/// are taken into memory as they lie.
///
/// A chunk counts its bytes and its entities. Of each entity there are flags, the index of its root, the number of its
/// list of names, its packed bytes, and where the flags say so notes, links and backups.
package enum PackedTable {
  private static let (isRun, isArchived, hasRare): (UInt8, UInt8, UInt8) = (1, 2, 4)
  /// Entities of a chunk; the last one may have fewer.
  private static let chunkCount = 512

  // MARK: Writing

  /// The beginning, and what writes the chunks behind it, each of which can be written alone. Equal entities in the same order
  /// give equal bytes.
  package static func encode(_ entities: [Entity]) -> (head: [UInt8], chunks: Int, chunk: @Sendable (Int) -> [UInt8]) {
    var (numbers, known): ([[String]: Int], [ObjectIdentifier: Int]) = ([:], [:])
    var lists = PackedWriter()
    let all = entities.span
    var last: ObjectIdentifier?
    for index in all.indices {
      let shape = all[index].traits().shape
      if shape == last { continue }
      last = shape
      if known[shape] != nil { continue }
      let names = all[index].shape.names
      if numbers[names] == nil {
        numbers[names] = numbers.count
        lists.unsigned(UInt64(names.count))
        for name in names { lists.text(name.utf8) }
      }
      known[shape] = numbers[names]
    }
    var head = PackedWriter()
    head.unsigned(UInt64(numbers.count))
    let chunks = (entities.count + chunkCount - 1) / chunkCount
    return (
      head.bytes + lists.bytes, chunks,
      { [known] chunk in
        let start = chunk * chunkCount
        return Self.chunk(entities, start..<min(start + chunkCount, entities.count), known)
      }
    )
  }

  private static func chunk(_ entities: [Entity], _ range: Range<Int>, _ known: [ObjectIdentifier: Int]) -> [UInt8] {
    let all = entities.span
    var chunk = PackedWriter(capacity: range.count * 320)
    chunk.unsigned(UInt64(range.count))
    let length = chunk.bytes.count
    chunk.wide(0)
    let start = chunk.bytes.count
    // Neighbours mostly have the same shape.
    var last: (shape: ObjectIdentifier, number: Int)?
    for index in range {
      // Never the entity itself: it would be copied, and threads that count references to its shape wait for each other.
      let traits = all[index].traits()
      chunk.byte(
        (traits.kind == .run ? isRun : 0) | (traits.tier == .archived ? isArchived : 0)
          | (traits.hasRareParts ? hasRare : 0))
      chunk.unsigned(UInt64(traits.root))
      let number = last?.shape == traits.shape ? last?.number : known[traits.shape]
      last = number.map { (traits.shape, $0) }
      chunk.unsigned(UInt64(number ?? 0))
      let packed = unsafe all[index].packedBytes()
      unsafe chunk.raw(packed)
      if traits.hasRareParts { writeRare(all[index], &chunk) }
    }
    // Told in front of what it counts, and known only now.
    chunk.setWide(UInt64(chunk.bytes.count - start), at: length)
    return chunk.bytes
  }

  private static func writeRare(_ entity: borrowing Entity, _ writer: inout PackedWriter) {
    writer.unsigned(UInt64(entity.notes.count))
    for note in entity.notes {
      writer.text(note.code.utf8)
      writer.text(note.text.utf8)
    }
    writer.unsigned(UInt64(entity.links.count))
    for link in entity.links {
      writer.unsigned(link.device)
      writer.unsigned(link.inode)
      for number in [link.bytes, link.total, link.inside] { writer.signed(number) }
    }
    writer.unsigned(UInt64(entity.backups.count))
    for backup in entity.backups {
      writer.text(backup.target.utf8)
      writer.signed(backup.at.nanoseconds)
      writer.byte(backup.treeDigest == nil ? 0 : 1)
      if let digest = backup.treeDigest { writer.text(digest.utf8) }
    }
  }

  // MARK: Reading

  /// Some entities, which can be read alone.
  package struct Chunk: Sendable {
    /// How many.
    package let count: Int
    fileprivate let bytes: [UInt8]
  }

  /// The beginning: lists of names; `nil` where it is not as it is written above.
  package static func shapes(_ source: inout (some PackedSource & ~Copyable)) -> [FactShape]? {
    guard let lists = source.count() else { return nil }
    var shapes: [FactShape] = []
    for _ in 0..<lists {
      guard let count = source.count() else { return nil }
      var names: [String] = []
      for _ in 0..<count {
        guard let name = source.string() else { return nil }
        names.append(name)
      }
      let shape = FactShape(names)
      // Values stand in the order of the names, so theirs must be the one that is searched.
      guard shape.names == names else { return nil }
      shapes.append(shape)
    }
    return shapes
  }

  /// The next chunk; `nil` where it is not whole, or holds more entities than are left.
  package static func chunk(_ source: inout (some PackedSource & ~Copyable), atMost left: Int) -> Chunk? {
    // Each entity takes more than eight bytes.
    guard let number = source.count(), number > 0, number <= left, let length = source.count(), number <= length / 8,
      let bytes = source.take(length)
    else { return nil }
    return Chunk(count: number, bytes: bytes)
  }

  /// Puts the entities of one chunk, which share its bytes, into memory that nothing lies in; false, and then it is as empty as
  /// before, where anything is not as it is written above or they are not in order.
  @unsafe
  package static func entities(
    _ chunk: Chunk, _ shapes: [FactShape], roots: Int, to memory: UnsafeMutablePointer<Entity>
  ) -> Bool {
    let storage = chunk.bytes
    let bytes = storage.span
    var reader = PackedBytes(storage.indices)
    for place in 0..<chunk.count {
      if let entity = entity(&reader, bytes, storage, shapes, roots: roots) {
        unsafe (memory + place).initialize(to: entity)
        if unsafe place == 0 || Entity.precedes(memory[place - 1], memory[place]) { continue }
        unsafe (memory + place).deinitialize(count: 1)
      }
      unsafe memory.deinitialize(count: place)
      return false
    }
    if reader.isAtEnd { return true }
    unsafe memory.deinitialize(count: chunk.count)
    return false
  }

  private static func entity(
    _ reader: inout PackedBytes, _ bytes: borrowing Span<UInt8>, _ storage: [UInt8], _ shapes: [FactShape], roots: Int
  ) -> Entity? {
    guard let flags = reader.byte(bytes), flags < 8, let root = reader.unsigned(bytes), root < UInt64(roots),
      let names = reader.unsigned(bytes), names < UInt64(shapes.count)
    else { return nil }
    let shape = shapes[Int(names)]
    guard let packed = PackedEntity.check(&reader, bytes, facts: shape.names.count) else { return nil }
    var (notes, links, backups): ([ScanNote], [HardLink], [BackupRecord]) = ([], [], [])
    if flags & hasRare != 0 {
      guard let rare = Self.rare(&reader, bytes) else { return nil }
      (notes, links, backups) = rare
    }
    return Entity(
      packed: storage, at: packed.lowerBound, shape: shape, kind: flags & isRun != 0 ? .run : .checkpoint,
      tier: flags & isArchived != 0 ? .archived : .live, root: Int(root), notes: notes, links: links,
      backups: backups)
  }

  private static func rare(
    _ reader: inout PackedBytes, _ bytes: borrowing Span<UInt8>
  ) -> ([ScanNote], [HardLink], [BackupRecord])? {
    var (notes, links, backups): ([ScanNote], [HardLink], [BackupRecord]) = ([], [], [])
    guard let noteCount = reader.count(bytes) else { return nil }
    for _ in 0..<noteCount {
      guard let code = reader.string(bytes), let text = reader.string(bytes) else { return nil }
      notes.append(ScanNote(code: code, text: text))
    }
    guard let linkCount = reader.count(bytes) else { return nil }
    for _ in 0..<linkCount {
      guard let device = reader.unsigned(bytes), let inode = reader.unsigned(bytes), let size = reader.signed(bytes),
        let total = reader.signed(bytes), let inside = reader.signed(bytes)
      else { return nil }
      links.append(HardLink(device: device, inode: inode, bytes: size, total: total, inside: inside))
    }
    guard let backupCount = reader.count(bytes) else { return nil }
    for _ in 0..<backupCount {
      guard let target = reader.string(bytes), let at = reader.signed(bytes), let flag = reader.byte(bytes), flag < 2
      else {
        return nil
      }
      var digest: String?
      if flag == 1 {
        guard let text = reader.string(bytes) else { return nil }
        digest = text
      }
      backups.append(BackupRecord(target: target, at: Timestamp(nanoseconds: at), treeDigest: digest))
    }
    return (notes, links, backups)
  }
}
