import PolicyCore
import PolicyDigest
import PolicyFormats
import Synchronization
import Testing

/// The packed form holds what JSON Lines hold, and nothing in a file of it makes a reader trip.
@Suite struct PackedSnapshotTests {
  private static func packed(_ snapshot: Snapshot, digest: String? = nil) -> [UInt8] {
    var bytes: [UInt8] = []
    PackedSnapshot.encode(snapshot, digest: digest ?? SnapshotCodec.digest(snapshot)) { bytes += $0 }
    return bytes
  }

  /// Of a body, as the writer would sign it.
  private static func signed(_ body: some Sequence<UInt8>) -> [UInt8] { Array(body) + SHA256Digest.hash(Array(body)) }

  private static func fault(_ bytes: [UInt8]) -> String? {
    do throws(PackedSnapshot.Fault) {
      _ = try PackedSnapshot.decode(bytes)
      return nil
    } catch {
      return error.message
    }
  }

  @Test(arguments: [1, 2, 3]) func holdsWhatJSONLinesHold(_ hosts: Int) throws {
    var random = SeededGenerator(seed: UInt64(500 + hosts))
    var entities = 0
    for _ in 0..<150 {
      let snapshot = random.snapshot(hosts: hosts)
      let bytes = Self.packed(snapshot)
      #expect(PackedSnapshot.isOne(bytes))
      #expect(!PackedSnapshot.isOne(SnapshotCodec.encode(snapshot)))
      #expect(!PackedSnapshot.isOne(Array("{\"actions\":[\"policy-snapshot-packed\"]}\n".utf8)))
      let (again, digest) = try PackedSnapshot.decode(bytes)
      #expect((again == snapshot) as Bool)
      #expect(digest == SnapshotCodec.digest(again))
      #expect((Self.packed(again) == bytes) as Bool)
      entities += again.entities.count
    }
    #expect(entities > 400)
  }

  @Test func longOnesComeInChunks() throws {
    let snapshot = LongSnapshotTests.long
    var pieces = 0
    PackedSnapshot.encode(snapshot, digest: "sha256:0") { _ in pieces += 1 }
    #expect(pieces > 6, "\(pieces) pieces: this is one chunk")
    let (again, digest) = try PackedSnapshot.decode(Self.packed(snapshot))
    #expect((again == snapshot) as Bool)
    #expect((SnapshotCodec.encode(again) == SnapshotCodec.encode(snapshot)) as Bool)
    #expect(digest == SnapshotCodec.digest(snapshot))
    // What two threads read is looked at as closely.
    let bytes = Self.packed(snapshot)
    for index in stride(from: 0, to: bytes.count, by: bytes.count / 16) {
      var damaged = bytes
      damaged[index] ^= 1
      #expect(Self.fault(damaged) != nil, "byte \(index)")
    }
  }

