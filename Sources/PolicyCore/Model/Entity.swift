/// The two levels of the language.
public enum EntityKind: String, Hashable, Sendable, CaseIterable, Comparable {
  case checkpoint, run
  public static func < (left: EntityKind, right: EntityKind) -> Bool { left.rawValue < right.rawValue }

  // Without these two, `!=` would be that of `RawRepresentable`, which compares texts, once for each of very many entities.
  @inlinable public static func == (left: EntityKind, right: EntityKind) -> Bool { left.isRun == right.isRun }
  @inlinable public static func != (left: EntityKind, right: EntityKind) -> Bool { left.isRun != right.isRun }
  @inlinable var isRun: Bool {
    switch self {
    case .run: true
    case .checkpoint: false
    }
  }

  /// As policies write it: `runs`, `checkpoints`.
  public var plural: String { rawValue + "s" }
}

/// Where an entity lives: in its place, or packed away.
public enum Tier: String, Hashable, Sendable {
  case live, archived

  // As those of `EntityKind`.
  @inlinable public static func == (left: Tier, right: Tier) -> Bool { left.isLive == right.isLive }
  @inlinable public static func != (left: Tier, right: Tier) -> Bool { left.isLive != right.isLive }
  @inlinable var isLive: Bool {
    switch self {
    case .live: true
    case .archived: false
    }
  }
}

/// One run or one checkpoint, as the scanner saw it.
///
/// Path, layout, facts and identity lie packed in bytes that several entities may share, because a snapshot holds very
/// many of them. Reading one of those unpacks it, and setting one packs all four anew.
public struct Entity: Sendable {
  private(set) var storage: [UInt8]
  package private(set) var shape: FactShape
  private var rare: RareParts?
  private(set) var start: UInt32
  private var parentIndex: Int32
  private var rootIndex: Int32
  public var kind: EntityKind
  public var tier: Tier

  public init(
    kind: EntityKind, root: Int = 0, path: ByteString, tier: Tier = .live, layout: String = "", parent: Int? = nil,
    facts: FactRow, notes: [ScanNote] = [], links: [HardLink] = [], backups: [BackupRecord] = [],
    identity: Identity? = nil
  ) {
    storage = PackedEntity.pack(path: path.bytes[...], layout: layout, facts: facts, identity: identity)
    shape = facts.shape
    start = 0
    rare = RareParts(notes: notes, links: links, backups: backups)
    parentIndex = parent.map { Int32($0) } ?? -1
    rootIndex = Int32(root)
    self.kind = kind
    self.tier = tier
  }

  /// One that lies packed in bytes that others share, from `start` on; see `PackedEntity.check`.
  package init(
    packed storage: [UInt8], at start: Int, shape: FactShape, kind: EntityKind, tier: Tier, root: Int,
    notes: [ScanNote], links: [HardLink], backups: [BackupRecord]
  ) {
    self.storage = storage
    self.shape = shape
    self.start = UInt32(start)
    rare = RareParts(notes: notes, links: links, backups: backups)
    parentIndex = -1
    rootIndex = Int32(root)
    self.kind = kind
    self.tier = tier
  }

  /// Path, facts, layout and identity as they lie in memory, as long as the entity stays where it is.
  ///
  /// A pointer, because the compiler copies an entity that is read while something is called, and a copy counts references.
  @unsafe @inline(__always)
  borrowing func packedBytes() -> UnsafeBufferPointer<UInt8> {
    let bytes = storage.span
    var end = Int(start)
    PackedSpan.skipEntity(bytes, &end)
    return unsafe bytes.withUnsafeBufferPointer { unsafe UnsafeBufferPointer(rebasing: $0[Int(start)..<end]) }
  }

  /// The same of the path alone, and whether some fact's source cannot be believed.
  @unsafe @inline(__always)
  borrowing func surveyedBytes() -> (path: UnsafeBufferPointer<UInt8>, hasUnreadable: Bool) {
    let bytes = storage.span
    var position = Int(start)
    let count = Int(PackedSpan.unsigned(bytes, &position))
    let path = position..<position + count
    position += count
    _ = PackedSpan.unsigned(bytes, &position)
    let hasUnreadable = bytes[position] != 0
    return unsafe (
      bytes.withUnsafeBufferPointer { unsafe UnsafeBufferPointer(rebasing: $0[path]) }, hasUnreadable
    )
  }

  /// Which regular file it is; `nil` for whatever else, and where it is not known. Nothing is copied.
  package static func file(_ entities: [Entity], _ place: Int) -> (device: UInt64, inode: UInt64)? {
    let all = entities.span
    return all[place].file()
  }

  @inline(__always)
  private borrowing func file() -> (device: UInt64, inode: UInt64)? {
    let bytes = storage.span
    var position = Int(start)
    for _ in 0..<2 { PackedSpan.skipText(bytes, &position) }
    PackedSpan.skipLayout(bytes, &position)
    return PackedSpan.file(bytes, at: position)
  }

