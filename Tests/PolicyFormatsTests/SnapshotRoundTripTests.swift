internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyFormats
internal import Testing

@Suite struct SnapshotRoundTripTests {
  @Test(arguments: [1, 2, 3]) func generatedSnapshotsRoundTrip(_ hosts: Int) throws {
    var random = SeededGenerator(seed: UInt64(100 + hosts))
    var entities = 0
    for _ in 0..<200 {
      let snapshot = random.snapshot(hosts: hosts)
      let bytes = SnapshotCodec.encode(snapshot)
      let (decoded, diagnostics) = SnapshotCodec.decode(bytes, path: "s.jsonl")
      #expect(diagnostics.isEmpty, "\(diagnostics)")
      let again = try #require(decoded, "\(diagnostics)")
      #expect((again == snapshot) as Bool)
      #expect((SnapshotCodec.encode(again) == bytes) as Bool)
      entities += again.entities.count
    }
    #expect(entities > 500)
  }

  @Test func everyLineIsCanonicalJSON() throws {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<50 {
      let snapshot = random.snapshot(hosts: 2)
      for line in SnapshotCodec.encode(snapshot).split(separator: 0x0A) {
        #expect(CanonicalJSON.encode(try JSONReader.parse(Array(line))) == Array(line))
      }
    }
  }

  /// The order of lines, and of keys in a line, means nothing.
  @Test func digestIgnoresOrder() throws {
    var random = SeededGenerator(seed: 8)
    var shuffledOnes = 0
    for _ in 0..<50 {
      let snapshot = random.snapshot(hosts: 2)
      let lines = SnapshotCodec.encode(snapshot).split(separator: 0x0A).map { Array($0) }
      var rest = Array(lines.dropFirst())
      rest.shuffle(using: &random)
      if rest != Array(lines.dropFirst()) { shuffledOnes += 1 }
      let reversed = try rest.map { line -> [UInt8] in
        let members = try #require(try JSONReader.parse(line).objectValue).canonicalMembers.reversed()
        let text = members.map { "\(CanonicalJSON.text(.string($0.key))): \(CanonicalJSON.text($0.value))" }
        return Array("{\(text.joined(separator: " , "))}".utf8)
      }
      let bytes = Array(([lines[0]] + reversed).joined(separator: [0x0A]))
      let (decoded, diagnostics) = SnapshotCodec.decode(bytes, path: "s.jsonl")
      let shuffled = try #require(decoded, "\(diagnostics)")
      #expect((shuffled == snapshot) as Bool)
      #expect(SnapshotCodec.digest(shuffled) == SnapshotCodec.digest(snapshot))
    }
    #expect(shuffledOnes > 30)
  }

  @Test func digestNoticesEveryEntity() {
    var random = SeededGenerator(seed: 9)
    var changed = 0
    for _ in 0..<50 {
      let snapshot = random.snapshot()
      for index in snapshot.entities.indices {
        var other = snapshot
        other.entities.remove(at: index)
        #expect(SnapshotCodec.digest(other) != SnapshotCodec.digest(snapshot))
        changed += 1
      }
    }
    #expect(changed > 100)
  }

  @Test func entitiesOfTheJournalRoundTrip() throws {
    var random = SeededGenerator(seed: 10)
    let schema = FactSchema()
    let encoder = EntityEncoder()
    for _ in 0..<300 {
      let entity = random.entity(.run, root: 0, path: random.path(), schema: schema)
      let json = SnapshotCodec.entityJSON(entity)
      #expect(CanonicalJSON.encode(encoder.encode(entity)) == CanonicalJSON.encode(json))
      #expect(try SnapshotCodec.entity(from: JSONReader.parse(CanonicalJSON.encode(json))) == entity)
    }
    #expect(throws: FormatError.self) { try SnapshotCodec.entity(from: .null) }
  }

  /// Composed and decomposed names are two runs.
  @Test func namesAreBytes() throws {
    let text = #"""
      {"format":"policy-snapshot/1.0","now":"2027-01-15T08:00:00Z","roots":[{"path":"/r"}]}
      {"facts":{},"kind":"run","path":"\u00e9","root":"/r"}
      {"facts":{},"kind":"run","path":"e\u0301","root":"/r"}
      """#
    let snapshot = try #require(SnapshotCodec.decode(Array(text.utf8), path: "s").snapshot)
    #expect(snapshot.entities.map(\.path.bytes) == [[0x65, 0xCC, 0x81], [0xC3, 0xA9]])
  }

  @Test func timesAreSpelledAsTimestampSpellsThem() throws {
    var random = SeededGenerator(seed: 12)
    for _ in 0..<5000 {
      let time = Timestamp(nanoseconds: Int64(truncatingIfNeeded: random.next() >> UInt64(random.below(40))))
      var snapshot = Snapshot(now: time, roots: [Root(path: "/r")])
      snapshot.entities = [
        Entity(kind: .run, path: "a", facts: FactRow(["modified_at": .integer(time.nanoseconds)]))
      ]
      let lines = SnapshotCodec.encode(snapshot).split(separator: 0x0A)
      let entity = try JSONReader.parse(Array(lines[1]))
      #expect(entity["facts"]?["modified_at"]?.stringValue == time.rfc3339)
      #expect(SnapshotCodec.decode(SnapshotCodec.encode(snapshot), path: "s").snapshot == snapshot)
    }
  }
}
