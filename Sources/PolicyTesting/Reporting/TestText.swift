public import PolicyReport

/// A run of policy tests as people read it.
public enum TestText {
  /// - Parameter listsPassed: names the cases that passed as well.
  public static func render(_ report: TestReport, listsPassed: Bool, style: TextStyle) -> String {
    var lines: [String] = []
    for file in report.files {
      let failed = file.outcomes.filter { !$0.passed }
      if !failed.isEmpty || listsPassed { lines.append(style.paint(DisplayText.escape(file.path), .bold)) }
      for outcome in file.outcomes where !outcome.passed || listsPassed {
        let mark = outcome.passed ? style.paint("ok", .green) + "  " : style.paint("FAIL", .red)
        let name = DisplayText.wrap(outcome.test.name, to: style.width - 8)
        lines.append("  \(mark)  \(name.first ?? "")")
        lines += name.dropFirst().map { "        \($0)" }
        for line in outcome.difference {
          lines += DisplayText.wrap(DisplayText.escape(line), to: style.width - 10).enumerated().map { index, part in
            (index == 0 ? "        " : "          ") + part
          }
        }
      }
    }
    for policy in report.policies { lines += self.policy(policy, style) }
    let passed = report.count - report.failed
    lines.append(
      "\(report.count) \(report.count == 1 ? "case" : "cases") in \(report.files.count) "
        + "\(report.files.count == 1 ? "file" : "files"): \(passed) passed, \(report.failed) failed")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func policy(_ policy: TestReport.Policy, _ style: TextStyle) -> [String] {
    var lines: [String] = []
    if let coverage = policy.coverage {
      func share(_ part: Coverage.Item.Part, _ words: String) -> String {
        let (whole, all) = coverage.share(part)
        return "\(words) \(whole) of \(all)"
      }
      lines.append(style.paint(DisplayText.escape(policy.path), .bold))
      lines.append(
        "  covered: \(share(.rule, "rules")), \(share(.selector, "selectors")), \(share(.test, "tests"))")
      for item in coverage.items where !item.isWhole {
        let subject = item.subject.isEmpty ? "" : " `\(item.subject)`"
        lines += style.lines("\(item.id)\(subject): never \(item.missing.joined(separator: ", "))", by: 4)
      }
    }
    if let mutation = policy.mutation {
      if policy.coverage == nil { lines.append(style.paint(DisplayText.escape(policy.path), .bold)) }
      let score = mutation.total == 0 ? 100 : mutation.killed * 100 / mutation.total
      // No score of cases that do not even agree with the policy.
      let share = mutation.leftOut == 0 ? " (\(score)%)" : ""
      lines += style.lines(
        "mutants: \(mutation.killed) of \(mutation.total) noticed\(share), \(mutation.equivalent) that mean the same",
        by: 2)
      if mutation.leftOut > 0 {
        let cases = mutation.leftOut == 1 ? "1 case that fails is" : "\(mutation.leftOut) cases that fail are"
        lines += style.lines("no score: \(cases) left out", by: 4)
      }
      for survivor in mutation.survivors {
        if let because = survivor.because {
          lines += style.lines("survives, explained: \(survivor.mutant.name): \(because)", by: 4)
        } else {
          lines += style.lines("survives: \(survivor.mutant.name)", by: 4)
          lines += style.lines("would show it: \(survivor.mutant.hint)", by: 8)
        }
      }
      for entry in mutation.needless {
        lines += style.lines("`survivors` names a mutant that does not survive: \(entry.mutant)", by: 4)
      }
    }
    return lines
  }
}

extension TextStyle {
  /// Wrapped and indented; later lines a little more.
  fileprivate func lines(_ text: String, by columns: Int) -> [String] {
    DisplayText.wrap(text, to: width - columns - 2).enumerated().map { index, line in
      String(repeating: " ", count: index == 0 ? columns : columns + 2) + line
    }
  }
}
