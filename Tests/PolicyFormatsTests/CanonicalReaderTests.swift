import PolicyCore
import Testing

@testable import PolicyFormats

/// What is read in the quick way is what the general way reads, and is written back byte for byte: on that rests that the
/// digest of such a file is the digest of its snapshot.
@Suite struct CanonicalReaderTests {
  /// A snapshot of one host whose entities are mostly plain.
  static func snapshot(_ random: inout SeededGenerator, entities: Int) -> Snapshot {
    var snapshot = random.snapshot()
    let schema = FactSchema(
      layouts: BuiltInLayouts.all + (snapshot.scan?.layouts ?? []), declared: snapshot.declaredFacts ?? [])
    for number in 0..<entities {
      let kind = random.pick([EntityKind.run, .checkpoint])
      var path = Array("plain/\(number)/".utf8)
      if random.chance(20) { path += random.name().bytes } else { path += Array("weights-中.pt".utf8) }
      var entity = random.entity(
        kind, root: random.below(snapshot.roots.count), path: ByteString(path), schema: schema)
      if random.chance(80) { entity = plain(entity, &random) }
      snapshot.entities.append(entity)
    }
    snapshot.normalise()
    return snapshot
  }

  private static func plain(_ entity: Entity, _ random: inout SeededGenerator) -> Entity {
    let known = entity.facts.known.filter { fact in
      switch fact.value {
      case .set: false
      case .text(let text): text.bytes.allSatisfy { $0 != UInt8(ascii: "\\") && $0 >= 0x20 && $0 < 0x80 }
      case .bool, .integer, .number: true
      }
    }
    return Entity(
      kind: entity.kind, root: entity.root, path: entity.path, layout: entity.layout,
      facts: FactRow(Dictionary(uniqueKeysWithValues: known.map { ($0.name, $0.value) })),
      notes: entity.kind == .run ? entity.notes : [],
      identity: random.chance(90) ? random.identity() : nil)
  }

  /// Both ways of reading the lines of one snapshot.
  private struct Readers {
    var quick: CanonicalReader
    var general: EntityReader
    var roots: RootIndex
    var encoder: SnapshotEncoder

    init(_ header: Snapshot) throws {
      let table = FactTable(FactSchema(), declared: header.ownSchema)
      quick = try #require(CanonicalReader(table, header))
      general = EntityReader(facts: table)
      roots = RootIndex(header.roots)
      encoder = SnapshotEncoder(header, schema: header.ownSchema)
    }

    mutating func isRead(_ line: [UInt8], _ range: Range<Int>) -> Int? {
      guard case .read(let next) = quick.read(line.span, range) else { return nil }
      return next
    }

    /// Reads one line both ways; false where the quick way leaves it to the other.
    mutating func agree(_ line: [UInt8]) throws -> Bool {
      guard let next = isRead(line, line.indices) else { return false }
      #expect(next == line.count)
      let entities = quick.takeEntities()
      let found = try #require(entities.first)
      var cursor = JSONCursor(line, isLine: true)
      var expected = try general.entity(&cursor)
      let name = try #require(general.root)
      let index = roots.index(name, host: general.host)
      expected.root = try #require(index)
      #expect((found == expected && entities.count == 1) as Bool, "\(String(decoding: line, as: UTF8.self))")
      #expect(general.unknownKeys.isEmpty)
      #expect((encoder.line(found) == line) as Bool, "\(String(decoding: line, as: UTF8.self))")
      // A line is not read beyond its end, and what was left aside leaves nothing behind.
      for end in stride(from: line.count - 1, to: 0, by: -17) { #expect(isRead(line, 0..<end) == nil) }
      #expect(isRead(line, line.indices) == line.count)
      #expect((quick.takeEntities() == [found]) as Bool)
      return true
    }
  }

  private static func lines(_ snapshot: Snapshot) -> [[UInt8]] {
    var rest = snapshot
    rest.trash = []
    rest.unmatchedPins = []
    rest.unreadable = []
    rest.unrecognised = []
    return SnapshotCodec.encode(rest).split(separator: 10).dropFirst().map { Array($0) + [10] }
  }

  @Test func readsWhatTheGeneralReaderReads() throws {
    var random = SeededGenerator(seed: 51)
    var (quick, all) = (0, 0)
    for _ in 0..<12 {
      let snapshot = Self.snapshot(&random, entities: 40)
      var readers = try Readers(snapshot)
      for line in Self.lines(snapshot) {
        all += 1
        if try readers.agree(line) { quick += 1 }
      }
    }
    print("canonical lines: \(quick) of \(all) read in the quick way")
    #expect(quick * 2 > all && quick < all)
  }

