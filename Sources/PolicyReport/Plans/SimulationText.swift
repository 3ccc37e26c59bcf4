internal import PolicyCore

/// A simulation as people read it: a line for every moment at which something happens, then what is left.
public enum SimulationText {
  public static func render(_ report: SimulationReport, style: TextStyle) -> String {
    let page = SimulationPage(report: report, style: style)
    return [page.heading(), page.table(), page.end(), page.sequel()].filter { !$0.isEmpty }
      .map { $0.map(\.trimmedEnd).joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }
}

struct SimulationPage {
  let report: SimulationReport
  let style: TextStyle

  /// Dates alone, where all ticks are at one time of the day.
  private var showsTime: Bool {
    guard let every = report.every else { return true }
    return every.nanoseconds % TimeSpan.days(1).nanoseconds != 0
  }

  private func date(_ moment: Timestamp) -> String {
    let text = Quantities.minute(moment)
    return showsTime ? text : String(text.prefix { $0 != " " })
  }

  // MARK: The first lines

  func heading() -> [String] {
    let name = DisplayText.escape(report.policy ?? "policy")
    let ticks = Quantities.count(report.ticks, report.every == nil ? "recorded snapshot" : "tick")
    let title = style.heading(name, ticks)
    let span = "from \(Quantities.minute(report.from)) to \(Quantities.minute(report.to))"
    return title + style.indented(span + (report.every.map { ", every \($0.spelled)" } ?? ""), by: 2)
      + style.indented(
        report.every == nil
          ? "each snapshot for itself: what the policy would have done with it"
          : "only time moves and only the policy acts: nobody trains, nothing is written", by: 2)
  }

  // MARK: What happens

  private var isNarrow: Bool { style.width < 60 }

  func table() -> [String] {
    var lines: [String] = []
    let columns = showsTime ? 17 : 10
    if !isNarrow, report.steps.contains(where: { $0.refusals.isEmpty && !$0.actions.isEmpty }) {
      let head = [
        DisplayText.pad("date", to: columns), "trash", "purge", DisplayText.padLeft("freed", to: 8),
        DisplayText.padLeft("in use", to: 8),
      ].joined(separator: "  ")
      lines.append(style.paint("  " + head, .dim))
    }
    var quietSince: Timestamp? = report.from
    var wasRefused = false
    for step in report.steps {
      if let since = quietSince, since < step.at, report.every != nil {
        lines += gap("until \(date(step.at))", wasRefused)
      }
      lines += row(step, columns)
      quietSince = report.every.flatMap { step.at.advanced(by: $0) }
      wasRefused = !step.refusals.isEmpty
    }
    if report.every != nil, report.steps.isEmpty || quietSince.map({ $0 <= report.to }) ?? false {
      lines += gap("until \(date(report.to)), the end", wasRefused)
    }
    return lines
  }

  private func gap(_ text: String, _ wasRefused: Bool) -> [String] {
    style.indented(wasRefused ? "the same \(text)" : "nothing \(text)", by: 2).map { style.paint($0, .dim) }
  }

  private func row(_ step: SimulationReport.Step, _ columns: Int) -> [String] {
    let when = DisplayText.pad(date(step.at), to: columns)
    guard step.refusals.isEmpty else {
      let lead = TextStyle.Lead(
        text: "  \(when)  " + style.paint("REFUSED", .red), columns: columns + 11)
      let planned = Self.groups(step.actions)
      return style.row(lead, name: "", nameColumns: 0, step.refusals.map { DisplayText.escape($0) } + planned, below: 4)
    }
    guard !step.actions.isEmpty else {
      let text = report.every == nil ? "nothing to do" : "no longer refused, nothing to do"
      return style.row(.init(text: "  \(when)", columns: columns + 2), name: "", nameColumns: 0, [text], below: 4)
    }
    let trashed = step.actions.count { $0.verb == .trash }
    let purged = step.actions.count { $0.verb == .purge }
    let (freed, used) = (Quantities.size(step.freed), Quantities.size(step.after.inUse))
    guard !isNarrow else {
      let figures = "trash \(trashed), purge \(purged), freed \(freed), in use \(used)"
      return ["  \(when)"] + ([figures] + Self.groups(step.actions)).flatMap { style.indented($0, by: 4) }
    }
    func number(_ count: Int) -> String { count == 0 ? "-" : String(count) }
    let figures: [(text: String, columns: Int)] = [
      (number(trashed), 5), (number(purged), 5), (step.freed == 0 ? "-" : freed, 8), (used, 8),
    ]
    let cells = "  " + when + figures.map { "  " + DisplayText.padLeft($0.text, to: $0.columns) }.joined()
    let groups = Self.groups(step.actions)
    // One line where it fits.
    if groups.count == 1, DisplayText.width(cells) + 2 + DisplayText.width(groups[0]) <= style.width {
      return [cells + "  " + groups[0]]
    }
    return [cells] + groups.flatMap { style.indented($0, by: 6) }
  }

