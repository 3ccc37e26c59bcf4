import Foundation
import PolicyCore
import PolicyDiagnostics
import PolicySyntax
import Testing

/// What people do to policies by accident: each line of the examples is broken in every way here. Loading never traps,
/// says something exactly when it gives no policy, and what still loads prints and loads again.
@Suite struct MutationTests {
  static let values = [
    "", "[]", "{}", "[[]]", "{ a: b }", "~", "$nobody", "\"\"", "0", "-1", "| ", "runs", "all", "[a, 1d]",
  ]

  @Test(arguments: CheckCorpus.cases.filter { $0.path.hasPrefix("examples/") })
  func brokenLines(_ example: CheckCorpus.Case) throws {
    let bytes = try #require(FileManager.default.contents(atPath: CheckCorpus.folder + "/" + example.path))
    let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\n")
    var loads = 0
    for index in lines.indices {
      for mutant in Self.mutants(of: lines[index], index) {
        var text = lines
        text[index] = mutant
        loads += check(text.joined(separator: "\n"), "\(example.path):\(index + 1) \(mutant)") ? 1 : 0
      }
      var without = lines
      without.remove(at: index)
      loads += check(without.joined(separator: "\n"), "\(example.path) without line \(index + 1)") ? 1 : 0
    }
    // Comments, empty lines and optional keys can go: if nothing loads, the test tests nothing.
    #expect(loads > 0)
  }

  private static func mutants(of line: String, _ number: Int) -> [String] {
    guard let colon = line.range(of: ": ") else { return [line + line, line + ":", "  " + line] }
    let key = line[..<colon.upperBound]
    // Three of the values a line, in turn: keys of one shape stand in several lines.
    let turn = (0..<3).map { values[(number * 3 + $0) % values.count] }
    return turn.map { key + $0 } + [String(line[..<colon.lowerBound]), "  " + line, line + " x", key + line]
  }

  /// Whether it loads.
  private func check(_ text: String, _ what: String) -> Bool {
    let result = Loading.load(text)
    let hasErrors = result.diagnostics.contains { $0.severity == .error }
    #expect((result.loaded == nil) == hasErrors, "\(what)")
    for diagnostic in result.diagnostics {
      guard let span = diagnostic.span else {
        Issue.record("no place: \(diagnostic.message) in \(what)")
        continue
      }
      #expect(span.range.upperBound <= result.sources.sources[span.file].bytes.count, "\(what)")
    }
    guard let loaded = result.loaded else { return false }
    let printed = PolicyPrinter.resolved(loaded, result.sources)
    let again = Loading.load(printed)
    #expect(again.loaded?.policy == loaded.policy, "\(what)\n\(CheckCorpus.findings(again))\n\(printed)")
    return true
  }
}
