internal import Foundation
internal import PolicyTestSupport
internal import Testing

/// The list of what can go wrong: every case has its line, every test named there exists, and the page is that list.
struct ReliabilityCasesTests {
  struct Line {
    let number: Int
    let words: String
    let kind: String
    let file: String
    let name: String
    let shows: String
  }

  static let kinds: Set<String> = ["test", "transcript", "corpus", "campaign", "not shown", "not yet"]

  private func text(_ path: String) -> String? {
    try? String(contentsOfFile: repositoryRoot + "/" + path, encoding: .utf8)
  }

  private func lines() throws -> [Line] {
    try #require(text("Tests/Corpus/cases.tsv")).split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      try #require(parts.count == 6, "\(line)")
      return Line(
        number: try #require(Int(parts[0])), words: parts[1], kind: parts[2], file: parts[3], name: parts[4],
        shows: parts[5])
    }
  }

  @Test func `every case has its words and at least one line`() throws {
    let lines = try lines()
    #expect(Set(lines.map(\.number)) == Set(1...127))
    #expect(lines.map(\.number) == lines.map(\.number).sorted())
    for number in 1...127 {
      let own = lines.filter { $0.number == number }
      #expect(own.map(\.words.isEmpty) == own.indices.map { $0 != 0 }, "\(number)")
      #expect(own.first.map { $0.words.split(separator: " ").count <= 12 } == true, "\(number)")
    }
    #expect(lines.allSatisfy { Self.kinds.contains($0.kind) && !$0.shows.isEmpty })
    print("\(lines.count) lines for 127 cases")
  }

  @Test func `every test that is named exists`() throws {
    var checked = 0
    for line in try lines() {
      switch line.kind {
      case "test":
        let source = try #require(text(line.file), "\(line.number): \(line.file)")
        #expect(Self.hasTest(line.name, source), "\(line.number): no test \(line.name) in \(line.file)")
      case "transcript":
        let source = try #require(text(line.file), "\(line.number): \(line.file)")
        #expect(source.contains("## \(line.name)\n"), "\(line.number): no session \(line.name) in \(line.file)")
      case "corpus":
        let source = try #require(text(line.file), "\(line.number): \(line.file)")
        let isThere = line.name == "-" || source.contains("=== \(line.name)\n")
        #expect(isThere, "\(line.number): no part \(line.name) in \(line.file)")
      case "campaign": #expect(text(line.file) != nil, "\(line.number): \(line.file)")
      case _:
        #expect(line.file == "-" && line.name == "-", "\(line.number)")
        continue
      }
      checked += 1
    }
    print("\(checked) tests named by the cases, all there")
    #expect(checked > 200)
  }

  /// Whether a source has a function of that name that is a test.
  private static func hasTest(_ name: String, _ source: String) -> Bool {
    for spelled in ["func \(name)(", "func `\(name)`("] {
      guard let place = source.range(of: spelled) else { continue }
      let before = source[..<place.lowerBound].suffix(4000)
      guard let mark = before.range(of: "@Test", options: .backwards) else { continue }
      if !before[mark.upperBound...].contains("func ") { return true }
    }
    return false
  }

  @Test func `the check finds what is not there`() {
    let source =
      "@Test(arguments: [1])\n  func here(_ number: Int) {}\n\n  private func helper() {}\n  @Test func `in words`() {}"
    #expect(Self.hasTest("here", source) && Self.hasTest("in words", source))
    #expect(!Self.hasTest("helper", source) && !Self.hasTest("her", source) && !Self.hasTest("gone", source))
  }

  @Test func `the page is current`() throws {
    let outcome = try Shell.run("scripts/reliability-cases", in: repositoryRoot)
    #expect(outcome.status == 0, "\(outcome.output)")
    let isCurrent = outcome.output == text("Docs/Reliability-cases.md")
    #expect(isCurrent, "the page is old: run `scripts/reliability-cases --write` and look at the difference")
  }
}
