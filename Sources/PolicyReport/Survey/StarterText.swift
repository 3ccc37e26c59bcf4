public import PolicyCore

/// What a new policy would do today, rule by rule, and what to type next.
public enum StarterText {
  public static func render(_ plan: Plan, file: String, isEmpty: Bool, style: TextStyle) -> String {
    let name = ShellWord.quote(ByteString(file))
    var lines = style.sentence("wrote \(DisplayText.escape(file)); nothing else was changed")
    let trashed = plan.actions.filter { $0.verb == .trash }
    if isEmpty {
      lines += style.sentence("there are no runs yet, so the rules are only a beginning; run `policy init` again later")
    } else if trashed.isEmpty {
      lines += style.sentence("today it would do nothing: everything here is new, good or not to be compared")
    } else {
      lines += style.sentence("today it would move to the trash:")
      for (rule, sum) in RuleSums.of(trashed) {
        lines += style.row(
          .init(text: "  \(DisplayText.padLeft(Quantities.size(sum.bytes), to: 9))  ", columns: 13), name: rule,
          nameColumns: DisplayText.width(rule), [PlanPage.things(sum.kinds)])
      }
    }
    lines += style.sentence("to see every run with its reasons, which changes nothing:")
    lines += style.command("policy plan -p \(name)")
    return lines.map(\.trimmedEnd).joined(separator: "\n") + "\n"
  }
}

/// What each rule wants, an action counting with the first of its rules.
enum RuleSums {
  struct Sum {
    var bytes: Int64 = 0
    var kinds: [EntityKind] = []
  }

  /// Largest first.
  static func of(_ actions: [Action]) -> [(rule: String, sum: Sum)] {
    var sums: [String: Sum] = [:]
    for action in actions {
      let rule = action.because.first?.rule ?? ""
      sums[rule, default: Sum()].bytes &+= action.bytes
      sums[rule, default: Sum()].kinds.append(action.kind)
    }
    return sums.map { ($0.key, $0.value) }.sorted {
      $0.1.bytes != $1.1.bytes ? $0.1.bytes > $1.1.bytes : $0.0 < $1.0
    }
  }
}
