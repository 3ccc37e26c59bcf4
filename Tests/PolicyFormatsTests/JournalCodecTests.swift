import PolicyCore
import PolicyFormats
import Testing

@Suite struct JournalCodecTests {
  static let identity = Identity(
    type: .directory, uid: 1000, device: 66306, inode: .max, mountID: 29, size: 0,
    modified: Timestamp(nanoseconds: 1_797_408_000_123_456_789), changed: Timestamp(nanoseconds: -1), born: nil,
    entries: 41, bytes: 3_221_225_472, newestModified: Timestamp(nanoseconds: 5),
    newestChanged: Timestamp(nanoseconds: 6), treeDigest: "ab12")
  static let item = JournalItem(
    record: "yooglgic-1000-2", action: "yooglgic", plan: "sha256:00", kind: .run,
    path: ByteString([0x61, 0xFF, 0x2F, 0x0A, 0x62]), stored: ".policy/1000/trash/files/yooglgic-1000-2",
    owner: "alice", bytes: 7, identity: identity, purgeAfter: .hours(24),
    because: [
      Reason(
        rule: "stale", readings: [FactReading(fact: "age", value: "30d")], text: "old",
        group: [FactReading(fact: "user", value: "alice")], usage: 3, limit: 2)
    ], contents: [["kind": "run", "path": "a"]])

  static func records() -> [JournalRecord] {
    let run = JournalRun(
      command: "apply", plan: "sha256:00", trigger: "user", uid: 1000, host: "gpu1",
      root: Root(host: "gpu1", path: "/data/runs", device: 1, inode: 2), notes: ["openat2"])
    let bodies: [JournalRecord.Body] = [
      .begin(run), .trash(item), .commit(.trash, record: item.record, identity: identity),
      .skip(
        JournalSkip(operation: .trash, kind: .checkpoint, path: "x", bytes: 1, record: nil, reason: "it is locked")),
      .end(JournalEnd(done: 1, skipped: 1, status: 6)),
      .restore(record: item.record, to: "a.restored"), .abort(.restore, record: item.record, reason: "no"),
      .restore(record: item.record, to: "a.restored"), .commit(.restore, record: item.record, identity: identity),
      .trash(with("b")), .commit(.trash, record: "b", identity: identity), .purge(record: "b", cause: .nowFree),
      .commit(.purge, record: "b", identity: nil), .trash(with("c")), .abort(.trash, record: "c", reason: "changed"),
    ]
    return bodies.enumerated().map { offset, body in
      JournalRecord(
        sequence: Int64(offset) + 1, synced: Int64(offset), at: Timestamp(nanoseconds: Int64(offset) * 1_000_000_007),
        boot: offset.isMultiple(of: 2) ? BootMark(id: "boot", uptime: Int64(offset)) : nil, body: body)
    }
  }

  static func with(_ record: String) -> JournalItem {
    var item = item
    item.record = record
    return item
  }

  @Test func everyRecordComesBack() throws {
    let records = Self.records()
    let reading = try JournalCodec.read(records.flatMap { JournalCodec.encode($0) })
    #expect(reading.records == records)
    #expect(reading.tornLength == 0)
  }

