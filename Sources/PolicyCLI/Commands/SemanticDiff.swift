internal import ArgumentParser
internal import PolicyAnalysis
internal import PolicyReport
internal import PolicySyntax

/// `policy diff --semantic`: whether two policies can ever plan different things.
struct SemanticDiff {
  let before: String
  let after: String
  let format: DiffCommand.Format
  let saveWitness: String?

  func run(_ expected: DiffCommand.Expectation) throws {
    let (left, right) = (try PolicyInput.load(before), try PolicyInput.load(after))
    let result = PolicyComparer.compare(left.loaded.policy, right.loaded.policy)
    switch format {
    case .text:
      try Console.write(ComparisonText.render(result, before: before, after: after, style: Surroundings.style))
    case .json: try Console.write(ComparisonText.json(result))
    case .markdown:
      let text = ComparisonText.render(result, before: before, after: after, style: TextStyle(width: 100, color: false))
      try Console.write("### What this policy change means\n\n```text\n\(text)```\n")
    }
    var isExpected = false
    switch result.verdict {
    case .equivalent: isExpected = expected == .equivalent
    case .different(let difference):
      isExpected = expected == .different
      if let saveWitness {
        try WitnessFiles.save(
          difference, as: saveWitness, before: before, left.loaded.policy, right.loaded.policy)
      }
    case .undecided: break
    }
    if !isExpected { throw ExitStatus.findings.code }
  }
}
