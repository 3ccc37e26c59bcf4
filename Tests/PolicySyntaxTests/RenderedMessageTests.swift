import PolicyDiagnostics
import PolicyReport
import PolicySyntax
import Testing

/// The model messages of the language's design, exactly as people see them.
@Suite struct RenderedMessageTests {
  /// Line 8 is the one with the mistake, line 4 declares the fact; `above` is line 7.
  private static func rendered(_ line: String, above: String = "    trash: runs", below: String = "") -> String {
    let text = """
      version: 1
      roots: [runs]
      facts:
        mAP50: { type: ratio, better: higher }
      rules:
        - id: a
      \(above)
      \(line)
      \(below)
      trash: { purge_after: 7d }
      """
    let result = Loading.load(text, as: "policies/box.yaml")
    return DiagnosticText.render(result.diagnostics, result.sources, style: TextStyle(width: 120, color: false))
  }

  @Test func unknownKey() {
    #expect(
      Self.rendered("    filter: state == failed") == """
        error[P0002]: unknown key `filter` in a rule
         --> policies/box.yaml:8:5
          |
        8 |     filter: state == failed
          |     ^^^^^^ not a key of `trash` rules
          |
          = note: without a condition this rule would match every run
          = help: did you mean `where`?

        """)
  }

  @Test func tag() {
    #expect(
      Self.rendered("    where: ! mAP50 > 0.8") == """
        error[P0005]: a YAML tag would drop part of this condition
         --> policies/box.yaml:8:12
          |
        8 |     where: ! mAP50 > 0.8
          |            ^^^^^^^ YAML reads `!` as a tag: the condition left would be `mAP50 > 0.8`
          |
          = help: write `not (mAP50 > 0.8)`

        """)
  }

  @Test func cutString() {
    #expect(
      Self.rendered("    where: name matches \"sweep #*\"") == """
        error[P0101]: the text ends inside a string
         --> policies/box.yaml:8:25
          |
        8 |     where: name matches "sweep #*"
          |                         ^^^^^^ opened here
          |                                --- YAML starts a comment here
          |
          = help: quote the whole condition: 'name matches "sweep #*"'

        """)
  }

  @Test func unknownFact() {
    #expect(
      Self.rendered("    where: mAP5O > 0.8") == """
        error[P0201]: unknown fact `mAP5O`
         --> policies/box.yaml:8:12
          |
        8 |     where: mAP5O > 0.8
          |            ^^^^^ letter O
          |
          = note: facts declared in this file: `mAP50`
          = help: did you mean `mAP50`?

        """)
  }

  @Test func outsideTheRange() {
    #expect(
      Self.rendered("    where: mAP50 > 80") == """
        error[P0301]: this comparison is never true
         --> policies/box.yaml:8:20
          |
        4 |   mAP50: { type: ratio, better: higher }
          |          ------------------------------- declared here
        ...
        8 |     where: mAP50 > 80
          |                    ^^ `mAP50` is a ratio, from 0 to 1
          |
          = help: did you mean `80%` or `0.8`?

        """)
  }

  @Test func bareNumber() {
    #expect(
      Self.rendered("    after: 24", below: "    where: true") == """
        error[P0202]: a duration needs a unit
         --> policies/box.yaml:8:12
          |
        8 |     after: 24
          |            ^^ a bare number
          |
          = help: write `24h`, `24d` or `24w`

        """)
  }

  @Test func selectorWithoutGroup() {
    #expect(
      Self.rendered("    latest: 5", above: "    keep: runs") == """
        error[P0014]: `latest: 5` of what?
         --> policies/box.yaml:8:5
          |
        8 |     latest: 5
          |     ^^^^^^^^^ needs `per`
          |
          = help: add `per: user`, `per: [user, project]`, or `per: all` for one group

        """)
  }

  @Test func mixedConnectives() {
    #expect(
      Self.rendered("    where: state == failed and age > 2d or bytes < 1MiB") == """
        error[P0107]: `and` and `or` mixed without parentheses
         --> policies/box.yaml:8:12
          |
        8 |     where: state == failed and age > 2d or bytes < 1MiB
          |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          |            ---------------------------- this binds first
          |
          = help: write `(state == failed and age > 2d) or bytes < 1MiB` if that is meant

        """)
  }
}
