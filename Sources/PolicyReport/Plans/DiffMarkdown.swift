public import PolicyCore

/// A difference of plans as a comment on a pull request: what newly goes first, the rest folded, never too long.
public enum DiffMarkdown {
  public static func render(_ diff: PlanDiff, before: String, after: String) -> String {
    var text = "### What this policy change does\n\n"
    text += "\(Markdown.code(before)) → \(Markdown.code(after)): trash \(Quantities.size(diff.trashBefore)) → "
    text += "\(Quantities.size(diff.trashAfter)), \(Quantities.count(diff.unchanged, "action")) unchanged"
    if !diff.changedRules.isEmpty {
      text += "; changed: \(diff.changedRules.map(Markdown.code).joined(separator: ", "))"
    }
    text += "\n"
    if let refusal = DiffText.refusal(diff, Markdown.code) { text += "\n**\(refusal)**\n" }
    if diff.isEmpty { return text + "\n**Nothing is treated differently on this snapshot.**\n" }
    text += table("newly {goes}", diff.added, diff, folded: false)
    text += table("no longer {goes}", diff.removed, diff, folded: true)
    text += table("{goes} for other reasons", diff.changed.map(\.after), diff, folded: true)
    if !diff.keeps.isEmpty {
      let rows = diff.keeps.prefix(Markdown.mostRows).map { keep in
        "| \(Markdown.code(DisplayText.escape(keep.path))) | \(Markdown.cell(keep.before.joined(separator: ", "))) | "
          + "\(Markdown.cell(keep.after.joined(separator: ", "))) |\n"
      }
      text += Markdown.fold(
        "\(diff.keeps.count) held by other rules", "| what | before | now |\n| --- | --- | --- |\n" + rows.joined())
    }
    return text
  }

  private static func table(_ title: String, _ actions: [Action], _ diff: PlanDiff, folded: Bool) -> String {
    guard !actions.isEmpty else { return "" }
    var rows = "| | size | what | because |\n| --- | ---: | --- | --- |\n"
    for action in actions.prefix(Markdown.mostRows) {
      let rules = diff.attribution[ActionKey(action)].flatMap { $0.isEmpty ? nil : $0 } ?? action.because.map(\.rule)
      let name = DisplayText.escape(action.path.isEmpty ? action.root : action.path)
      rows += "| \(action.verb.rawValue) | \(Quantities.size(action.bytes)) | \(Markdown.code(name)) | "
      rows += "\(rules.map(Markdown.code).joined(separator: ", ")) |\n"
    }
    if actions.count > Markdown.mostRows { rows += "\n… and \(actions.count - Markdown.mostRows) more\n" }
    let bytes = actions.reduce(Int64(0)) { $0.addingReportingOverflow($1.bytes).partialValue }
    let goes = actions.count == 1 ? "goes" : "go"
    let heading = "\(actions.count) \(title.replacing("{goes}", with: goes)), \(Quantities.size(bytes))"
    return folded ? Markdown.fold(heading, rows) : "\n**\(heading)**\n\n\(rows)"
  }
}
