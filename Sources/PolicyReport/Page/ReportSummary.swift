internal import PolicyCore
internal import PolicyFormats

/// What shows of a page where scripts do not run: the figures, and the largest runs.
enum ReportSummary {
  static let most = 100

  static func render(_ report: PlanReport, _ rows: [ReportRow]) -> String {
    let words = Words(report.language)
    let (sealed, plan) = (report.sealed, report.sealed.plan)
    let name = DisplayText.escape(sealed.policyHeader.name ?? "policy")
    var text = "<div><h1>\(HTMLText.escape(name))</h1>\n<p class=\"muted\">"
    let origin = [
      words.of("plan", "计划") + " " + Quantities.short(sealed.digest), Quantities.minute(plan.now),
    ]
    text += HTMLText.escape((origin + ReportFrame.roots(sealed)).joined(separator: " · ")) + "</p>\n"
    for refusal in ReportSentences.refusals(plan) {
      text += paragraph(words.of("REFUSED: ", "已拒绝：") + words.of(refusal))
    }
    for unmet in plan.unmet { text += paragraph(words.of(ReportSentences.unmet(unmet))) }
    for note in report.notes { text += paragraph(words.of(ReportSentences.note(note))) }
    text += figures(plan, rows, words)
    let largest = rows.indices.sorted { (-rows[$0].bytes, $0) < (-rows[$1].bytes, $1) }.prefix(most)
    let heading =
      rows.count > most
      ? words.of("The \(most) largest of \(rows.count) runs", "最大的 \(most) 个训练，共 \(rows.count) 个")
      : words.of("Runs", "训练")
    text += "<h2>\(heading)</h2>\n<table><thead><tr>"
    for title in [("Run", "训练"), ("User", "用户"), ("Size", "大小"), ("Frees", "释放"), ("Fate", "去向"), ("Why", "原因")] {
      text += "<th scope=\"col\">\(words.of(title.0, title.1))</th>"
    }
    text += "</tr></thead><tbody>\n"
    for index in largest { text += row(rows[index], words) }
    return text + "</tbody></table></div>"
  }

  private static func paragraph(_ text: String) -> String { "<p>\(HTMLText.escape(text))</p>\n" }

  private static func figures(_ plan: Plan, _ rows: [ReportRow], _ words: Words) -> String {
    let going = plan.actions.filter { $0.verb != .backup }
    let pairs = [
      (words.of("In runs and trash", "训练与回收站"), Quantities.size(rows.map(\.bytes).sum)),
      (words.of("Goes", "移走"), Quantities.size(going.map(\.bytes).sum)),
      (words.of("Free at once", "立即释放"), Quantities.size(plan.actions.map(\.freesNow).sum)),
      (words.of("Free later", "稍后释放"), Quantities.size(plan.actions.map(\.freesLater).sum)),
    ]
    return "<ul>" + pairs.map { "<li>\($0.0): <strong>\($0.1)</strong></li>" }.joined() + "</ul>\n"
  }

  private static func row(_ row: ReportRow, _ words: Words) -> String {
    let freed = row.freesNow.addingReportingOverflow(row.freesLater).partialValue
    let cells = [
      row.user.map { DisplayText.escape($0) } ?? "", Quantities.size(row.bytes),
      freed > 0 ? Quantities.size(freed) : "",
      words.of(row.fate), row.why.map { words.of($0) }.joined(separator: words.of("; ", "；")),
    ]
    let path = row.key.path.isEmpty ? row.key.root : row.key.path
    return "<tr><th scope=\"row\">\(HTMLText.escape(DisplayText.escape(path)))</th>"
      + cells.map { "<td>\(HTMLText.escape($0))</td>" }.joined() + "</tr>\n"
  }

  /// One of the two languages.
  private struct Words {
    let language: PlanReport.Language
    init(_ language: PlanReport.Language) { self.language = language }

    func of(_ english: String, _ chinese: String) -> String { language == .chinese ? chinese : english }
    func of(_ phrase: Bilingual) -> String { phrase.text(language) }

    func of(_ clause: ReportClause) -> String {
      let parts = clause.parts.map { of($0) }.joined(separator: of(", ", "，"))
      guard let rule = clause.rule.map({ DisplayText.escape($0) }) else { return parts }
      return parts.isEmpty ? rule : rule + of(": ", "：") + parts
    }

    func of(_ fate: Fate) -> String {
      switch fate {
      case .purge: of("purge", "清除")
      case .trash: of("trash", "移入回收站")
      case .archive: of("archive", "归档")
      case .thin: of("thin out", "精简")
      case .backup: of("back up", "备份")
      case .held: of("held", "被保留")
      case .undecided: of("undecided", "未决")
      case .kept: of("stays", "留下")
      case .trashed: of("in the trash", "在回收站")
      }
    }
  }
}
