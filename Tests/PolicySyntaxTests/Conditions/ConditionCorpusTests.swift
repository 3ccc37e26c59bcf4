import PolicyCore
import PolicyDiagnostics
import PolicySyntax
import Testing

@Suite struct ConditionCorpusTests {
  static let files = ["right.txt", "syntax.txt", "types.txt", "order.txt"]
  static let cases = files.flatMap(ConditionCase.load)

  @Test func theCorpusIsThere() {
    #expect(Self.files.allSatisfy { !ConditionCase.load($0).isEmpty })
    #expect(Self.cases.count >= 120)
    let codes = Set(Self.cases.flatMap { $0.expectations.map(\.code) })
    let wanted = [
      "P0100", "P0101", "P0102", "P0103", "P0104", "P0105", "P0106", "P0107", "P0108", "P0201", "P0202", "P0203",
      "P0204", "P0205", "P0206", "P0301",
    ]
    #expect(wanted.filter { !codes.contains($0) } == [])
    print("\(Self.cases.count) conditions, \(Self.cases.filter { $0.canonical != nil }.count) of them right")
  }

  @Test(arguments: cases) func reads(_ entry: ConditionCase) {
    let result = entry.run(entry.text)
    let actual = ConditionCase.describe(result.canonical, result.diagnostics, in: entry.text)
    let shown = Comment(rawValue: "\n\(entry.form): \(entry.text)\n\(actual)\n")
    #expect(result.canonical == entry.canonical, shown)
    guard result.diagnostics.count == entry.expectations.count else {
      Issue.record("another number of messages: \(shown)")
      return
    }
    for (diagnostic, expected) in zip(result.diagnostics, entry.expectations) {
      #expect(diagnostic.code == expected.code && diagnostic.severity == expected.severity, shown)
      let offset = Self.offset(of: expected, in: entry.text)
      let range = offset..<offset + expected.span.utf8.count
      #expect(diagnostic.span?.range == range, shown)
      let said =
        ([diagnostic.message, diagnostic.caption] + diagnostic.notes + [diagnostic.help ?? ""]
        + diagnostic.labels.map(\.text)).joined(separator: "\n")
      for phrase in expected.phrases { #expect(said.contains(phrase), shown) }
      #expect(!diagnostic.message.hasSuffix(".") && diagnostic.message.first?.isUppercase != true, shown)
    }
  }

  /// Spelling a condition and reading it again changes nothing, and every node has its place.
  @Test(arguments: cases.filter { $0.canonical != nil }) func spellsAndReadsAgain(_ entry: ConditionCase) throws {
    let first = entry.run(entry.text)
    let again = entry.run(try #require(first.canonical))
    #expect(again.canonical == first.canonical)
    #expect(again.condition == first.condition)
    if let condition = first.condition { #expect(first.nodes == ConditionFixture.nodeCount(condition)) }
  }

  private static func offset(of expected: ConditionCase.Expectation, in text: String) -> Int {
    let (bytes, wanted) = (Array(text.utf8), Array(expected.span.utf8))
    var seen = 0
    for start in 0...bytes.count where start + wanted.count <= bytes.count {
      guard Array(bytes[start..<start + wanted.count]) == wanted else { continue }
      seen += 1
      if seen == expected.occurrence { return ConditionFixture.base + start }
    }
    return -1
  }
}