  /// What goes for the same rules, together: `stale: alice/exp1, alice/exp2`.
  private static func groups(_ actions: [Action]) -> [String] {
    func words(_ action: Action) -> String {
      let rules = action.because.map(\.rule).joined(separator: ", ")
      switch action.verb {
      case .trash: return rules
      case .purge where rules == "trash.purge_after": return "purge"
      case .purge, .archive, .backup: return "\(action.verb.rawValue) \(rules)"
      }
    }
    var groups: [(words: String, actions: [Action])] = []
    for action in actions {
      let text = words(action)
      if let place = groups.firstIndex(where: { $0.words == text }) {
        groups[place].actions.append(action)
      } else {
        groups.append((text, [action]))
      }
    }
    return groups.map { "\(DisplayText.escape($0.words)): \(names($0.actions))" }
  }

  /// Neighbours in one folder have its name once: `alice/exp1, exp2; bob/exp1`.
  private static func names(_ actions: [Action]) -> String {
    let most = actions.count > 12 ? 10 : 12
    var (folders, left): ([String], Int) = ([], most)
    for folder in Folding.groups(actions, alike: isBeside) where left > 0 {
      let paths = folder.map(\.path)
      if folder[0].kind == .checkpoint, paths.count > 1 {
        folders.append(Folding.title(paths))
        left -= paths.count
        continue
      }
      let first = DisplayText.escape(paths[0].isEmpty ? folder[0].root : paths[0])
      let others = paths.dropFirst().prefix(left - 1).map { DisplayText.escape($0.lastComponent) }
      folders.append(([first] + others).joined(separator: ", "))
      left -= 1 + others.count
    }
    let more = actions.count - (most - left)
    return folders.joined(separator: "; ") + (more > 0 ? " and \(more) more" : "")
  }

  private static func isBeside(_ left: Action, _ right: Action) -> Bool {
    left.kind == right.kind && left.host == right.host && left.root == right.root
      && left.path.parent == right.path.parent
  }

  // MARK: What is left

  static func things(_ runs: Int, _ checkpoints: Int) -> String {
    var parts: [String] = []
    if runs > 0 { parts.append(Quantities.count(runs, "run")) }
    if checkpoints > 0 { parts.append(Quantities.count(checkpoints, "checkpoint")) }
    return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
  }

  func end() -> [String] {
    let end = report.end
    var lines = ["\(report.every == nil ? "after the last" : "at the end"), \(Quantities.minute(report.to))"]
    lines += style.indented("\(Self.things(end.runs, end.checkpoints)), \(Quantities.size(end.bytes))", by: 2)
    if end.trashed > 0 {
      lines += style.indented(
        "in the trash \(Quantities.count(end.trashed, "item")), \(Quantities.size(end.trashedBytes))", by: 2)
    }
    for mark in report.watermarks {
      let volume = end.volumes.first { $0.host == mark.volume.host && $0.path == mark.volume.path } ?? mark.volume
      let name = DisplayText.escape(volume.path)
      let low = "\(Quantities.size(mark.low)), the low of \(mark.id)"
      let text =
        if let at = mark.at {
          "\(name) falls to \(low), on \(date(at))"
        } else if mark.wasLow {
          "\(name) is below \(low), all the time"
        } else {
          "\(name) never falls to \(low): at the end \(Quantities.size(volume.used)) of \(Quantities.size(volume.size))"
        }
      lines += style.indented(text, by: 2)
    }
    for unmet in report.steps.last(where: { $0.refusals.isEmpty })?.unmet ?? [] where unmet.want == .quota {
      let group = unmet.group.map { DisplayText.escape($0.value) }.joined(separator: ", ")
      lines += style.indented(
        "\(unmet.id) is not met\(group.isEmpty ? "" : " for \(group)"): \(Quantities.size(unmet.usage)), aimed at "
          + "\(Quantities.size(unmet.target))", by: 2)
    }
    return lines
  }

  func sequel() -> [String] {
    guard let sequel = report.sequel else { return [] }
    var lines: [String] = []
    if let last = sequel.last {
      let things = Self.things(sequel.runs, sequel.checkpoints)
      lines += style.sentence("later go \(things), \(Quantities.size(sequel.bytes)), the last on \(date(last))")
    }
    if let until = sequel.followedUntil {
      return lines + style.sentence("what stays for ever is not known: not followed beyond \(Quantities.minute(until))")
    }
    guard !sequel.stays.isEmpty else { return lines + ["nothing stays for ever"] }
    lines.append("for ever stay")
    let figures = sequel.stays.map { Quantities.size($0.bytes) }
    let columns = figures.map { DisplayText.width($0) }.max() ?? 0
    for (group, figure) in zip(sequel.stays, figures) {
      lines += style.row(
        .init(text: "  ", columns: 2), name: DisplayText.padLeft(figure, to: columns), nameColumns: columns,
        ["\(Self.things(group.runs, group.checkpoints)): \(Self.why(group))"])
    }
    return lines
  }

  private static func why(_ group: SimulationReport.Staying) -> String {
    let rules = DisplayText.escape(group.rules.joined(separator: ", "))
    switch group.why {
    case .held: return rules.isEmpty ? "held" : "held by \(rules)"
    case .unwanted: return "no rule wants \(group.runs + group.checkpoints == 1 ? "it" : "them") gone"
    case .undecided: return "cannot be decided by \(rules)"
    case .refused: return "the plan is refused by \(rules)"
    }
  }
}