  /// One byte more, less or another, or one piece in the place of another: either it is left to the general way, or both agree.
  @Test func agreesOnWhatWasChanged() throws {
    var random = SeededGenerator(seed: 52)
    var (quick, all) = (0, 0)
    let pieces = [
      "0", "00", "9", "-", "-0", ".", "e", "E5", "1.0", "\"", "\\", "\\n", " ", "\t", ",", ":", "{", "}", "[", "]",
      "null", "true", "é", "\u{7f}", "T", "Z", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
      "2028-02-29T00:00:00Z", "2027-02-29T00:00:00Z", "..", "/", "a", "A", "\"notes\":[],", "\"tier\":\"live\",",
    ].map { Array($0.utf8) }
    for _ in 0..<3 {
      let snapshot = Self.snapshot(&random, entities: 30)
      var readers = try Readers(snapshot)
      let lines = try Self.lines(snapshot).filter { try readers.agree($0) }
      for _ in 0..<2500 {
        var line = random.pick(lines)
        for _ in 0...random.below(2) {
          let place = random.below(line.count)
          switch random.below(6) {
          case 5: Self.moveMember(in: &line, &random)
          case 0: line[place] = UInt8(random.below(256))
          case 1: line.remove(at: place)
          case 2: line.insert(contentsOf: random.pick(pieces), at: place)
          case 3:
            // Beside a digit, where most that is canonical is decided.
            let digits = line.indices.filter { (48...57).contains(line[$0]) }
            if let digit = digits.isEmpty ? nil : random.pick(digits) {
              line.replaceSubrange(digit..<digit + random.below(2), with: random.pick(pieces))
            }
          default:
            let end = min(place + 1 + random.below(30), line.count)
            line.replaceSubrange(place..<end, with: random.pick(pieces))
          }
        }
        if line.dropLast().contains(10) || line.last != 10 { continue }
        all += 1
        if try readers.agree(line) { quick += 1 }
      }
    }
    print("changed lines: \(quick) of \(all) still read in the quick way")
    #expect(quick > 200 && quick * 2 < all)
  }

  /// A member left out, twice, or where another one was.
  private static func moveMember(in line: inout [UInt8], _ random: inout SeededGenerator) {
    var members = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { Array($0) }
    guard members.count > 3 else { return }
    let place = 1 + random.below(members.count - 2)
    switch random.below(3) {
    case 0: members.remove(at: place)
    case 1: members.insert(members[place], at: place)
    default: members.swapAt(place, 1 + random.below(members.count - 2))
    }
    line = Array(members.joined(separator: [UInt8(ascii: ",")]))
  }

  /// Days that no month has, hours that no day has: those of the parser that reads all spellings.
  @Test func timesAreThoseOfTheOtherParser() {
    var read = 0
    for date in [
      "2027-02-29", "2028-02-29", "1900-02-29", "2000-02-29", "2027-04-31", "2027-12-31", "2027-00-10", "2027-13-01",
      "2027-01-00", "2027-01-32", "1699-12-31", "2201-01-01",
    ] {
      for time in ["00:00:00", "24:00:00", "23:60:00", "23:59:60", "23:59:59.5", "23:59:59.123456789", "1:00:00"] {
        let text = "\(date)T\(time)Z"
        let bytes = Array(text.utf8)
        guard let found = TimestampText.plain(bytes.span, bytes.indices) else { continue }
        read += 1
        #expect(found == Timestamp(text), "\(text)")
        #expect(found.rfc3339 == text)
      }
    }
    #expect(read == 3 * 3, "\(read) of the good ones")
  }

  // MARK: Whole files

  private static func long(_ random: inout SeededGenerator) -> Snapshot {
    var snapshot = snapshot(&random, entities: 2200)
    while snapshot.roots.count > 1 { snapshot = Self.snapshot(&random, entities: 2200) }
    return snapshot
  }

  /// One whose lines change from root to root.
  static func longWithRoots() -> Snapshot {
    var random = SeededGenerator(seed: 56)
    var snapshot = snapshot(&random, entities: 2200)
    while snapshot.roots.count < 2 { snapshot = Self.snapshot(&random, entities: 2200) }
    snapshot.trash = []
    snapshot.unmatchedPins = []
    snapshot.unreadable = []
    snapshot.unrecognised = []
    return snapshot
  }

  @Test func severalRootsAreReadInTheQuickWay() throws {
    let snapshot = Self.longWithRoots()
    let bytes = SnapshotCodec.encode(snapshot)
    let (read, digest, diagnostics) = SnapshotCodec.decode(bytes, schema: FactSchema(), isDigested: true)
    #expect(diagnostics.isEmpty && Set(snapshot.entities.map(\.root)).count > 1)
    #expect((read == snapshot) as Bool)
    #expect(digest == SnapshotCodec.digest(normalised: snapshot))
  }

  /// A file that is no snapshot has no digest.
  @Test func aLineThatStandsTwiceHasNoDigest() {
    var lines = SnapshotCodec.encode(Self.longWithRoots()).split(separator: 10).map { Array($0) }
    lines.insert(lines[300], at: 300)
    let bytes = Array(lines.joined(separator: [10])) + [10]
    let (read, digest, diagnostics) = SnapshotCodec.decode(bytes, schema: FactSchema(), isDigested: true)
    #expect(read == nil && digest == nil && !diagnostics.isEmpty)
  }

