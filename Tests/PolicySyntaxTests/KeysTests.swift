import PolicyDiagnostics
import Testing

@testable import PolicySyntax

/// The one table of keys.
@Suite struct KeysTests {
  @Test(arguments: Block.allCases) func namesAreUniqueAndNoHintIsAKey(_ block: Block) {
    let keys = Keys.of(block)
    #expect(!keys.isEmpty)
    #expect(Set(keys.map(\.name)).count == keys.count)
    let hints = keys.flatMap(\.otherNames)
    #expect(Set(hints).count == hints.count, "\(hints)")
    #expect(Set(hints).isDisjoint(with: keys.map(\.name)), "\(hints)")
    for key in keys {
      #expect(!key.meaning.isEmpty)
      #expect(!key.meaning.hasSuffix("."))
    }
  }

  /// Every key that the table has is read: a policy that writes each of them under another block has it refused.
  @Test(arguments: Block.allCases) func theTopLevelRefusesKeysOfOtherBlocks(_ block: Block) {
    let top = Keys.of(.top).map(\.name)
    for key in Keys.of(block) where !top.contains(key.name) {
      let result = Loading.load(Loading.head + "\(key.name): 1\n")
      #expect(result.diagnostics.map(\.code) == ["P0002"], "\(key.name)")
    }
  }

  @Test func everyVerbHasItsKey() {
    let names = Keys.of(.rule).map(\.name)
    for verb in VerbWord.allCases { #expect(names.contains(verb.rawValue)) }
    for selector in Lowering.selectorKeys { #expect(names.contains(selector)) }
  }
}