  @Test func historyTellsWhereEverythingIs() throws {
    let history = try JournalHistory.read(Self.records().flatMap { JournalCodec.encode($0) })
    #expect(
      history.items.map(\.state) == [
        .restored(to: "a.restored", at: Timestamp(nanoseconds: 8_000_000_056), identity: Self.identity),
        .purged(at: Timestamp(nanoseconds: 12_000_000_084)), .abandoned(reason: "changed"),
      ])
    #expect(history.usedPlans == ["sha256:00"])
    #expect(history.open.isEmpty)
    #expect(history.latest == Timestamp(nanoseconds: 14_000_000_098))
    #expect(history.restorations.map(\.path) == ["a.restored"])
    #expect(
      history.log.map(\.event) == [
        .began, .trashed, .skipped, .ended, .abandoned, .restored, .trashed, .purged, .abandoned,
      ])
    #expect(history.log[1].because == Self.item.because)
    #expect(history.log[1].run?.host == "gpu1")
  }

  @Test func trashRecordsCarryTheirTimes() throws {
    let records = Array(Self.records().prefix(3))
    let history = try JournalHistory.read(records.flatMap { JournalCodec.encode($0) })
    let trash = history.trashRecords(root: 4) { value in
      value["path"]?.stringValue.map { Entity(kind: .run, path: ByteString($0), facts: FactRow([:])) }
    }
    #expect(trash.count == 1)
    #expect(trash.first?.root == 4)
    #expect(trash.first?.trashedAt == Timestamp(nanoseconds: 2_000_000_014))
    #expect(trash.first?.purgeAfter == .hours(24))
    #expect(trash.first?.contents.map(\.root) == [4])
  }

  /// A file cut anywhere is read up to its last whole record, and nothing before that is lost.
  @Test func aTornEndIsDropped() throws {
    let frames = Self.records().map { JournalCodec.encode($0) }
    let bytes = frames.flatMap { $0 }
    var boundaries = [0]
    for frame in frames { boundaries.append((boundaries.last ?? 0) + frame.count) }
    for length in 0...bytes.count {
      let whole = boundaries.filter { $0 <= length }.count - 1
      let reading = try JournalCodec.read(Array(bytes.prefix(length)))
      #expect(reading.records.count == whole)
      #expect(reading.validLength == boundaries[whole])
      #expect(reading.validLength + reading.tornLength == length)
    }
    let zeros = try JournalCodec.read(bytes + [UInt8](repeating: 0, count: 5000))
    #expect(zeros.records.count == frames.count)
    #expect(zeros.tornLength == 5000)
  }

  /// One flipped bit in any record but the last is damage, wherever it is.
  @Test func damageBeforeTheEndIsRefused() throws {
    let frames = Self.records().map { JournalCodec.encode($0) }
    let bytes = frames.flatMap { $0 }
    let last = bytes.count - (frames.last?.count ?? 0)
    var tried = 0
    for place in stride(from: 0, to: last, by: 3) {
      var damaged = bytes
      damaged[place] ^= 1 << UInt8(place % 8)
      tried += 1
      #expect(throws: JournalDamage.self, "byte \(place)") { try JournalCodec.read(damaged) }
    }
    #expect(tried > 500)
  }

  /// Records of one write that was never synced may reach the disk in any order: nobody has acted on them.
  @Test func aHoleInWhatWasNeverSyncedIsDropped() throws {
    var records = Self.records()
    for index in 9..<records.count { records[index].synced = 9 }
    var bytes = records.flatMap { JournalCodec.encode($0) }
    let start = records.prefix(10).flatMap { JournalCodec.encode($0) }.count
    bytes[start + 20] ^= 1
    let reading = try JournalCodec.read(bytes)
    #expect(reading.records.count == 10)
    #expect(reading.validLength == start)
  }

  @Test func contradictionsAndGapsAreDamage() throws {
    var records = Self.records()
    records[2].body = .commit(.purge, record: Self.item.record, identity: nil)
    #expect(throws: JournalDamage.self) { try JournalHistory.read(records.flatMap { JournalCodec.encode($0) }) }
    var gap = Self.records()
    gap.remove(at: 3)
    #expect(throws: JournalDamage.self) { try JournalCodec.read(gap.flatMap { JournalCodec.encode($0) }) }
  }

  @Test func checksumIsThatOfZlib() {
    #expect(CRC32.text(of: Array("123456789".utf8)) == "cbf43926")
    #expect(CRC32.text(of: []) == "00000000")
    var random = SeededGenerator(seed: 32)
    for count in 0..<200 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      var value: UInt32 = 0xFFFF_FFFF
      for byte in bytes {
        value ^= UInt32(byte)
        for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
      }
      #expect(CRC32.of(bytes) == value ^ 0xFFFF_FFFF)
      #expect(CRC32.of(AnySequence(bytes)) == value ^ 0xFFFF_FFFF)
    }
  }
}
