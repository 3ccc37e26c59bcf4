import PolicyCore
import PolicyFormats
import Testing

/// What a journal tells of archives: every record comes back, the order of an archive's life is the only one.
@Suite struct JournalArchiveTests {
  private let place = ArchivePlace(
    folder: "/cold/1000", run: ByteString([0x61, 0x2F, 0xFF]), record: "a-1000-1", format: .zstandard)
  private let seal = ArchiveSeal(
    identity: JournalCodecTests.identity, size: 5, digest: "aa", manifestDigest: "bb")
  private var of: JournalItem { JournalCodecTests.with("a-1000-1") }
  private var source: JournalItem {
    var item = JournalCodecTests.with("t-1000-3")
    item.copy = "a-1000-1"
    return item
  }
  private var itself: JournalItem {
    var item = JournalCodecTests.with("u-1000-5")
    item.archive = JournalItem.ArchivedAs(record: "a-1000-1", place: place)
    return item
  }
  private var life: [JournalRecord.Body] {
    let identity = JournalCodecTests.identity
    return [
      .archive(of, at: place), .archived(record: "a-1000-1", seal), .trash(source),
      .commit(.trash, record: "t-1000-3", identity: identity), .trash(itself),
      .commit(.trash, record: "u-1000-5", identity: identity), .restore(record: "u-1000-5", to: "x"),
      .commit(.restore, record: "u-1000-5", identity: identity),
    ]
  }

  private func read(_ bodies: [JournalRecord.Body]) throws -> JournalHistory {
    let records = bodies.enumerated().map { offset, body in
      JournalRecord(
        sequence: Int64(offset) + 1, synced: Int64(offset), at: Timestamp(nanoseconds: Int64(offset)), boot: nil,
        body: body)
    }
    let bytes = records.flatMap { JournalCodec.encode($0) }
    #expect(try JournalCodec.read(bytes).records == records)
    let hasArchive = bodies.contains {
      if case .archive = $0 { return true }
      return false
    }
    #expect(JournalCodec.mayNameArchives(bytes) == hasArchive)
    return try JournalHistory.read(bytes)
  }

  @Test func namesSayWhatTheyAreOf() {
    #expect(place.name.bytes == [0xFF] + Array(".a-1000-1".utf8))
    #expect(place.file.bytes == [0xFF] + Array(".tar.zst".utf8))
    #expect(place.partialName.bytes.suffix(8) == Array(".partial".utf8)[...])
    let long = ArchivePlace(
      folder: "/c", run: ByteString(String(repeating: "x", count: 255)), record: "a-1000-1", format: .gzip)
    #expect(long.partialName.count < 255)
  }

  @Test func withoutAnArchiveNoneIsNamed() throws {
    #expect(
      try read([.trash(of), .commit(.trash, record: "a-1000-1", identity: JournalCodecTests.identity)]).archives.isEmpty
    )
    #expect(!JournalCodec.mayNameArchives([]))
  }

  @Test func everyStepOfItsLifeIsKnown() throws {
    let states: [ArchivedItem.State] = [
      .writing, .copied, .copied, .archived, .archived, .trashed(record: "u-1000-5"), .trashed(record: "u-1000-5"),
      .archived,
    ]
    for (index, state) in states.enumerated() {
      let history = try read(Array(life.prefix(index + 1)))
      #expect(history.archive("a-1000-1")?.state == state, "after \(index + 1) records")
      #expect(history.openArchives.count == (state == .writing || state == .copied ? 1 : 0))
      #expect(history.newestArchives.count == (state == .archived ? 1 : 0))
    }
    let history = try read(life)
    #expect(history.archive("a-1000-1")?.archivedAt == Timestamp(nanoseconds: 3))
    #expect(history.log.map(\.event) == [.archived, .trashed, .trashed, .restored])
    #expect(history.log[0].destination == place.path)
    // What came back from beside the target is no run that was taken back.
    #expect(history.restorations.isEmpty)
    let trashed = try read(Array(life.prefix(6))).trashRecords(root: 0) { _ in nil }
    #expect(trashed.map(\.bytes) == [7, 0])
  }

  @Test func whatIsNotOnceMoreNeededIsTold() throws {
    let kept = try read(Array(life.prefix(2)) + [.keep(record: "a-1000-1", reason: "gone")])
    #expect(kept.newestArchives.count == 1 && kept.openArchives.isEmpty)
    let given = try read(Array(life.prefix(2)) + [.abort(.archive, record: "a-1000-1", reason: "not moved")])
    #expect(given.newestArchives.isEmpty && given.openArchives.isEmpty)
    let purged = try read(
      Array(life.prefix(6)) + [
        .purge(record: "u-1000-5", cause: .elapsed), .commit(.purge, record: "u-1000-5", identity: nil),
      ])
    #expect(purged.archive("a-1000-1")?.state == .purged(at: Timestamp(nanoseconds: 7)))
  }

  @Test func whatCannotBeIsDamage() {
    let wrong: [[JournalRecord.Body]] = [
      [life[0], life[0]], [life[1]], [life[0], life[2]], [life[0], .keep(record: "a-1000-1", reason: "x")],
      [life[2]], [life[4]], [life[0], life[1], life[1]], [life[0], life[1], life[4]],
      Array(life.prefix(4)) + [.abort(.archive, record: "a-1000-1", reason: "x")],
      Array(life.prefix(4)) + [life[2]], [.commit(.archive, record: "a-1000-1", identity: nil)],
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
