internal import Foundation
internal import PolicyDigest
internal import PolicyReport
internal import PolicyTestSupport
internal import Testing

/// The page in the program is the one of the files in `Sources/CReportPage/page`, and keeps to what a page may do.
struct ReportPageTests {
  private static let folder = URL(filePath: repositoryRoot + "/Sources/CReportPage")
  private static let styles = ["page.css", "parts.css"]
  private static let scripts = [
    "data.js", "words.js", "places.js", "grid.js", "map.js", "mapkeys.js", "details.js", "page.js", "controls.js",
  ]

  private static func source(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: "page/" + name), encoding: .utf8)
  }

  private static func hash(_ text: String) -> String {
    "'sha256-" + Data(SHA256Digest.hash(Array(text.utf8))).base64EncodedString() + "'"
  }

  private static func generated() throws -> String {
    let style = try "\n" + styles.map(source).joined()
    let script = try "\n(() => {\n" + scripts.map(source).joined() + "})();\n"
    let security =
      "default-src 'none'; script-src \(hash(script)); style-src \(hash(style)); img-src data:; "
      + "base-uri 'none'; form-action 'none'"
    let parts = [("HTML", try source("page.html")), ("STYLE", style), ("SCRIPT", script), ("SECURITY", security)]
    let cases = parts.map { name, text in "  case REPORT_PAGE_\(name):\n    return\n\(CLiteral.of(text));\n" }.joined()
    return """
      // Generated from the files in `page` by the tests (POLICY_UPDATE_PAGES=1). Do not edit.
      #include "report_page.h"

      const char *report_page_text(report_page_part part) {
        switch (part) {
      \(cases)  }
        return "";
      }

      """
  }

  @Test func `the program has the page of the files`() throws {
    let path = Self.folder.appending(path: "report_page.c")
    let generated = try Self.generated()
    if ProcessInfo.processInfo.environment["POLICY_UPDATE_PAGES"] == "1" { try Data(generated.utf8).write(to: path) }
    #expect((try? String(contentsOf: path, encoding: .utf8)) == generated)
    let listed = try FileManager.default.contentsOfDirectory(atPath: Self.folder.appending(path: "page").path)
    #expect(Set(listed) == Set(Self.styles + Self.scripts + ["page.html"]))
  }

  @Test(arguments: scripts + styles + ["page.html"]) func `a file asks for nothing and makes no markup of text`(
    _ name: String
  ) throws {
    let text = try Self.source(name)
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 300)
    for word in [
      "https:", "//cdn", "@import", "url(", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
      "fetch(", "XMLHttpRequest", "new Function", "import(",
    ] { #expect(!text.contains(word), "\(name) has \(word)") }
    let addresses = text.components(separatedBy: "http:").dropFirst()
    #expect(addresses.allSatisfy { $0.hasPrefix("//www.w3.org/2000/svg") })
    #expect(
      !text.contains(" style=\"") && !text.contains(" onclick=\""), "the security policy of the page refuses these")
  }

  /// Both languages say the same things.
  @Test func `no word is missing in a language`() throws {
    let text = try Self.source("words.js")
    let english = try #require(text.firstRange(of: "  en: {")), chinese = try #require(text.firstRange(of: "  zh: {"))
    func keys(_ part: Substring) -> Set<String> {
      var keys: Set<String> = []
      for piece in part.split(separator: "\n").joined(separator: " ").components(separatedBy: ": \"") {
        if let key = piece.split(whereSeparator: { " ,{".contains($0) }).last { keys.insert(String(key)) }
      }
      return keys
    }
    let states: Set<String> = ["running", "finished", "interrupted", "failed", "unknown"]
    let left = keys(text[english.upperBound..<chinese.lowerBound])
    let right = keys(text[chinese.upperBound..<(try #require(text.firstRange(of: "\n};"))).lowerBound])
    #expect(left.count > 90)
    #expect(left.subtracting(right).filter { $0.allSatisfy { $0.isLetter || $0 == "_" } }.isEmpty)
    #expect(right.subtracting(left).subtracting(states).filter { $0.allSatisfy { $0.isLetter || $0 == "_" } }.isEmpty)
  }
}
