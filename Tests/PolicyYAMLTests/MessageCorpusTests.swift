internal import Foundation
internal import PolicyTestSupport
internal import Testing

/// `Tests/Corpus/yaml/*.txt`: cases of `=== name`, the file, `>>>`, and what is said about it. Each case that is refused
/// is followed by its nearest neighbour that passes.
///
/// In the file's text `\x1B`, `\r`, `\t`, `\N` (nothing, at the end of the last line: no line break) and `\\` are
/// escapes. `UPDATE_GOLDENS=1` records what is said now.
struct MessageCorpus {
  struct Case {
    let name: String
    let lines: [String]
    let expected: [String]

    var bytes: [UInt8] {
      var text = Array(lines.joined(separator: "\n").utf8) + [0x0A]
      var bytes: [UInt8] = []
      while let byte = text.first {
        text.removeFirst()
        guard byte == UInt8(ascii: "\\"), let next = text.first else {
          bytes.append(byte)
          continue
        }
        text.removeFirst()
        switch next {
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "N"): if text == [0x0A] { text = [] }
        case UInt8(ascii: "x"):
          bytes.append(UInt8(String(decoding: text.prefix(2), as: UTF8.self), radix: 16) ?? 0x3F)
          text.removeFirst(2)
        default: bytes.append(next)
        }
      }
      return bytes
    }
  }

  static let folder = repositoryRoot + "/Tests/Corpus/yaml"

  static var files: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".txt") }.sorted()
  }

  static func cases(_ file: String) throws -> [Case] {
    let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
    return text.components(separatedBy: "=== ").dropFirst().map { block in
      var lines = block.components(separatedBy: "\n")
      while lines.last == "" { lines.removeLast() }
      let rule = lines.firstIndex(of: ">>>") ?? lines.count
      return Case(
        name: lines[0], lines: Array(lines[1..<rule]), expected: Array(lines.dropFirst(rule + 1)))
    }
  }
}

struct MessageCorpusTests {
  // P0022 and P0023, too deep and too much, are in `LimitTests`: nobody wants to read such files.
  @Test func `the corpus covers every code of the reader, wrong and right`() throws {
    let cases = try MessageCorpus.files.flatMap { try MessageCorpus.cases($0) }
    #expect(cases.count >= 60)
    var covered: Set<String> = []
    for (wrong, right) in zip(cases, cases.dropFirst()) where !wrong.expected.contains("no findings") {
      #expect(right.expected == ["no findings"], "\(wrong.name) lacks a neighbour that passes")
      covered.formUnion(wrong.expected.filter { $0.hasPrefix("P0") }.map { String($0.prefix(5)) })
    }
    #expect(
      covered.isSuperset(
        of: [
          "P0003", "P0004", "P0005", "P0006", "P0007", "P0008", "P0009", "P0020", "P0021", "P0024", "P0025",
          "P0026", "P0027",
        ]), "missing from the corpus")
    #expect(Set(cases.map(\.name)).count == cases.count)
  }

  @Test(arguments: MessageCorpus.files) func `messages`(_ file: String) throws {
    let cases = try MessageCorpus.cases(file)
    #expect(!cases.isEmpty)
    var record: [String] = []
    for example in cases {
      let reading = Reading(example.bytes)
      let said = reading.report.isEmpty ? ["no findings"] : reading.report
      record.append((["=== " + example.name] + example.lines + [">>>"] + said).joined(separator: "\n") + "\n")
      #expect(reading.fault == nil, "\(example.name)")
      #expect(said == example.expected, "\(example.name)")
    }
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
      try record.joined(separator: "\n").write(
        toFile: MessageCorpus.folder + "/" + file, atomically: true, encoding: .utf8)
    }
  }
}