  /// A file that is cut short, or grows, while it is read; a disk that fails: whatever is missing, nothing is believed.
  @Test func whatCannotBeReadIsAFault() throws {
    let bytes = Self.packed(LongSnapshotTests.long)
    for end in stride(from: 0, to: bytes.count, by: bytes.count / 10) {
      let short = PackedInput(size: bytes.count) { Array(bytes[min($0.lowerBound, end)..<min($0.upperBound, end)]) }
      #expect(throws: PackedSnapshot.Fault(message: "it is damaged"), "\(end) bytes") {
        try PackedSnapshot.decode(short)
      }
    }
    // Rewritten between the first look and the reading: what is believed is what was digested.
    let reads = Mutex(0)
    let other = Self.packed(LongSnapshotTests.long, digest: "sha256:" + String(repeating: "0", count: 64))
    let rewritten = PackedInput(size: bytes.count) { range in
      Array(
        (reads.withLock {
          $0 += 1; return $0
        } == 1 ? other : bytes)[range])
    }
    #expect(throws: PackedSnapshot.Fault(message: "it is damaged")) { try PackedSnapshot.decode(rewritten) }
    let grown = PackedInput(bytes + [0])
    #expect(throws: PackedSnapshot.Fault(message: "it is damaged")) { try PackedSnapshot.decode(grown) }
    #expect((try PackedSnapshot.decode(PackedInput(bytes)).snapshot == LongSnapshotTests.long) as Bool)
  }

  @Test func everyChangedByteIsNoticed() {
    var random = SeededGenerator(seed: 511)
    var snapshot = random.snapshot()
    var bytes = Self.packed(snapshot)
    while snapshot.entities.count < 3 || bytes.count > 3000 {
      snapshot = random.snapshot()
      bytes = Self.packed(snapshot)
    }
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 1 << UInt8(index % 8)
      #expect(Self.fault(damaged) != nil, "byte \(index)")
    }
    for end in stride(from: 0, to: bytes.count, by: 3) { #expect(Self.fault(Array(bytes[..<end])) != nil) }
  }

  /// What somebody signed who is not this program: a fault, or a snapshot that can be written and read.
  @Test func badContentUnderAGoodDigestDoesNotTrap() throws {
    var random = SeededGenerator(seed: 512)
    var (executions, accepted) = (0, 0)
    for _ in 0..<60 {
      let body = Self.packed(random.snapshot(hosts: 2)).dropLast(SHA256Digest.byteCount)
      let start = try #require(body.firstIndex(of: 10)) + 1
      for _ in 0..<40 {
        var damaged = Array(body)
        for _ in 0...random.below(3) {
          let place = start + random.below(damaged.count - start)
          switch random.below(4) {
          case 0: damaged[place] = UInt8(random.below(256))
          case 1: damaged[place] ^= 1 << UInt8(random.below(8))
          case 2: damaged[place] = [0, 0x7F, 0x80, 0xFF][random.below(4)]
          default: if damaged.count > start + 100 { damaged.remove(at: place) }
          }
        }
        executions += 1
        guard let (snapshot, _) = try? PackedSnapshot.decode(Self.signed(damaged)) else { continue }
        accepted += 1
        let lines = SnapshotCodec.encode(snapshot)
        #expect(!lines.isEmpty)
        #expect((try PackedSnapshot.decode(Self.packed(snapshot, digest: "")).snapshot == snapshot) as Bool)
      }
    }
    print("packed snapshots signed by others: \(executions) executions, \(accepted) accepted")
    #expect(accepted > 100 && executions - accepted > 100)
  }

  /// Paths that lead out of the root, in whatever place.
  @Test func pathsStayBelowTheRoot() throws {
    for path in ["../x", "a/../../x", "/etc", "a//b", "a/", ".", "a/./b", "a\0b"] {
      var snapshot = Snapshot(now: Timestamp(nanoseconds: 0), roots: [Root(path: "/r")])
      snapshot.entities = [Entity(kind: .run, path: ByteString(Array(path.utf8)), facts: FactRow([:]))]
      #expect(Self.fault(Self.packed(snapshot)) == "it is damaged", "\(path)")
    }
    var twice = Snapshot(now: Timestamp(nanoseconds: 0), roots: [Root(path: "/r")])
    twice.entities = [1, 2].map { _ in Entity(kind: .run, path: "a", facts: FactRow([:])) }
    #expect(Self.fault(Self.packed(twice)) == "it is damaged")
  }

  @Test func otherVersionsAreSaid() {
    var random = SeededGenerator(seed: 513)
    let text = Self.packed(random.snapshot()).dropLast(SHA256Digest.byteCount)
    func changed(_ old: String, _ new: String) -> [UInt8] {
      let (old, bytes) = (Array(old.utf8), Array(text))
      let place = bytes.indices.first { bytes[$0...].starts(with: old) } ?? 0
      return Self.signed(bytes[..<place] + Array(new.utf8) + bytes[(place + old.count)...])
    }
    #expect(
      Self.fault(changed("packed/1.0", "packed/2.0"))
        == "`policy-snapshot-packed/2.0` is a format that this version cannot read; it reads policy-snapshot-packed/1")
    #expect(Self.fault(changed("\"yolov5\"", "\"yolov4\"")) == "another version of this program wrote it")
    #expect(Self.fault(Array("{\"format\":\"policy-plan/1.0\"}\n".utf8)) == "this is not a policy-snapshot-packed file")
    #expect(Self.fault([]) == "it is damaged")
  }
}