  /// A policy may take a fact for something else than the file does, whose own words count where it is written.
  @Test(arguments: [true, false]) func typesOfThePolicyAreNotThoseOfTheFile(_ saysItself: Bool) {
    var random = SeededGenerator(seed: 57)
    var snapshot = Self.long(&random)
    let own = snapshot.ownSchema
    if !saysItself { (snapshot.scan, snapshot.declaredFacts) = (nil, nil) }
    func declared(_ types: [FactType]) -> FactSchema {
      FactSchema(
        layouts: [],
        declared: zip(["deployed_at", "waited", "epochs", "mAP50"], types).map {
          FactDeclaration(name: $0, type: $1, better: nil, source: nil)
        })
    }
    let schemas = [own, FactSchema(), declared([.int, .time, .time, .string])]
    var (files, digested) = (0, 0)
    for written in [own, declared([.time, .duration, .int, .ratio])] {
      let bytes = SnapshotCodec.encode(snapshot, schema: written)
      for schema in schemas {
        let (read, digest, _) = SnapshotCodec.decode(bytes, schema: schema, isDigested: true)
        guard let read else { continue }
        files += 1
        guard let digest else { continue }
        digested += 1
        #expect(digest == SnapshotCodec.digest(normalised: read))
      }
    }
    // Where the file does not say what is a time, it is not written as it stands here, so its bytes are not the canonical ones.
    #expect(files > 0 && (digested > 0) == saysItself, "\(files) files read, \(digested) with a digest")
  }

  @Test func digestOfAFileIsThatOfItsSnapshot() throws {
    var random = SeededGenerator(seed: 53)
    let snapshot = Self.long(&random)
    let bytes = SnapshotCodec.encode(snapshot)
    #expect(bytes.count > 2 << 20, "\(bytes.count) bytes are no long file")
    let (read, digest, diagnostics) = SnapshotCodec.decode(bytes, schema: FactSchema(), isDigested: true)
    #expect(diagnostics.isEmpty)
    #expect((read == snapshot) as Bool)
    #expect(digest == SnapshotCodec.digest(normalised: snapshot))
  }

  /// Files that mean the same, or nearly, and are written in another way.
  @Test func otherSpellingsHaveNoDigestOfTheirOwn() throws {
    var random = SeededGenerator(seed: 54)
    let snapshot = Self.long(&random)
    let bytes = SnapshotCodec.encode(snapshot)
    let lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map { Array($0) }
    let middle = lines.count / 2
    func file(_ change: (inout [[UInt8]]) -> Void) -> [UInt8] {
      var changed = lines
      change(&changed)
      return Array(changed.joined(separator: [10]))
    }
    let spellings: [(String, [UInt8])] = [
      ("a blank line", file { $0.insert([], at: middle) }),
      ("a blank line at the end", bytes + [10]), ("no end of the last line", Array(bytes.dropLast())),
      ("two lines in the other order", file { $0.swapAt(middle, middle + 1) }),
      ("a blank behind the header", file { $0[0].append(32) }),
      ("a carriage return", file { $0[middle].append(13) }),
      ("a blank in a line", file { $0[middle].insert(32, at: 1) }),
      ("a blank line before the header", [10] + bytes),
      ("a line of its own before an entity", file { $0.insert($0.remove(at: $0.count - 2), at: middle) }),
      ("the header in another order", file { $0[0] = Array("{\"format\":".utf8) + Self.headerWithFormatFirst($0[0]) }),
    ]
    for (name, bytes) in spellings {
      let (read, digest, _) = SnapshotCodec.decode(bytes, schema: FactSchema(), isDigested: true)
      #expect(digest == nil, "\(name)")
      #expect((read == snapshot) as Bool, "\(name)")
    }
  }

  private static func headerWithFormatFirst(_ line: [UInt8]) -> [UInt8] {
    let text = String(decoding: line, as: UTF8.self)
    let format = "\"format\":\"policy-snapshot/1.0\","
    return Array(("\"policy-snapshot/1.0\"," + text.replacing(format, with: "").dropFirst()).utf8)
  }

  @Test func noChangedFileHasAWrongDigest() throws {
    var random = SeededGenerator(seed: 55)
    let bytes = SnapshotCodec.encode(Self.long(&random))
    var (digested, read) = (0, 0)
    for _ in 0..<10 {
      var changed = bytes
      // A digit for another: mostly still a good file.
      for _ in 0...random.below(2) {
        let start = random.below(changed.count)
        guard let place = changed[start...].firstIndex(where: { (48...57).contains($0) }) else { continue }
        changed[place] = UInt8(48 + random.below(10))
      }
      let (snapshot, digest, _) = SnapshotCodec.decode(changed, schema: FactSchema(), isDigested: true)
      guard let snapshot else { continue }
      read += 1
      guard let digest else { continue }
      digested += 1
      #expect(digest == SnapshotCodec.digest(normalised: snapshot))
    }
    print("changed files: \(read) of 10 read, \(digested) with a digest of their own")
    #expect(digested > 2)
  }
}
