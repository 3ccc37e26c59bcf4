import Foundation
import PolicyCore
import PolicySyntax
import PolicyTestSupport
import Testing

@Suite struct ResolvedTests {
  /// Every policy of the corpus that loads, and the living examples.
  static let loadable: [CheckCorpus.Case] = {
    let folder = repositoryRoot + "/policies"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? []
    let examples = names.filter { !$0.contains(".") }.map { CheckCorpus.Case(path: "\(folder)/\($0)/policy.yaml") }
    return CheckCorpus.cases.filter { CheckCorpus.load($0.path).loaded != nil } + examples
  }()

  @Test(arguments: loadable) func loadsAgainToAnEqualPolicy(_ example: CheckCorpus.Case) throws {
    let result = CheckCorpus.load(example.path)
    let loaded = try #require(result.loaded, "\(CheckCorpus.findings(result))")
    let text = PolicyPrinter.resolved(loaded, result.sources)
    let again = PolicyLoader.load("resolved.yaml") { _ in .success(Array(text.utf8)) }
    let reloaded = try #require(again.loaded, "\(CheckCorpus.findings(again))\n\(text)")
    #expect(reloaded.policy == loaded.policy, "\(text)")
    #expect(reloaded.description == loaded.description)
  }

  /// The second print differs from the first only in the places.
  @Test(arguments: loadable) func printsTheSameAgain(_ example: CheckCorpus.Case) throws {
    let result = CheckCorpus.load(example.path)
    let text = PolicyPrinter.resolved(try #require(result.loaded), result.sources)
    let again = PolicyLoader.load("resolved.yaml") { _ in .success(Array(text.utf8)) }
    let second = PolicyPrinter.resolved(try #require(again.loaded), again.sources)
    #expect(Self.withoutPlaces(second) == Self.withoutPlaces(text))
  }

  private static func withoutPlaces(_ text: String) -> [String] {
    text.components(separatedBy: "\n").map { line in
      line.range(of: "  # ").map { String(line[..<$0.lowerBound]) } ?? line
    }
  }

  @Test func saysWhereThingsComeFromAndWhatIsBuiltIn() throws {
    let result = CheckCorpus.load("P0047/right/main.yaml")
    let text = PolicyPrinter.resolved(try #require(result.loaded), result.sources)
    #expect(text.contains("  - id: stale  # base.yaml:3, `after` from main.yaml:6\n"))
    #expect(text.contains("    after: 2d\n"))
    #expect(text.contains("roots:  # main.yaml:2\n"))
    #expect(
      text.contains("x-builtin:\n  - id: builtin-live\n    protect: runs\n    where: state in [running, unknown]\n"))
    #expect(text.contains("because: \"a person said so\""))
  }
}
