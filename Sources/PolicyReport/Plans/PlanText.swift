internal import PolicyCore
public import PolicyFormats

/// A plan as people read it: what it comes to, then every action with its reason and its near misses, then what stays.
public enum PlanText {
  /// `savedAs`: where the plan lies, for the line that says how to apply it, which `next` asks for. `all`: list what
  /// stays, too.
  public static func render(
    _ sealed: SealedPlan, savedAs: String?, all: Bool, next: Bool = true, style: TextStyle
  ) -> String {
    let page = PlanPage(sealed: sealed, style: style)
    var sections = [page.summary()]
    if !sealed.plan.refusals.isEmpty { sections.append(page.refusals()) }
    sections += page.actions()
    sections += page.stays(all: all)
    let checks = page.checks()
    if !checks.isEmpty { sections.append(checks) }
    if next { sections.append(page.next(savedAs)) }
    return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }
}

struct PlanPage {
  let sealed: SealedPlan
  let style: TextStyle
  var plan: Plan { sealed.plan }

  func summary() -> [String] {
    let name = DisplayText.escape(sealed.policyHeader.name ?? "policy")
    let left = "\(name)  at \(Quantities.minute(plan.now))"
    let right = "plan \(Quantities.short(sealed.digest))"
    let gap = max(2, style.width - DisplayText.width(left) - right.utf8.count)
    var lines = [style.paint(left, .bold) + String(repeating: " ", count: gap) + style.paint(right, .dim)]
    var parts: [String] = []
    for verb in ActionVerb.allCases {
      let actions = plan.actions.filter { $0.verb == verb }
      guard !actions.isEmpty else { continue }
      let bytes = actions.reduce(Int64(0)) { $0 &+ $1.bytes }
      parts.append("\(Self.things(actions)) to \(verb.rawValue), \(Quantities.size(bytes))")
    }
    lines += DisplayText.wrap(
      parts.isEmpty ? "nothing to do" : parts.joined(separator: "; "), to: style.width)
    let now = plan.actions.reduce(Int64(0)) { $0 &+ $1.freesNow }
    let later = plan.actions.reduce(Int64(0)) { $0 &+ $1.freesLater }
    if !plan.actions.isEmpty {
      lines += DisplayText.wrap(
        "frees \(Quantities.size(now)) now, \(Quantities.size(later)) when the trash is purged", to: style.width)
    }
    lines += counts("runs", plan.counts.runs) + counts("checkpoints", plan.counts.checkpoints)
    if plan.counts.unreadable > 0 {
      lines.append("\(Quantities.count(plan.counts.unreadable, "place")) could not be read and stays as it is")
    }
    return lines
  }

  private func counts(_ kind: String, _ counts: Plan.Counts.Kind) -> [String] {
    guard counts.total > 0 else { return [] }
    var parts = ["\(counts.kept) kept", "\(counts.protected) protected", "\(counts.undecided) undecided"]
    if counts.withRun > 0 { parts.append("\(counts.withRun) going with their run") }
    return DisplayText.wrap("of \(counts.total) \(kind): \(parts.joined(separator: ", "))", to: style.width)
  }

  static func things(_ actions: [Action]) -> String {
    let runs = actions.count { $0.kind == .run }
    let others = actions.count - runs
    return [
      runs > 0 ? Quantities.count(runs, "run") : nil, others > 0 ? Quantities.count(others, "checkpoint") : nil,
    ].compactMap(\.self).joined(separator: " and ")
  }

  func refusals() -> [String] {
    var lines = [style.paint("REFUSED: this plan will not be applied", .red)]
    for refusal in plan.refusals {
      for (index, line) in DisplayText.wrap(DisplayText.escape(refusal), to: style.width - 4).enumerated() {
        lines.append((index == 0 ? "  - " : "    ") + line)
      }
    }
    let onlyLimits = plan.checks.allSatisfy { $0.holds || $0.subject == .limit }
    let help =
      onlyLimits
      ? "look at it; to release this one plan from its limits: policy apply PLAN --acknowledge \(sealed.digest)"
      : "add a keep or protect for what must never go; a `never` cannot be acknowledged"
    return lines + DisplayText.wrap(help, to: style.width - 2).map { "  \($0)" }
  }

  // MARK: Actions

  /// One section a directory: destructive lines are never collapsed.
  func actions() -> [[String]] {
    var groups: [(folder: String, actions: [Action])] = []
    var places: [String: Int] = [:]
    for action in plan.actions {
      let folder = Self.folder(action)
      if let place = places[folder] {
        groups[place].actions.append(action)
      } else {
        places[folder] = groups.count
        groups.append((folder, [action]))
      }
    }
    return groups.map { group in
      let names = group.actions.map { DisplayText.escape($0.path.isEmpty ? "." : $0.path.lastComponent) }
      let width = min(names.map(DisplayText.width).max() ?? 0, max(12, style.width / 3))
      return [style.paint(group.folder, .bold)]
        + zip(group.actions, names).flatMap { line($0, name: $1, width) }
    }
  }

  private static func folder(_ action: Action) -> String {
    let parent = ByteString(
      Array(action.path.components.dropLast().map(\.bytes).joined(separator: [UInt8(ascii: "/")])))
    return DisplayText.escape(parent.isEmpty ? action.root : parent)
  }

