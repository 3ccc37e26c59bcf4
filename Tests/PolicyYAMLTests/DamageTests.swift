internal import Foundation
internal import PolicyTestSupport
internal import PolicyYAML
internal import Testing

/// Whatever the bytes are, reading ends, says something sensible, and points into the file.
struct DamageTests {
  static let policies: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: repositoryRoot + "/policies")) ?? []
    return names.sorted().map { "\(repositoryRoot)/policies/\($0)/policy.yaml" }
      .filter { FileManager.default.fileExists(atPath: $0) }
  }()

  static func seeds() throws -> [[UInt8]] {
    try policies.map { Array(try Data(contentsOf: URL(fileURLWithPath: $0))) }
      + MessageCorpus.files.flatMap { try MessageCorpus.cases($0).map(\.bytes) }
  }

  @Test func `every policy cut off at every byte`() throws {
    #expect(Self.policies.count >= 5)
    var cuts = 0
    for policy in Self.policies {
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: policy)))
      for end in bytes.indices {
        let fault = Reading(Array(bytes[..<end])).fault
        if fault != nil { #expect(fault == nil, "\(policy) cut at \(end)") }
        cuts += 1
      }
    }
    #expect(cuts > 3000)
    print("policies cut off at \(cuts) places")
  }

  @Test func `random damage`() throws {
    let seeds = try Self.seeds()
    var random = SeededGenerator(seed: 20_261_124)
    let pieces: [[UInt8]] =
      [
        "\n", " ", "\t", "#", ": ", "- ", "[", "]", "{", "}", ",", "&a ", "*a", "!t ", "|", ">-", "\"", "'", "%", "@",
        "`",
        "\\", "?", "<<: ", "---\n", "...\n", "\r\n", "\r", "中", "🚀", "é", "\u{2028}", "\u{feff}", "\u{202e}",
      ].map { Array($0.utf8) } + [[0xFF], [0], [0xC3], [0xED, 0xA0, 0x80], [0x80]]
    var (accepted, refused) = (0, 0)
    for _ in 0..<3000 * longFactor {
      var bytes = random.pick(seeds)
      for _ in 0...random.below(4) {
        let place = random.below(bytes.count + 1)
        switch random.below(3) {
        case 0: bytes.insert(contentsOf: random.pick(pieces), at: place)
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(6)))
        default:
          let other = random.pick(seeds)
          let start = random.below(other.count + 1)
          bytes.insert(contentsOf: other[start..<min(other.count, start + random.below(30))], at: place)
        }
      }
      let reading = Reading(bytes)
      if let fault = reading.fault {
        Issue.record("\(fault): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
      }
      #expect(Reading(bytes).report == reading.report)
      if reading.diagnostics.isEmpty { accepted += 1 } else { refused += 1 }
    }
    #expect(accepted > 100 && refused > 1000)
    print("\(accepted + refused) damaged files: \(accepted) read, \(refused) refused")
  }
}
