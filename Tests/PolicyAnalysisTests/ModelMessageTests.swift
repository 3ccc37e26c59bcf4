import PolicyAnalysis
import PolicyCore
import PolicyDiagnostics
import PolicyReport
import PolicySyntax
import Testing

/// The model messages of the analyses: code, line, column and every label where the language's design has them. Those of
/// syntax and types are in `RenderedMessageTests`.
@Suite struct ModelMessageTests {
  struct Model: Sendable, CustomTestStringConvertible {
    let code: String
    let message: String
    /// `line:column` of the place at fault.
    let place: String
    /// `line:column` of the other places shown, in their order.
    let labels: [String]
    /// A part of a note or of the help.
    let says: String
    let text: String
    var testDescription: String { code }
  }

  static let models: [Model] = [
    Model(
      code: "P0310", message: "rule `fading` can never match", place: "9:9", labels: ["11:9"],
      says: "`state == finished` plays no part in the conflict",
      text: """
        version: 1
        roots: [/data/runs]
        trash: { purge_after: 7d }

        rules:
          - id: fading
            trash: runs
            where:
              - mAP50 > 0.8
              - state == finished
              - mAP50 < 0.5
        """),
    Model(
      code: "P0320", message: "rule `lost` never acts", place: "11:12", labels: ["8:12"], says: "delete `lost`",
      text: """
        version: 1
        roots: [/data/runs]
        trash: { purge_after: 7d }

        rules:
          - id: live
            protect: runs
            where: state in [running, unknown]
          - id: lost
            trash: runs
            where: state == unknown
        """),
    Model(
      code: "P0330", message: "rule `dead` has no floor", place: "7:5", labels: [],
      says: "add `keep: runs`, `per: user`",
      text: """
        version: 1
        roots: [/data/runs]
        trash: { purge_after: 7d }

        rules:
          - id: dead
            trash: runs
            where: state in [failed, interrupted]
        """),
    // A `backup` has no `after`: the age is a test of its condition, and the place at fault is that test.
    Model(
      code: "P0340", message: "the backup comes after the purge", place: "9:34", labels: ["13:5", "15:3"],
      says: "`requires: [backup]` on `dead`",
      text: """
        version: 1
        roots: [/data/runs]
        backup: { to: /mnt/backup }
        rules:
          - { id: last, keep: runs, per: all, latest: 1 }

          - id: safe
            backup: runs
            where: state == finished and age > 14d
          - id: dead
            trash: runs
            where: state == finished
            after: 1d
        trash:
          purge_after: 7d
        """),
    Model(
      code: "P0350", message: "`keep-good` does not hold", place: "13:12", labels: ["8:27"],
      says: "counterexample: mAP50=0.9, state=failed (replayed: `junk` trashes it)",
      text: """
        version: 1
        roots: [/data/runs]
        trash: { purge_after: 7d }
        rules:
          - { id: last, keep: runs, per: all, latest: 1 }
          - id: junk
            trash: runs
            where: mAP50 < 0.3 or state == failed

        never:
          - id: keep-good
            destroy: runs
            where: mAP50 > 0.8
        """),
    Model(
      code: "P0361", message: "this step frees nothing for 7 days", place: "12:9", labels: ["4:10"],
      says: "put `- purge: trash` before it",
      text: """
        version: 1
        roots: [/data/runs]
        rules: []
        trash: { purge_after: 7d }
        pressure:
          - id: data
            volume: /data
            high: 90%
            low: 80%
            relieve:
              # what has failed
              - trash: runs
                where: state in [failed, interrupted]
        """),
  ]

  @Test(arguments: models) func standsWhereTheDesignHasIt(_ model: Model) throws {
    let result = PolicyLoader.load("policies/box.yaml") { _ in .success(Array(model.text.utf8)) }
    let loaded = try #require(result.loaded, "\(result.diagnostics.map(\.message))")
    let analysis = Analyzer.analyze(
      loaded.policy, loaded.sourceMap, result.sources, now: Timestamp("2027-01-15T08:00:00Z"))
    let found = try #require(analysis.diagnostics.first { $0.code == model.code })
    func place(_ span: SourceSpan) -> String {
      let source = result.sources.sources[span.file]
      let line = source.line(at: span.range.lowerBound)
      return "\(line + 1):\(span.range.lowerBound - source.lineStarts[line] + 1)"
    }
    #expect(found.message == model.message)
    #expect(found.span.map(place) == model.place)
    #expect(found.labels.map { place($0.span) } == model.labels)
    #expect(
      (found.notes + [found.help ?? ""]).contains { $0.contains(model.says) }, "\(found.notes) \(found.help ?? "")")
    // One mistake, one message.
    #expect(analysis.diagnostics.map(\.code) == [model.code])
    let text = DiagnosticText.compact([found], result.sources)
    #expect(
      text.hasPrefix("policies/box.yaml:\(model.place): \(found.severity.rawValue)[\(model.code)]: \(model.message)"))
  }
}
