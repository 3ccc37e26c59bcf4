import PolicyCore
import PolicyFormats
import Testing

/// What a journal tells of backups: every record comes back, and only a verified one is one.
@Suite struct JournalBackupTests {
  private let place = BackupPlace(
    target: "/nas", folder: "/nas/1000", of: ByteString([0x61, 0x2F, 0xFF]), record: "b-1000-1")
  private let seal = BackupSeal(size: 5, entries: 2, manifestSize: 700, manifestDigest: "bb")
  private func begin(_ record: String, _ place: BackupPlace) -> JournalRecord.Body {
    .backup(JournalCodecTests.with(record), at: place)
  }

  private func read(_ bodies: [JournalRecord.Body]) throws -> JournalHistory {
    let records = bodies.enumerated().map { offset, body in
      JournalRecord(
        sequence: Int64(offset) + 1, synced: Int64(offset), at: Timestamp(nanoseconds: Int64(offset)), boot: nil,
        body: body)
    }
    let bytes = records.flatMap { JournalCodec.encode($0) }
    #expect(try JournalCodec.read(bytes).records == records)
    return try JournalHistory.read(bytes)
  }

  @Test func namesSayWhatTheyAreOf() {
    #expect(place.name.bytes == [0xFF] + Array(".b-1000-1".utf8))
    #expect(place.path.bytes.starts(with: Array("/nas/1000/".utf8)))
    let long = BackupPlace(
      target: "/n", folder: "/n", of: ByteString(String(repeating: "x", count: 255)), record: "b-1000-1")
    #expect(long.partialName.count < 255)
  }

  @Test func onlyWhatWasVerifiedIsABackup() throws {
    let begun = try read([begin("b-1000-1", place)])
    #expect(begun.openBackups.count == 1 && begun.newestBackups.isEmpty && begun.open.isEmpty && begun.log.isEmpty)
    let whole = try read([begin("b-1000-1", place), .backedUp(record: "b-1000-1", seal)])
    #expect(whole.openBackups.isEmpty && whole.newestBackups.first?.seal == seal)
    #expect(whole.newestBackups.first?.at == Timestamp(nanoseconds: 1))
    #expect(whole.log.map(\.event) == [.saved] && whole.log[0].destination == place.path)
    let left = try read([begin("b-1000-1", place), .abort(.backup, record: "b-1000-1", reason: "full")])
    #expect(left.openBackups.isEmpty && left.newestBackups.isEmpty)
    #expect(left.backup("b-1000-1")?.state == .unfinished(reason: "full"))
    #expect(left.log.map(\.event) == [.abandoned])
  }

  @Test func theNewestOfEachTargetCounts() throws {
    var other = place
    other.target = "/second"
    let history = try read([
      begin("b-1000-1", place), .backedUp(record: "b-1000-1", seal), begin("b-1000-3", other),
      .backedUp(record: "b-1000-3", seal), begin("b-1000-5", place), .backedUp(record: "b-1000-5", seal),
      begin("b-1000-7", place),
    ])
    #expect(history.newestBackups.map(\.item.record) == ["b-1000-5", "b-1000-3"])
  }

  @Test func whatCannotBeIsDamage() {
    let (first, done) = (begin("b-1000-1", place), JournalRecord.Body.backedUp(record: "b-1000-1", seal))
    let wrong: [[JournalRecord.Body]] = [
      [first, first], [done], [first, done, done], [first, done, .abort(.backup, record: "b-1000-1", reason: "x")],
      [first, .trash(JournalCodecTests.with("b-1000-1"))], [.commit(.backup, record: "b-1000-1", identity: nil)],
      [first, .abort(.trash, record: "b-1000-1", reason: "x")], [first, .keep(record: "b-1000-1", reason: "x")],
    ]
    for bodies in wrong {
      #expect(throws: JournalDamage.self) {
        var history = JournalHistory()
        for (offset, body) in bodies.enumerated() {
          try history.add(
            JournalRecord(
              sequence: Int64(offset) + 1, synced: 0, at: Timestamp(nanoseconds: 0), boot: nil, body: body))
        }
      }
    }
  }
}
