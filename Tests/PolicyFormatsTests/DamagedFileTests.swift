internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyFormats
internal import Testing

/// Files that were cut, flipped or scrambled: an error, or a value that round-trips; never a trap. How much was tried
/// is printed.
@Suite struct DamagedFileTests {
  private static let replacements: [UInt8] = [0x00, 0x0A, 0x20, 0x22, 0x2C, 0x2D, 0x30, 0x39, 0x5B, 0x5C, 0x7D, 0xFF]

  /// A plan that was damaged is refused, or differs only where the digest does not look: places and file hashes.
  @Test func everyByteOfAPlan() {
    var random = SeededGenerator(seed: 41)
    var sealed = random.sealedPlan()
    while PlanCodec.encode(sealed).count > 9000 || sealed.plan.actions.count < 2 { sealed = random.sealedPlan() }
    let bytes = PlanCodec.encode(sealed)
    var (executions, accepted) = (0, 0)
    for index in bytes.indices {
      let other = index.isMultiple(of: 2) ? bytes[index] ^ 1 : Self.replacements[index % Self.replacements.count]
      for byte in [other] where byte != bytes[index] {
        var damaged = bytes
        damaged[index] = byte
        executions += 1
        let (plan, diagnostics) = PlanCodec.decode(damaged, path: "plan.json")
        #expect((plan == nil) == !diagnostics.isEmpty)
        guard let plan else { continue }
        accepted += 1
        #expect((plan.plan == sealed.plan && plan.policyHeader.core == sealed.policyHeader.core) as Bool)
        #expect(plan.digest == sealed.digest)
      }
      if index < bytes.count - 1, index.isMultiple(of: 5) {
        #expect(PlanCodec.decode(Array(bytes[..<index]), path: "").plan == nil)
      }
    }
    print(
      "plan damage: \(executions) changes and \(bytes.count / 5) cuts of \(bytes.count) bytes, \(accepted) accepted")
  }

  @Test func everyByteOfASnapshot() throws {
    var random = SeededGenerator(seed: 42)
    var snapshot = random.snapshot()
    var bytes = SnapshotCodec.encode(snapshot)
    while snapshot.entities.count < 3 || snapshot.trash.isEmpty || bytes.count > 4500 {
      snapshot = random.snapshot()
      bytes = SnapshotCodec.encode(snapshot)
    }
    var (executions, accepted) = (0, 0)
    for index in bytes.indices {
      let other = index.isMultiple(of: 2) ? bytes[index] ^ 1 : Self.replacements[index % Self.replacements.count]
      for byte in [other] where byte != bytes[index] {
        var damaged = bytes
        damaged[index] = byte
        executions += 1
        accepted += try Self.checkSnapshot(damaged) ? 1 : 0
      }
      guard index.isMultiple(of: 5) else { continue }
      accepted += try Self.checkSnapshot(Array(bytes[..<index])) ? 1 : 0
      executions += 1
    }
    print("snapshot damage: \(executions) executions on \(bytes.count) bytes, \(accepted) accepted")
    #expect(accepted > 0)
  }

  /// Pieces of good files thrown together.
  @Test func scrambledSnapshots() throws {
    var random = SeededGenerator(seed: 43)
    var (executions, accepted) = (0, 0)
    for _ in 0..<50 {
      let bytes = SnapshotCodec.encode(random.snapshot(hosts: 2))
      for _ in 0..<20 {
        var damaged = bytes
        for _ in 0...random.below(3) {
          let start = random.below(damaged.count)
          let piece = random.below(bytes.count)
          let length = random.below(12)
          let end = min(start + random.below(12), damaged.count)
          damaged.replaceSubrange(start..<end, with: bytes[piece..<min(piece + length, bytes.count)])
          if damaged.isEmpty { damaged = bytes }
        }
        executions += 1
        accepted += try Self.checkSnapshot(damaged) ? 1 : 0
      }
    }
    print("scrambled snapshots: \(executions) executions, \(accepted) accepted")
  }

  private static func checkSnapshot(_ bytes: [UInt8]) throws -> Bool {
    let (snapshot, diagnostics) = SnapshotCodec.decode(bytes, path: "s.jsonl")
    #expect((snapshot == nil) == diagnostics.contains { $0.severity == .error })
    for diagnostic in diagnostics {
      let range = try #require(diagnostic.span?.range)
      #expect(range.upperBound <= bytes.count)
    }
    guard let snapshot else { return false }
    let canonical = SnapshotCodec.encode(snapshot)
    let again = SnapshotCodec.decode(canonical, path: "s.jsonl").snapshot
    #expect((again == snapshot) as Bool)
    return true
  }
}
