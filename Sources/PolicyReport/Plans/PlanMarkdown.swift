internal import PolicyCore
public import PolicyFormats

/// A plan as a comment on a pull request: what goes first, the rest folded, in the words of `DiffMarkdown`.
public enum PlanMarkdown {
  public static func render(_ sealed: SealedPlan) -> String {
    let plan = sealed.plan
    let name = DisplayText.escape(sealed.policyHeader.name ?? "policy")
    var text = "### What this policy does\n\n"
    text +=
      "\(Markdown.code(name)) at \(Quantities.minute(plan.now)), plan \(Markdown.code(Quantities.short(sealed.digest)))"
    text += ": frees \(Quantities.size(plan.actions.map(\.freesNow).sum)) now, "
    text += "\(Quantities.size(plan.actions.map(\.freesLater).sum)) later\n"
    if !plan.refusals.isEmpty {
      text += "\n**REFUSED: this plan will not be applied**\n\n"
      text += PlanPage.refusals(of: plan).map { "- \(Markdown.code($0))\n" }.joined()
    }
    if plan.actions.isEmpty { text += "\n**Nothing to do.**\n" }
    for verb in ActionVerb.allCases { text += table(plan.actions.filter { $0.verb == verb }, verb) }
    if !plan.unmet.isEmpty {
      text += "\n**not met**\n\n" + plan.unmet.map { "- \(Markdown.code(PlanPage.unmet($0)))\n" }.joined()
    }
    return text + held(sealed) + undecided(sealed) + checks(plan)
  }

  private static func table(_ actions: [Action], _ verb: ActionVerb) -> String {
    guard !actions.isEmpty else { return "" }
    let rows = actions.map { action in
      "| \(verb.rawValue) | \(Quantities.size(action.bytes)) | \(Markdown.code(name(action))) | "
        + "\(action.because.map { Markdown.code($0.rule) }.joined(separator: ", ")) |\n"
    }
    let heading =
      "to \(verb.rawValue): \(PlanPage.things(actions.map(\.kind))), \(Quantities.size(actions.map(\.bytes).sum))"
    let body = Markdown.table("| | size | what | because |\n| --- | ---: | --- | --- |\n", rows)
    // Copies take nothing from anybody.
    return verb == .backup ? Markdown.fold(heading, body) : "\n**\(heading)**\n\n\(body)"
  }

  private static func name(_ action: Action) -> String {
    DisplayText.escape(action.path.isEmpty ? action.root : action.path)
  }

  private static func held(_ sealed: SealedPlan) -> String {
    guard !sealed.plan.held.isEmpty else { return "" }
    let phrases = Phrases(sealed.policyHeader.core)
    let rows = sealed.plan.held.map { held in
      "| \(Markdown.code(DisplayText.escape(held.path.isEmpty ? held.root : held.path))) | "
        + "\(Markdown.cell(held.by.map(phrases.holder).joined(separator: ", ").replacing("\u{A0}", with: " "))) | "
        + "\(Markdown.cell(held.wanted.joined(separator: ", "))) |\n"
    }
    return Markdown.fold(
      "kept although a rule wanted them gone: \(PlanPage.things(sealed.plan.held.map(\.kind)))",
      Markdown.table("| what | held by | wanted by |\n| --- | --- | --- |\n", rows))
  }

  private static func undecided(_ sealed: SealedPlan) -> String {
    guard !sealed.plan.undecided.isEmpty else { return "" }
    let phrases = Phrases(sealed.policyHeader.core)
    let rows = sealed.plan.undecided.map { item in
      "| \(Markdown.code(DisplayText.escape(item.path.isEmpty ? item.root : item.path))) | "
        + "\(Markdown.cell(item.questions.map(phrases.question).joined(separator: "; ").replacing("\u{A0}", with: " "))) |\n"
    }
    return Markdown.fold(
      "undecided, so they stay: \(PlanPage.things(sealed.plan.undecided.map(\.kind)))",
      Markdown.table("| what | open |\n| --- | --- |\n", rows))
  }

  private static func checks(_ plan: Plan) -> String {
    guard !plan.checks.isEmpty else { return "" }
    let rows = plan.checks.map { check in
      let name = Markdown.code(check.subject == .never ? "never \(check.name)" : check.name)
      let text =
        check.subject == .never
        ? (check.holds ? "holds" : "**does not hold**")
        : "\(PlanPage.value(check)) of \(PlanPage.maximum(check))" + (check.holds ? "" : ": **too much**")
      return "| \(name) | \(text) |\n"
    }
    return Markdown.fold("checks", Markdown.table("| check | |\n| --- | --- |\n", rows))
  }
}
