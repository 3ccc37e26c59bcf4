import PolicyCore
import PolicyDiagnostics
import PolicyFormats
import Testing

/// Long files are read by several threads, and written by several: nobody may be able to tell.
@Suite struct LongSnapshotTests {
  /// A snapshot of more than two million bytes with everything in it.
  static let long: Snapshot = {
    var random = SeededGenerator(seed: 31)
    var snapshot = random.snapshot(hosts: 2)
    while snapshot.trash.isEmpty || snapshot.unreadable.isEmpty { snapshot = random.snapshot(hosts: 2) }
    let schema = FactSchema(
      layouts: BuiltInLayouts.all + (snapshot.scan?.layouts ?? []), declared: snapshot.declaredFacts ?? [])
    for number in 0..<3000 {
      let kind = random.pick([EntityKind.run, .checkpoint])
      let root = random.below(snapshot.roots.count)
      let path = ByteString(Array("long/\(number)/".utf8) + random.name().bytes)
      snapshot.entities.append(random.entity(kind, root: root, path: path, schema: schema))
    }
    snapshot.normalise()
    return snapshot
  }()

  private static let bytes = SnapshotCodec.encode(long)

  @Test func isWhatWasWritten() throws {
    let bytes = Self.bytes
    #expect(bytes.count > 2 << 20, "\(bytes.count) bytes are no long file")
    let (together, diagnostics) = SnapshotCodec.decode(bytes, inOneThread: false)
    let (alone, _) = SnapshotCodec.decode(bytes, inOneThread: true)
    #expect(diagnostics.isEmpty)
    #expect((together == alone) as Bool)
    #expect((together == Self.long) as Bool)
    let again = SnapshotCodec.encode(try #require(together))
    #expect((again == bytes) as Bool)
  }

  /// Whatever is wrong or unknown, wherever: the same findings, and the same snapshot or none.
  @Test func findsTheSameFaults() throws {
    var random = SeededGenerator(seed: 32)
    var (refused, warned) = (0, 0)
    let plain = SnapshotCodec.encode(CanonicalReaderTests.longWithRoots())
    for round in 0..<12 {
      var bytes = round % 8 < 4 ? Self.bytes : plain
      for _ in 0...random.below(3) {
        let place = 1 + random.below(bytes.count - 1)
        switch round % 4 {
        case 0: bytes[place] = UInt8(random.below(256))
        case 1: bytes.removeSubrange(place..<min(place + 1 + random.below(2000), bytes.count))
        case 2:
          // A line twice.
          let start = bytes[place...].firstIndex(of: 10).map { $0 + 1 } ?? bytes.count
          let end = bytes[start...].firstIndex(of: 10).map { $0 + 1 } ?? bytes.count
          bytes.insert(contentsOf: bytes[start..<end], at: start)
        default:
          let start = bytes[place...].firstIndex(of: 10).map { $0 + 1 } ?? bytes.count
          if start < bytes.count { bytes.replaceSubrange(start..<start + 1, with: Array("{\"colour\":1,".utf8)) }
        }
      }
      let (together, found) = SnapshotCodec.decode(bytes, inOneThread: false)
      let (alone, expected) = SnapshotCodec.decode(bytes, inOneThread: true)
      #expect((found == expected) as Bool)
      #expect((together == alone) as Bool)
      if together == nil { refused += 1 } else if !found.isEmpty { warned += 1 }
    }
    print("long snapshots: 12 damaged files, \(refused) refused, \(warned) with warnings, alike by one thread and two")
    #expect(refused > 5 && warned > 1)
  }

  @Test func digestsOfPiecesAreThoseOfTheWhole() throws {
    let snapshot = Self.long
    var pieces: [UInt8] = []
    SnapshotCodec.encode(snapshot) { pieces += $0 }
    #expect((pieces == Self.bytes) as Bool)
  }
}