  /// What lies beside the packed bytes, without counting a reference; `shape` tells one shape from another.
  @inline(__always)
  borrowing func traits() -> (kind: EntityKind, tier: Tier, root: Int, shape: ObjectIdentifier, hasRareParts: Bool) {
    (kind, tier, Int(rootIndex), ObjectIdentifier(shape), rare != nil)
  }

  /// Whether it has notes, links or backups, as few have.
  package var hasRareParts: Bool { rare != nil }

  /// Index into `Snapshot.roots`.
  public var root: Int {
    get { Int(rootIndex) }
    set { rootIndex = Int32(newValue) }
  }

  /// Index into `Snapshot.entities` of the innermost enclosing run; set by `Snapshot.normalise()`.
  public var parent: Int? {
    get { parentIndex < 0 ? nil : Int(parentIndex) }
    set { parentIndex = newValue.map { Int32($0) } ?? -1 }
  }

  private var packed: PackedEntity { PackedEntity(storage, at: Int(start)) }

  private mutating func pack(
    path: ArraySlice<UInt8>? = nil, layout: String? = nil, facts: FactRow? = nil, identity: Identity?? = nil
  ) {
    let old = packed
    storage = PackedEntity.pack(
      path: path ?? old.path, layout: layout ?? old.layout, facts: facts ?? old.facts(shape),
      identity: identity ?? old.identity)
    if let facts { shape = facts.shape }
    start = 0
  }

  /// Relative to the root; empty for a run that is itself the root.
  public var path: ByteString {
    get { ByteString(packed.path) }
    set { pack(path: newValue.bytes[...]) }
  }

  /// Passes on the packed bytes where they lie, and where the facts among them begin; see `FactRow`.
  @inline(__always)
  borrowing func withFacts<Result>(_ read: (borrowing Span<UInt8>, Int) -> Result) -> Result {
    let bytes = storage.span
    var position = Int(start)
    PackedSpan.skipText(bytes, &position)
    _ = PackedSpan.unsigned(bytes, &position)
    return read(bytes, position)
  }

  /// Whether the source of some fact cannot be believed.
  @inline(__always)
  package var hasUnreadable: Bool {
    let bytes = storage.span
    var position = Int(start)
    PackedSpan.skipText(bytes, &position)
    _ = PackedSpan.unsigned(bytes, &position)
    return bytes[position] != 0
  }

  /// The bytes of `path`, not copied.
  public var pathBytes: ArraySlice<UInt8> { packed.path }

  /// Name of the layout that recognised it; empty when a hand-written snapshot leaves it out.
  public var layout: String {
    get { packed.layout }
    set { pack(layout: newValue) }
  }

  /// Stored facts. Derived ones (`name`, `path`, `host`, `root`, `layout`, `age`) are not among them.
  /// `bytes` of a run counts the files that belong to it, checkpoints included, nested runs not.
  public var facts: FactRow {
    get { packed.facts(shape) }
    set { pack(facts: newValue) }
  }

  /// What apply must find again; `nil` in hand-written snapshots, which cannot be applied.
  public var identity: Identity? {
    get { packed.identity }
    set { pack(identity: .some(newValue)) }
  }

  /// The same with the digest left out where it is 64 hexadecimal digits, and the 32 bytes of it.
  package var rawIdentity: (identity: Identity, digest: ArraySlice<UInt8>?)? { packed.rawIdentity }

  public var notes: [ScanNote] {
    get { rare?.notes ?? [] }
    set { rare = RareParts(notes: newValue, links: links, backups: backups) }
  }

  /// Files of this entity that have other names too; for a run, those of its own files, checkpoints included.
  public var links: [HardLink] {
    get { rare?.links ?? [] }
    set { rare = RareParts(notes: notes, links: newValue, backups: backups) }
  }

  public var backups: [BackupRecord] {
    get { rare?.backups ?? [] }
    set { rare = RareParts(notes: notes, links: links, backups: newValue) }
  }
}

extension Entity: Equatable {
  public static func == (left: Entity, right: Entity) -> Bool {
    left.kind == right.kind && left.rootIndex == right.rootIndex && left.tier == right.tier
      && left.parentIndex == right.parentIndex && left.pathBytes == right.pathBytes && left.layout == right.layout
      && left.facts == right.facts && left.identity == right.identity && left.notes == right.notes
      && left.links == right.links && left.backups == right.backups
  }
}

/// What few entities have.
private final class RareParts: Sendable {
  let notes: [ScanNote]
  let links: [HardLink]
  let backups: [BackupRecord]

  init?(notes: [ScanNote], links: [HardLink], backups: [BackupRecord]) {
    if notes.isEmpty, links.isEmpty, backups.isEmpty { return nil }
    (self.notes, self.links, self.backups) = (notes, links, backups)
  }
}