  private func line(_ action: Action, name: String, _ width: Int) -> [String] {
    let ink: TextStyle.Ink = action.verb == .purge ? .red : action.verb == .trash ? .yellow : .green
    let verb = style.paint(DisplayText.pad(action.verb.rawValue, to: 7), ink)
    let size = DisplayText.padLeft(Quantities.size(action.bytes), to: 9)
    let indent = 2 + 7 + 1 + width + 2 + 9 + 2
    var text = action.because.map(Phrases.reason)
    if let target = action.target, action.verb != .trash { text.append("to \(DisplayText.escape(target))") }
    let misses = Phrases.nearMisses(action.notKept)
    if !misses.isEmpty { text.append("not kept: " + misses) }
    // A long name, or a narrow terminal, puts the reasons on lines of their own.
    let room = style.width - indent
    let head = "  \(verb) \(DisplayText.pad(name, to: width))  \(size)"
    guard room >= 30, DisplayText.width(name) <= width else {
      let lines = text.flatMap { DisplayText.wrap($0, to: style.width - 10) }
      return ["  \(verb) \(name)", "          \(Quantities.size(action.bytes))"] + lines.map { "          " + $0 }
    }
    let lines = text.flatMap { DisplayText.wrap($0, to: room) }
    let margin = String(repeating: " ", count: indent)
    return [head + "  " + (lines.first ?? "")] + lines.dropFirst().map { margin + $0 }
  }

  // MARK: What stays

  func stays(all: Bool) -> [[String]] {
    var sections: [[String]] = []
    if !plan.held.isEmpty { sections.append(held(all: all)) }
    if !plan.undecided.isEmpty {
      var lines = [style.paint("undecided, so they stay", .bold)]
      for undecided in plan.undecided.prefix(all ? .max : 10) {
        let questions = undecided.questions.map { question in
          let unknown = Phrases.readings(question.unknown)
          return unknown.isEmpty ? question.rule : "\(question.rule): \(unknown)"
        }
        lines += entry(DisplayText.escape(undecided.path), questions.joined(separator: "; "))
      }
      if !all, plan.undecided.count > 10 { lines.append("  and \(plan.undecided.count - 10) more (--all lists them)") }
      sections.append(lines)
    }
    if !plan.unmet.isEmpty {
      var lines = [style.paint("not met", .bold)]
      for unmet in plan.unmet { lines += DisplayText.wrap(sentence(unmet), to: style.width - 2).map { "  \($0)" } }
      sections.append(lines)
    }
    return sections
  }

  private func held(all: Bool) -> [String] {
    guard !all else {
      return [style.paint("kept although a rule wanted them gone", .bold)]
        + plan.held.flatMap { held in
          entry(
            DisplayText.escape(held.path),
            "\(held.by.map(Phrases.holder).joined(separator: ", ")); wanted by \(held.wanted.joined(separator: ", "))")
        }
    }
    var votes: [String: Int] = [:]
    for held in plan.held { for holder in held.by { votes[holder.rule, default: 0] += 1 } }
    let rules = votes.keys.sorted { (-(votes[$0] ?? 0), $0) < (-(votes[$1] ?? 0), $1) }
      .map { "\($0) \(votes[$0] ?? 0)" }.joined(separator: ", ")
    let runs = plan.held.count { $0.kind == .run }
    let things = [
      runs > 0 ? Quantities.count(runs, "run") : nil,
      plan.held.count > runs ? Quantities.count(plan.held.count - runs, "checkpoint") : nil,
    ].compactMap(\.self).joined(separator: " and ")
    let text = "kept although a rule wanted them gone: \(things), by \(rules) (--all lists them)"
    return DisplayText.wrap(text, to: style.width)
  }

  private func entry(_ name: String, _ text: String) -> [String] {
    let room = style.width - 4 - DisplayText.width(name)
    guard DisplayText.width(text) > room else { return ["  \(name)  \(text)"] }
    return ["  \(name)"] + DisplayText.wrap(text, to: style.width - 6).map { "      \($0)" }
  }

  private func sentence(_ unmet: Unmet) -> String {
    let group = unmet.group.map { DisplayText.escape($0.value) }.joined(separator: ", ")
    var text = "\(unmet.id): \(group.isEmpty ? "all" : group) stays at \(Quantities.size(unmet.usage)),"
    text += " wanted \(Quantities.size(unmet.target))"
    if unmet.later > 0 { text += "; \(Quantities.size(unmet.later)) more are free when the trash is purged" }
    if !unmet.heldBy.isEmpty { text += "; held by \(unmet.heldBy.joined(separator: ", "))" }
    return text
  }

  func checks() -> [String] {
    plan.checks.isEmpty
      ? []
      : DisplayText.wrap(
        plan.checks.map { check in
          switch check.subject {
          case .never: "never \(check.name): \(check.holds ? "holds" : "DOES NOT HOLD")"
          case .limit:
            check.name.hasSuffix("_bytes")
              ? "\(check.name): \(Quantities.size(check.value ?? 0)) of \(Quantities.size(check.maximum ?? 0))"
              : "\(check.name): \(check.value ?? 0) of \(check.maximum ?? 0)"
          }
        }.joined(separator: "   "), to: style.width)
  }

  func next(_ savedAs: String?) -> [String] {
    guard !plan.actions.isEmpty else { return [] }
    if plan.refusals.isEmpty, let obstacle = sealed.obstacles.first {
      return DisplayText.wrap("to be read, not applied: \(obstacle)", to: style.width)
    }
    guard plan.refusals.isEmpty else { return [] }
    guard let savedAs else {
      return DisplayText.wrap(
        "nothing was changed; save this plan with -o plan.json to apply it as it is", to: style.width)
    }
    return ["nothing was changed; to do this: policy apply \(DisplayText.escape(savedAs))"]
  }
}
