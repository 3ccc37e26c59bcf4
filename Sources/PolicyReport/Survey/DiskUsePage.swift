internal import PolicyCore

/// The sections of `policy why-full`. Together they fit a screen: a list is cut after five lines, and says so.
struct DiskUsePage {
  let use: DiskUse
  let style: TextStyle
  private let most = 5

  private var survey: TreeSurvey { use.survey }

  func volumes() -> [String] {
    use.volumes.flatMap { volume in
      style.heading(
        "\(DisplayText.escape(volume.path)) is \(Quantities.percent(volume.used, of: volume.size)) full",
        "\(Quantities.size(volume.used)) of \(Quantities.size(volume.size)) used, "
          + "\(Quantities.size(max(0, volume.size - volume.used))) free")
    }
  }

  private func size(_ bytes: Int64) -> String { DisplayText.padLeft(Quantities.size(bytes), to: 9) }

  /// A row of figures before a name of any length.
  private func row(_ bytes: Int64, name: String, columns: Int, _ text: String) -> [String] {
    style.row(.init(text: "  \(size(bytes))  ", columns: 13), name: name, nameColumns: columns, [text])
  }

  func whole() -> [String] {
    let runs =
      "\(Quantities.count(survey.runs.count, "run")), of that \(Quantities.size(survey.checkpoints.bytes)) in "
      + Quantities.count(survey.checkpoints.count, "checkpoint")
    var lines = style.heading(survey.roots.map { DisplayText.escape($0.path) }.joined(separator: ", "), "", ink: .bold)
    var rows: [(Int64, String, String)] = [(survey.runs.bytes, "runs", runs)]
    if survey.trash.count > 0 {
      let due =
        survey.nextPurge.map {
          $0 <= survey.now ? "; `policy trash purge` frees what is due" : "; the first goes \(Quantities.minute($0))"
        } ?? "; goes only by hand"
      rows.append((survey.trash.bytes, "trash", Quantities.count(survey.trash.count, "item") + due))
    }
    if survey.archived.count > 0 {
      rows.append((survey.archived.bytes, "archives", Quantities.count(survey.archived.count, "archived run")))
    }
    if use.volumes.count == 1, let used = use.volumes.first?.used, used > survey.runs.bytes + survey.trash.bytes {
      rows.append((used - survey.runs.bytes - survey.trash.bytes, "other", "whatever else is on this disk"))
    }
    for (bytes, name, text) in rows { lines += row(bytes, name: name, columns: 9, text) }
    return lines
  }

  private func cut<Row>(_ rows: [Row], _ name: String) -> [String] {
    rows.count > most ? ["             and \(rows.count - most) more (--format json lists every \(name))"] : []
  }

  private func share(_ bytes: Int64) -> String {
    guard survey.runs.bytes > 0 else { return "" }
    return "\(bytes.multipliedReportingOverflow(by: 100).partialValue / survey.runs.bytes)%, "
  }

  func users() -> [String] {
    guard !survey.users.isEmpty else { return [] }
    let shown = survey.users.prefix(most)
    let columns = style.nameColumns(shown.map { DisplayText.escape($0.name) })
    return style.heading("by user", "")
      + shown.flatMap { user, sum in
        let freed = use.freedByUser[user] ?? 0
        return row(
          sum.bytes, name: DisplayText.escape(user), columns: columns,
          share(sum.bytes) + Quantities.count(sum.count, "run")
            + (freed > 0 ? "; \(Quantities.size(freed)) could go" : ""))
      } + cut(survey.users, "user")
  }

  func frameworks() -> [String] {
    guard survey.runs.count > 0 else { return [] }
    let rest = max(0, survey.runs.bytes - survey.checkpoints.bytes)
    var rows = survey.roles.map { (Self.role($0.name), $0.sum.bytes, Quantities.count($0.sum.count, "checkpoint")) }
    rows.append(("other files", rest, "metrics, plots, logs"))
    rows.sort { $0.1 > $1.1 }
    let frameworks = survey.layouts.prefix(4).map {
      "\($0.name.isEmpty ? "?" : $0.name) \(Quantities.size($0.sum.bytes))"
    }
    let more = survey.layouts.count > 4 ? ["\(survey.layouts.count - 4) more"] : []
    return style.heading("by what it is", (frameworks + more).joined(separator: ", "))
      + rows.flatMap { row($0.1, name: $0.0, columns: 11, share($0.1) + $0.2) }
  }

  private static func role(_ name: String) -> String {
    name == "other" ? "unnamed" : name
  }

  /// Bytes by state and age, the columns as narrow as they may be.
  func ages() -> [String] {
    let states = FactSchema.states.filter { state in survey.aging[state]?.contains { $0.count > 0 } == true }
    guard !states.isEmpty else { return [] }
    let bounds = TreeSurvey.ages
    let heads =
      ["under \(bounds[0])d"] + zip(bounds, bounds.dropFirst()).map { "\($0)-\($1)d" } + ["over \(bounds.last ?? 0)d"]
    var lines = style.heading("by state and age", "")
    lines.append("               " + heads.map { DisplayText.padLeft($0, to: 10) }.joined())
    for state in states {
      let cells = (survey.aging[state] ?? []).map { sum in
        DisplayText.padLeft(sum.count == 0 ? "-" : Quantities.size(sum.bytes), to: 10)
      }
      lines.append("  " + DisplayText.pad(state, to: 13) + cells.joined())
    }
    return lines
  }

  func reliefs(_ policy: String?) -> [String] {
    let whose = policy.map { "the rules of \(DisplayText.escape($0))" } ?? "the rules that `policy init` would write"
    guard use.freed > 0 else {
      let lines = style.sentence("by \(whose), nothing here may go today")
      guard survey.trash.bytes > 0 else { return lines }
      return lines
        + style.sentence(
          "what lies in the trash, \(Quantities.size(survey.trash.bytes)), does: `policy trash list` says when, `policy trash "
            + "purge` takes what is due, and `policy trash purge --plan DIGEST --now-free` what a plan put there")
    }
    let columns = style.nameColumns(use.reliefs.prefix(most).map { DisplayText.escape($0.rule) })
    return style.heading("may go safely: \(Quantities.size(use.freed))", "by \(whose)")
      + use.reliefs.prefix(most).flatMap {
        row($0.bytes, name: DisplayText.escape($0.rule), columns: columns, PlanPage.things($0.kinds))
      } + cut(use.reliefs, "rule")
  }

  func next(_ policy: String?, _ place: String) -> [String] {
    guard use.freed > 0 else { return [] }
    guard let policy else {
      return style.sentence("to free it: write the rules down, look, and apply them")
        + style.command("policy init", place: place) + style.command("policy plan -p policy.yaml -o plan.json")
        + style.command("policy apply plan.json")
    }
    return style.sentence("to free it: look, and apply")
      + style.command("policy plan -p \(ShellWord.quote(ByteString(policy))) -o plan.json", place: place)
      + style.command("policy apply plan.json")
  }
}
