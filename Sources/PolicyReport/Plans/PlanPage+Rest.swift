internal import PolicyCore
internal import PolicyFormats

/// What stays, what was looked at, and what to do next.
extension PlanPage {
  func held() -> [String] {
    guard !plan.held.isEmpty else { return [] }
    let things = Self.things(plan.held.map(\.kind))
    let title = "kept although a rule wanted them gone"
    guard all else {
      var votes: [String: Int] = [:]
      for held in plan.held { for holder in held.by { votes[holder.rule, default: 0] += 1 } }
      let rules = votes.keys.sorted { (-(votes[$0] ?? 0), $0) < (-(votes[$1] ?? 0), $1) }
        .map { "\($0) \(votes[$0] ?? 0)" }.joined(separator: ", ")
      return style.heading(title, things)
        + style.indented("held by \(rules)", by: 2)
        + style.indented("(--all lists them with the rule that held)", by: 2)
    }
    return style.heading(title, things)
      + DirectoryGroup.of(plan.held, root: \.root, path: \.path).flatMap { group in
        let names = group.items.map { DisplayText.escape($0.path.isEmpty ? "." : $0.path.lastComponent) }
        let columns = style.nameColumns(names)
        let wanted = group.items.map { "wanted by \($0.wanted.joined(separator: ", "))" }
        return style.indented(DisplayText.escape(group.directory), by: 2)
          + zip(group.items, names).enumerated().flatMap { index, item in
            let size = DisplayText.padLeft(Quantities.size(item.0.bytes), to: 9)
            let by = item.0.by.map(phrases.holder).joined(separator: ", ")
            return style.row(
              .init(text: "  \(size)  ", columns: 13), name: item.1, nameColumns: columns, ["\(by); \(wanted[index])"])
          }
      }
  }

  /// Those with the same open question together, each question with what would settle it.
  func undecided() -> [String] {
    guard !plan.undecided.isEmpty else { return [] }
    var questions: [String] = []
    var groups: [String: [Undecided]] = [:]
    for undecided in plan.undecided {
      let question = undecided.questions.map(phrases.question).joined(separator: "; ")
      if groups[question] == nil { questions.append(question) }
      groups[question, default: []].append(undecided)
    }
    var lines = style.heading("undecided, so they stay", Self.things(plan.undecided.map(\.kind)))
    for question in questions {
      let group = groups[question] ?? []
      let names = group.prefix(all ? .max : 5).map { DisplayText.escape($0.path.isEmpty ? $0.root : $0.path) }
      lines += style.indented(question, by: 2)
      lines += names.flatMap { style.row(.init(text: "    ", columns: 4), name: $0, nameColumns: 0, []) }
      if group.count > names.count { lines.append("    and \(group.count - names.count) more (--all lists them)") }
    }
    let unknown = plan.undecided.flatMap(\.questions).flatMap(\.unknown)
    if let missing = unknown.first(where: { $0.value == "missing" }) {
      lines += style.indented(
        "to decide them: say in the rule what a missing value means, as in `\(missing.fact) ?? …` or "
          + "`\(missing.fact) is missing`",
        by: 2)
    }
    if unknown.contains(where: { $0.value == "unreadable" }) {
      lines += style.indented(
        "what cannot be read never decides: mend the file or its permissions, then plan again", by: 2)
    }
    return lines
  }

  func unmet() -> [String] {
    guard !plan.unmet.isEmpty else { return [] }
    return [style.paint("not met", .bold)]
      + plan.unmet.flatMap { style.indented(Self.unmet($0), by: 2) }
  }

  /// `quota per-user: alice stays at 580 GiB, wanted 500 GiB; held by good`
  static func unmet(_ unmet: Unmet) -> String {
    let group = unmet.group.map { DisplayText.escape($0.value) }.joined(separator: ", ")
    var text = "\(unmet.want.rawValue) \(unmet.id): \(group.isEmpty ? "all" : group) stays at "
    text += "\(Quantities.size(unmet.usage)), wanted \(Quantities.size(unmet.target))"
    if unmet.later > 0 { text += "; \(Quantities.size(unmet.later)) of that is free when the trash is purged" }
    return text + (unmet.heldBy.isEmpty ? "" : "; held by \(unmet.heldBy.joined(separator: ", "))")
  }

  func checks() -> [String] {
    guard !plan.checks.isEmpty else { return [] }
    let names = plan.checks.map { $0.subject == .never ? "never \($0.name)" : $0.name }
    let columns = style.nameColumns(names)
    return [style.paint("checks", .bold)]
      + zip(plan.checks, names).flatMap { check, name in
        let text =
          switch check.subject {
          case .never: check.holds ? "holds" : "DOES NOT HOLD"
          case .limit: "\(Self.value(check)) of \(Self.maximum(check))" + (check.holds ? "" : ": TOO MUCH")
          }
        return style.row(.init(text: "  ", columns: 2), name: name, nameColumns: columns, [text], below: 6)
      }
  }

  func next(_ savedAs: String?) -> [String] {
    guard !plan.actions.isEmpty, plan.refusals.isEmpty else { return [] }
    if let obstacle = sealed.obstacles.first { return style.sentence("to be read, not applied: \(obstacle)") }
    guard let savedAs else {
      return style.sentence("nothing was changed; save this plan with -o plan.json to apply it as it is")
    }
    let line = "nothing was changed; to do this: policy apply \(DisplayText.escape(savedAs))"
    guard DisplayText.width(line) > style.width else { return [line] }
    return ["nothing was changed; to do this:"]
      + style.command("policy apply", place: " " + DisplayText.escape(savedAs))
  }

  /// Under a part of a plan: of how much it is a part, and that only the whole can be applied.
  func viewed() -> [String] {
    guard let view else { return [] }
    let user = DisplayText.escape(view.user)
    return style.sentence(
      "decided over everybody; shown is what concerns \(user): \(plan.actions.count) of "
        + "\(Quantities.count(sealed.plan.actions.count, "action")). Nothing was changed")
  }
}
