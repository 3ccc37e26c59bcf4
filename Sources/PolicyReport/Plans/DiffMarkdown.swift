public import PolicyCore

/// A difference of plans as a comment on a pull request: what newly goes first, the rest folded, never too long.
public enum DiffMarkdown {
  /// Comments have a limit of 65,536 characters; this leaves room for others' words.
  private static let mostRows = 200

  public static func render(_ diff: PlanDiff, before: String, after: String) -> String {
    var text = "### What this policy change does\n\n"
    text += "\(code(before)) → \(code(after)): trash \(Quantities.size(diff.trashBefore)) → "
    text += "\(Quantities.size(diff.trashAfter)), \(Quantities.count(diff.unchanged, "action")) unchanged"
    if !diff.changedRules.isEmpty { text += "; changed: \(diff.changedRules.map(code).joined(separator: ", "))" }
    text += "\n"
    if let refusal = DiffText.refusal(diff, code) { text += "\n**\(refusal)**\n" }
    if diff.isEmpty { return text + "\n**Nothing is treated differently on this snapshot.**\n" }
    text += table("newly {goes}", diff.added, diff, folded: false)
    text += table("no longer {goes}", diff.removed, diff, folded: true)
    text += table("{goes} for other reasons", diff.changed.map(\.after), diff, folded: true)
    if !diff.keeps.isEmpty {
      let rows = diff.keeps.prefix(mostRows).map { keep in
        "| \(code(DisplayText.escape(keep.path))) | \(cell(keep.before.joined(separator: ", "))) | "
          + "\(cell(keep.after.joined(separator: ", "))) |\n"
      }
      text += fold(
        "\(diff.keeps.count) held by other rules", "| what | before | now |\n| --- | --- | --- |\n" + rows.joined())
    }
    return text
  }

  private static func table(_ title: String, _ actions: [Action], _ diff: PlanDiff, folded: Bool) -> String {
    guard !actions.isEmpty else { return "" }
    var rows = "| | size | what | because |\n| --- | ---: | --- | --- |\n"
    for action in actions.prefix(mostRows) {
      let rules = diff.attribution[ActionKey(action)].flatMap { $0.isEmpty ? nil : $0 } ?? action.because.map(\.rule)
      let name = DisplayText.escape(action.path.isEmpty ? action.root : action.path)
      rows += "| \(action.verb.rawValue) | \(Quantities.size(action.bytes)) | \(code(name)) | "
      rows += "\(rules.map(code).joined(separator: ", ")) |\n"
    }
    if actions.count > mostRows { rows += "\n… and \(actions.count - mostRows) more\n" }
    let bytes = actions.reduce(Int64(0)) { $0.addingReportingOverflow($1.bytes).partialValue }
    let goes = actions.count == 1 ? "goes" : "go"
    let heading = "\(actions.count) \(title.replacing("{goes}", with: goes)), \(Quantities.size(bytes))"
    return folded ? fold(heading, rows) : "\n**\(heading)**\n\n\(rows)"
  }

  private static func fold(_ title: String, _ body: String) -> String {
    "\n<details><summary>\(title)</summary>\n\n\(body)\n</details>\n"
  }

  /// A name that cannot mention anybody, open a tag or end a cell.
  private static func code(_ name: String) -> String {
    let plain = name.replacing("|", with: "\\|")
    let fence = plain.contains("`") ? "``" : "`"
    return plain.contains("`") ? "\(fence) \(plain) \(fence)" : "\(fence)\(plain)\(fence)"
  }

  private static func cell(_ text: String) -> String { text.isEmpty ? "" : code(text) }
}
