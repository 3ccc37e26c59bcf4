internal import PolicyCore

/// What a tree holds, in a few lines for people.
public enum SurveyText {
  public static func render(_ survey: TreeSurvey, style: TextStyle) -> String {
    let places = survey.roots.map { DisplayText.escape($0.path) }.joined(separator: ", ")
    var lines = style.heading(places, Quantities.size(survey.runs.bytes))
    func row(_ label: String, _ text: String) {
      guard !text.isEmpty else { return }
      lines += style.row(.init(text: "  ", columns: 2), name: label, nameColumns: 11, [text])
    }
    row("runs", "\(survey.runs.count)")
    row("frameworks", list(survey.layouts.map { ($0.name, $0.sum) }))
    row("users", list(survey.users.map { (DisplayText.escape($0.name), $0.sum) }))
    row("states", list(survey.states))
    row("checkpoints", list(survey.roles))
    row("best scores", scores(survey))
    if survey.unreadable > 0 { row("unreadable", Quantities.count(survey.unreadable, "place")) }
    if survey.unrecognised > 0 {
      row("unknown", Quantities.count(survey.unrecognised, "folder") + " that no layout knows as a run")
    }
    if survey.trash.count > 0 {
      row("trash", "\(Quantities.count(survey.trash.count, "item")), \(Quantities.size(survey.trash.bytes))")
    }
    return lines.map(\.trimmedEnd).joined(separator: "\n") + "\n"
  }

  /// `alice 9 (120 MiB), bob 7 (80.0 MiB), 3 more`
  private static func list(_ sums: [(name: String, sum: TreeSurvey.Sum)]) -> String {
    let shown = sums.prefix(6).map { name, sum in
      DisplayText.tied("\(name.isEmpty ? "?" : name) \(sum.count)")
        + " (\(DisplayText.tied(Quantities.size(sum.bytes))))"
    }
    return (shown + (sums.count > 6 ? ["\(sums.count - 6) more"] : [])).joined(separator: ", ")
  }

  private static func scores(_ survey: TreeSurvey) -> String {
    survey.measures.filter { !$0.name.hasPrefix("train.") }.prefix(3).compactMap { measure in
      measure.scores.first.map { best in
        let name = best.path.isEmpty ? "." : DisplayText.escape(best.path)
        return "\(measure.name) \(best.text) (\(name); \(Quantities.count(measure.scores.count, "run")))"
      }
    }.joined(separator: ", ")
  }
}
