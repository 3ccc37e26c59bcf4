import Foundation
import PolicyAnalysis
import PolicyCore
import PolicyDiagnostics
import PolicyFormats
import PolicyReport
import PolicySyntax
import PolicyTestSupport
import PolicyTesting
import Testing

/// The closed triangle: every code that the program can report has a page, every page has a code, and what the page
/// calls wrong and right is so.
@Suite struct CodePageTests {
  struct Page: Sendable, CustomTestStringConvertible {
    let code: String
    let text: String
    var testDescription: String { code }

    /// Fenced blocks by the heading that they stand under.
    func block(_ heading: String) -> (language: String, text: String)? {
      guard let start = text.firstRange(of: "## \(heading)\n\n```") else { return nil }
      let rest = text[start.upperBound...]
      guard let line = rest.firstIndex(of: "\n"), let end = rest.firstRange(of: "\n```") else { return nil }
      return (String(rest[..<line]), String(rest[rest.index(after: line)..<end.lowerBound]) + "\n")
    }
  }

  static let folder = URL(filePath: repositoryRoot).appending(path: "Docs/Diagnostics")

  static let pages: [Page] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasPrefix("P") && $0.hasSuffix(".md") }.sorted().compactMap { name in
      (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)).map {
        Page(code: String(name.dropLast(3)), text: $0)
      }
    }
  }()

  /// Codes whose pages show commands, because a page cannot hold what they are about; the tests of the pages type them.
  static let withCommands: [String: String] = [
    "P0023": "a file of a megabyte", "P0024": "bytes that are no text", "P0046": "two files",
    "P0109": "a long condition",
    "P0408": "a snapshot of a real tree", "P0411": "a sealed plan", "P0412": "a sealed plan",
    "P0413": "a plan that is sealed, and wrong", "P0414": "a sealed plan",
  ]

  /// Codes that a policy, snapshot or file of cases is found to have. `other`: the snapshot that a policy is looked at on,
  /// or the policy that cases are about.
  static func codes(_ language: String, _ text: String, _ other: String?) -> [String] {
    let bytes = Array(text.utf8)
    if language == "jsonl" {
      return SnapshotCodec.decode(bytes, path: "s.jsonl", schema: FactSchema()).1.map(\.code)
    }
    if text.contains("\ncases:") {
      let policy = other.flatMap { text in
        PolicyLoader.load("policy.yaml") { _ in .success(Array(text.utf8)) }.loaded?.policy
      }
      return CaseReader.read(
        SourceText(path: "cases.yaml", bytes: bytes), schema: FactSchema(), policy: policy
      ).diagnostics.map(\.code)
    }
    let result = PolicyLoader.load("policy.yaml") { path in
      path == "policy.yaml" ? .success(bytes) : .failure(ReadFailure(reason: "no such file"))
    }
    guard let loaded = result.loaded else { return result.diagnostics.map(\.code) }
    let observed = other.flatMap {
      SnapshotCodec.decode(Array($0.utf8), path: "s.jsonl", schema: loaded.policy.schema).0
    }
    let now = observed?.now ?? Timestamp("2027-01-15T08:00:00Z")
    let analysis = Analyzer.analyze(loaded.policy, loaded.sourceMap, result.sources, now: now, snapshot: observed)
    return (result.diagnostics + analysis.diagnostics).map(\.code)
  }

  @Test(arguments: pages) func wrongIsWrongAndRightIsRight(_ page: Page) throws {
    let wrong = try #require(page.block("Wrong"))
    let right = try #require(page.block("Right"))
    #expect(page.text.contains("## Why it matters"))
    #expect(page.text.hasPrefix("# \(page.code): "))
    guard Self.withCommands[page.code] == nil else {
      #expect(wrong.language == "console" && wrong.text.contains("[\(page.code)]"))
      #expect(right.language == "console" && !right.text.contains("[P0"))
      return
    }
    let snapshot = (page.block("On this snapshot") ?? page.block("On this policy"))?.text
    let found = Self.codes(wrong.language, wrong.text, snapshot)
    #expect(found.contains(page.code), "the wrong one reports \(found)")
    let rest = Self.codes(right.language, right.text, snapshot)
    #expect(!rest.contains(page.code))
    // A page about spelling need not have a floor under its trash rule; one about meaning is clean.
    let accepted: Set<String> = page.code < "P0210" ? ["P0330", "P0210"] : []
    #expect(rest.allSatisfy { accepted.contains($0) }, "the right one reports \(rest)")
  }

  /// Every code in the sources has a page, and every page a code.
  @Test func everyCodeHasAPage() throws {
    let sources = URL(filePath: repositoryRoot).appending(path: "Sources")
    var written: Set<String> = []
    let files = FileManager.default.enumerator(atPath: sources.path)?.compactMap { $0 as? String } ?? []
    for file in files where file.hasSuffix(".swift") {
      let text = try String(contentsOf: sources.appending(path: file), encoding: .utf8)
      for part in text.split(separator: "\"P0").dropFirst() where part.dropFirst(3).first == "\"" {
        written.insert("P0" + part.prefix(3))
      }
    }
    #expect(written == Set(Self.pages.map(\.code)))
    #expect(written.count > 95)
  }

  /// The pages in the program are those in the repository.
  @Test func theProgramHasTheSamePages() throws {
    let path = URL(filePath: repositoryRoot).appending(path: "Sources/CCodePages/code_pages.c")
    if ProcessInfo.processInfo.environment["POLICY_UPDATE_PAGES"] == "1" {
      try Data(Self.generated.utf8).write(to: path)
    }
    #expect((try? String(contentsOf: path, encoding: .utf8)) == Self.generated)
    #expect(CodePages.codes == Self.pages.map(\.code))
    for page in Self.pages { #expect(CodePages.page(of: page.code) == page.text) }
  }

  static var generated: String {
    let rows = pages.map { "  {\"\($0.code)\",\n\(CLiteral.of($0.text))},\n" }.joined()
    return """
      // Generated from Docs/Diagnostics by the tests (POLICY_UPDATE_PAGES=1). Do not edit.
      #include "code_pages.h"

      static const struct {
        const char *code;
        const char *text;
      } pages[] = {
      \(rows)};

      int code_page_count(void) { return sizeof pages / sizeof pages[0]; }
      const char *code_page_code(int index) { return pages[index].code; }
      const char *code_page_text(int index) { return pages[index].text; }

      """
  }

  /// The list of all codes in Docs/Diagnostics.
  @Test func theIndexIsCurrent() throws {
    var text =
      "# What `policy check` says\n\nEach code with a wrong and a right policy; `policy explain CODE` shows the same.\n"
    var family = ""
    for page in Self.pages {
      if CodePages.family(of: page.code) != family {
        family = CodePages.family(of: page.code)
        text += "\n## \(family.prefix(1).uppercased() + family.dropFirst())\n\n"
      }
      let title = page.text.split(separator: "\n").first.map { $0.dropFirst(page.code.count + 4) } ?? ""
      text += "- [\(page.code)](\(page.code).md) \(title)\n"
    }
    let path = Self.folder.appending(path: "README.md")
    if ProcessInfo.processInfo.environment["POLICY_UPDATE_PAGES"] == "1" { try Data(text.utf8).write(to: path) }
    #expect((try? String(contentsOf: path, encoding: .utf8)) == text)
  }
}
