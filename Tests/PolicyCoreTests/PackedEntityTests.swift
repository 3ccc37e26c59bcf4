internal import PolicyCore
internal import Testing

/// What is put into an entity comes out of it, alone and packed together with others.
struct PackedEntityTests {
  static let values: [FactValue?] = [
    nil, .bool(true), .bool(false), .integer(0), .integer(-1), .integer(127), .integer(128), .integer(.max),
    .integer(.min), .number("0.71234"), .number("-1e-05"), .number("+1.5E+3"), .number("nan"), .number(""),
    .number(String(repeating: "7", count: 127)), .number(String(repeating: "7", count: 128)), .number("１"),
    .text(""), .text("epoch"), .text(ByteString([0, 0xFF, 0x80])), .text(ByteString(String(repeating: "长", count: 99))),
    .set([]), .set(["a", "b", "标签"]),
  ]

  static func identity(_ seed: UInt64, _ digest: String) -> Identity {
    Identity(
      type: [.directory, .file, .symlink, .other][Int(seed % 4)], uid: UInt32(truncatingIfNeeded: seed &* 77),
      device: seed &* 0x9E37_79B9, inode: seed &* 0xDEAD_BEEF_CAFE, mountID: seed % 3 == 0 ? nil : seed,
      size: Int64(bitPattern: seed &* 0x1234_5678_9ABC_DEF1), modified: Timestamp(nanoseconds: Int64(seed) - 9),
      changed: Timestamp(nanoseconds: .min), born: seed % 2 == 0 ? nil : Timestamp(nanoseconds: .max),
      entries: Int64(seed % 5), bytes: Int64(seed), newestModified: Timestamp(nanoseconds: Int64(seed) - 9),
      newestChanged: Timestamp(nanoseconds: seed % 5 == 0 ? .min : 3), treeDigest: digest)
  }

  static let digests = [
    String(repeating: "0af9", count: 16), String(repeating: "0AF9", count: 16), "abc", "",
    String(repeating: "a", count: 63),
  ]

  static let samples: [(parts: Parts, entity: Entity)] = (0..<UInt64(60)).map { seed in
    let parts = Parts(seed)
    return (parts, parts.entity)
  }

  /// The parts of an entity, kept apart from it.
  struct Parts: Equatable {
    var path: ByteString
    var layout: String
    var facts: [String: FactValue]
    var unreadable: [String]
    var identity: Identity?

    init(_ seed: UInt64) {
      path = ByteString(String(repeating: "runs/第一/", count: Int(seed % 30)) + "exp\(seed)")
      layout = ["", "ultralytics", "yolov5", "my-own", "自己的"][Int(seed % 5)]
      facts = [:]
      for (place, value) in PackedEntityTests.values.enumerated() where (seed >> UInt64(place % 6)) & 1 == 1 {
        facts["f\(place)"] = value
      }
      unreadable = seed % 4 == 0 ? ["mAP50", "bytes"] : []
      let digest = PackedEntityTests.digests[Int(seed) % PackedEntityTests.digests.count]
      identity = seed % 7 == 0 ? nil : PackedEntityTests.identity(seed, digest)
    }

    var entity: Entity {
      Entity(
        kind: .checkpoint, root: 3, path: path, tier: .archived, layout: layout, parent: 9,
        facts: FactRow(facts, unreadable: unreadable), identity: identity)
    }

    func check(_ entity: Entity) {
      #expect(entity.path == path)
      #expect(Array(entity.pathBytes) == path.bytes)
      #expect(entity.layout == layout)
      #expect(entity.identity == identity)
      #expect(entity.facts.unreadable == unreadable.sorted())
      #expect(Dictionary(uniqueKeysWithValues: entity.facts.known.map { ($0.name, $0.value) }) == facts)
      for (name, value) in facts { #expect(entity.facts.fact(name) == .value(value)) }
      #expect(entity.root == 3 && entity.parent == 9 && entity.tier == .archived)
    }
  }

  @Test func `one by one`() {
    for (parts, entity) in Self.samples { parts.check(entity) }
  }

  @Test func `many behind one another`() {
    var packer = EntityPacker()
    // Names and orders of facts that were met before are known the second time.
    for samples in [Self.samples, Self.samples.reversed(), Self.samples] {
      let together = Self.packed(samples, &packer)
      #expect(together == samples.map(\.entity))
      for (sample, entity) in zip(samples, together) { sample.parts.check(entity) }
    }
  }

  /// All of them behind one another in the same bytes; of facts that were set twice the second counts.
  private static func packed(_ samples: [(parts: Parts, entity: Entity)], _ packer: inout EntityPacker) -> [Entity] {
    for (parts, entity) in samples {
      for name in parts.facts.keys.sorted().prefix(1) { packer.set(packer.name(name), .text("an earlier value")) }
      for name in parts.unreadable.prefix(1) { packer.set(packer.name(name), Fact.unreadable) }
      for (name, value) in parts.facts { packer.replace(packer.name(name), .value(value)) }
      for name in parts.unreadable { packer.replace(packer.name(name), .unreadable) }
      packer.add(
        kind: entity.kind, path: parts.path.bytes.span, layout: parts.layout, notes: entity.notes, links: entity.links,
        backups: entity.backups, identity: parts.identity)
    }
    return packer.takeGroup(root: 3).map { entity in
      var entity = entity
      (entity.parent, entity.tier) = (9, .archived)
      return entity
    }
  }

  @Test func `setting one part leaves the others alone`() {
    var packer = EntityPacker()
    let together = Self.packed(Self.samples, &packer)
    for (index, (before, after)) in zip(Self.samples, Self.samples.dropFirst()).enumerated() {
      var (entity, parts) = (together[index], before.parts)
      entity.path = after.parts.path
      parts.path = after.parts.path
      parts.check(entity)
      entity.identity = after.parts.identity
      parts.identity = after.parts.identity
      parts.check(entity)
      entity.facts = FactRow(after.parts.facts, unreadable: after.parts.unreadable)
      (parts.facts, parts.unreadable) = (after.parts.facts, after.parts.unreadable)
      parts.check(entity)
      entity.layout = after.parts.layout
      after.parts.check(entity)
      before.parts.check(together[index])
    }
  }

  @Test func `equality sees every part`() {
    for (index, sample) in Self.samples.enumerated() {
      for (other, another) in Self.samples.enumerated() {
        #expect((sample.entity == another.entity) == (index == other))
      }
    }
  }
}
