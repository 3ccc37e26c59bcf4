import PolicyCore
import PolicyDiagnostics
import PolicySyntax
import Testing

@Suite struct ConditionRoundTripTests {
  static let executions = 4000

  @Test(arguments: [EntityKind.run, .checkpoint])
  func whatIsSpelledReadsBackEqual(_ kind: EntityKind) {
    var generator = ConditionGenerator(seed: 20_270_115, kind: kind)
    let context = ConditionFixture.context(kind)
    for _ in 0..<Self.executions {
      let condition = generator.condition()
      let text = ConditionPrinter.text(condition)
      var diagnostics: [Diagnostic] = []
      let read = ConditionParser.parse(ConditionFixture.scalar(text), context, &diagnostics)
      let shown = Comment(rawValue: text + "\n" + ConditionCase.describe(nil, diagnostics, in: text))
      #expect(read?.condition == condition, shown)
      #expect(read?.nodeSpans.count == ConditionFixture.nodeCount(condition), shown)
      #expect(diagnostics.isEmpty || diagnostics.allSatisfy { $0.severity == .warning }, shown)
      if read?.condition != condition { return }
    }
    print("\(Self.executions) conditions on \(kind.plural) spelled and read again")
  }

  @Test(arguments: [EntityKind.run, .checkpoint])
  func orderKeysReadBackEqual(_ kind: EntityKind) {
    var generator = ConditionGenerator(seed: 7, kind: kind)
    let context = ConditionFixture.context(kind)
    for _ in 0..<Self.executions {
      let key = generator.orderKey()
      let text = ConditionPrinter.text(key)
      var diagnostics: [Diagnostic] = []
      let read = ConditionParser.parseOrderKey(ConditionFixture.scalar(text), context, &diagnostics)
      #expect(read?.key == key, Comment(rawValue: text + "\n" + ConditionCase.describe(nil, diagnostics, in: text)))
      if read?.key != key { return }
    }
    print("\(Self.executions) order keys on \(kind.plural) spelled and read again")
  }

  /// Conditions that no text gives, as rewriting may leave them, are spelled by what they mean.
  @Test func joinsThatNoTextGives() {
    let pinned = Condition.flag(Operand(FactReference("pinned")))
    let cases: [(Condition, String)] = [
      (.all([]), "true"), (.all([.always, pinned]), "pinned"), (.any([pinned, .always]), "true"),
      (.any([pinned]), "pinned"),
      (.any([]), "pinned and not pinned"), (.not(.always), "pinned and not pinned"),
      (.any([pinned, .not(.always)]), "pinned or (pinned and not pinned)"),
      (.not(.all([.always])), "pinned and not pinned"), (.all([.always, .any([.all([pinned])])]), "pinned"),
    ]
    for (condition, text) in cases { #expect(ConditionPrinter.text(condition) == text) }
  }
}
