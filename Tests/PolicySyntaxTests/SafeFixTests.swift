import PolicyDiagnostics
import PolicySyntax
import Testing

/// A fix that is called safe settles its finding and brings no other.
@Suite struct SafeFixTests {
  static func load(_ bytes: [UInt8]) -> LoadResult {
    PolicyLoader.load("policy.yaml") { path in
      path == "policy.yaml" ? .success(bytes) : .failure(ReadFailure(reason: "no such file"))
    }
  }

  @Test func safeFixesSettleTheirFinding() {
    var tried = 0
    for example in CheckCorpus.cases {
      let result = CheckCorpus.load(example.path)
      guard result.sources.sources.count == 1, let source = result.sources.sources.first else { continue }
      let before = Self.load(source.bytes).diagnostics
      for diagnostic in before {
        for fix in diagnostic.fixes where fix.applicability == .safe {
          tried += check(fix, of: diagnostic, before, source.bytes)
        }
      }
    }
    // As they stand, and in both kinds of quotes: what is put in has to be quoted like the rest.
    let quoted = Self.conditions.flatMap { [$0, "\"\($0)\"", "'\($0)'"] }
    for condition in quoted {
      let text =
        "version: 1\nroots: [runs]\ntrash: { purge_after: 7d }\nrules:\n  - id: a\n    keep: runs\n    where: \(condition)\n"
      let before = Self.load(Array(text.utf8)).diagnostics
      for diagnostic in before {
        for fix in diagnostic.fixes where fix.applicability == .safe {
          tried += check(fix, of: diagnostic, before, Array(text.utf8))
        }
      }
    }
    print("safe fixes: \(tried) applied")
    #expect(tried >= 20)
  }

  /// Conditions whose mistakes are sure to be slips.
  static let conditions = [
    "state == failed && age > 2d", "state == failed || pinned", "state = failed", "age > 2 d", "pinned == yes",
    "(state) == failed", "state == Failed", "mAP50 >= 0.8 AND pinned", "name == exp*", "name == mAP50",
    "user == root and pinned",
  ]

  private func check(
    _ fix: Diagnostic.Fix, of diagnostic: Diagnostic, _ before: [Diagnostic], _ bytes: [UInt8]
  ) -> Int {
    var fixed = bytes
    for edit in fix.edits.sorted(by: { $0.span.range.lowerBound > $1.span.range.lowerBound }) {
      fixed.replaceSubrange(edit.span.range, with: Array(edit.replacement.utf8))
    }
    let after = Self.load(fixed).diagnostics
    func key(_ diagnostic: Diagnostic) -> String { "\(diagnostic.code) \(diagnostic.message)" }
    var rest = before.map(key)
    if let place = rest.firstIndex(of: key(diagnostic)) { rest.remove(at: place) }
    let news = after.map(key).filter { !rest.contains($0) }
    let text = String(decoding: fixed, as: UTF8.self)
    #expect(news.isEmpty, "\(diagnostic.code): \(news)\n\(text)")
    #expect(after.count < before.count, "\(diagnostic.code) is still there\n\(text)")
    return 1
  }
}
