internal import PolicyCore
public import PolicyFormats

/// A plan as people read it: what it comes to, then every action with its reason and its near misses, then what stays,
/// then what to type next.
public enum PlanText {
  /// `savedAs`: where the plan lies, for the line that says how to apply it, which `next` asks for. `all`: list what
  /// stays, too. `view`: only what concerns one user.
  public static func render(
    _ sealed: SealedPlan, savedAs: String?, all: Bool, next: Bool = true, view: UserView? = nil, style: TextStyle
  ) -> String {
    let page = PlanPage(sealed: sealed, style: style, all: all, view: view)
    var sections = [page.summary(), page.refusals(), page.rules()]
    sections += page.actions()
    sections += [page.held(), page.undecided(), page.unmet(), page.checks()]
    sections.append(view != nil ? page.viewed() : next ? page.next(savedAs) : [])
    return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }
}

/// The sections of a plan's text.
struct PlanPage {
  let sealed: SealedPlan
  let style: TextStyle
  let all: Bool
  let view: UserView?
  let phrases: Phrases

  init(sealed: SealedPlan, style: TextStyle, all: Bool, view: UserView? = nil) {
    self.sealed = sealed
    self.view = view
    self.style = style
    self.all = all
    phrases = Phrases(sealed.policyHeader.core)
  }

  var plan: Plan { view?.plan ?? sealed.plan }

  // MARK: The first lines

  func summary() -> [String] {
    let name = DisplayText.escape(sealed.policyHeader.name ?? "policy")
    let heading = style.heading(
      "\(name)  at \(Quantities.minute(plan.now))", "plan \(Quantities.short(sealed.digest))")
    var rows: [(label: String, figure: String, text: String)] = []
    let actions = plan.actions
    for verb in ActionVerb.allCases {
      let places = actions.indices.filter { actions[$0].verb == verb }
      guard !places.isEmpty else { continue }
      let things = Self.things(places.map { actions[$0].kind })
      rows.append(("to \(verb.rawValue)", Quantities.size(places.map { actions[$0].bytes }.sum), things))
    }
    if rows.isEmpty {
      rows.append(("nothing to do", "", ""))
    } else {
      rows += frees()
    }
    // The counts are everybody's.
    guard view == nil else { return heading + figures(rows) }
    rows += counts("runs", plan.counts.runs) + counts("checkpoints", plan.counts.checkpoints)
    if plan.counts.unreadable > 0 {
      rows.append(
        (
          "unreadable", "\(plan.counts.unreadable)",
          Quantities.plural(plan.counts.unreadable, "place") + " that could not be looked into"
        ))
    }
    if plan.counts.skippedByQuota > 0 {
      rows.append(("outside quotas", "\(plan.counts.skippedByQuota)", "because nobody knows whose they are"))
    }
    return heading + figures(rows)
  }

  /// Labels at the left, figures with their last digits below each other, words beside them.
  private func figures(_ rows: [(label: String, figure: String, text: String)]) -> [String] {
    let labels = rows.filter { !$0.figure.isEmpty }.map { DisplayText.width($0.label) }.max() ?? 0
    let figures = rows.map { DisplayText.width($0.figure) }.max() ?? 0
    return rows.flatMap { row -> [String] in
      guard !row.figure.isEmpty else { return ["  " + row.label] }
      let lead = "  " + DisplayText.pad(row.label, to: labels) + "  "
      return style.row(
        .init(text: lead, columns: labels + 4), name: DisplayText.padLeft(row.figure, to: figures),
        nameColumns: figures, [row.text])
    }
  }

  private func frees() -> [(label: String, figure: String, text: String)] {
    var volumes: [ByteString] = []
    for action in plan.actions {
      if let volume = action.freesVolume, !volumes.contains(volume) { volumes.append(volume) }
    }
    func places(_ bytes: (Action) -> Int64) -> String {
      guard volumes.count > 1 else { return "" }
      let parts = volumes.map { volume in (volume, plan.actions.filter { $0.freesVolume == volume }.map(bytes).sum) }
      return parts.filter { $0.1 > 0 }
        .map { "\(Quantities.size($0.1)) on \(DisplayText.escape($0.0))" }.joined(separator: ", ")
    }
    let now = ("frees now", Quantities.size(plan.actions.map(\.freesNow).sum), places(\.freesNow))
    let later = plan.actions.map(\.freesLater).sum
    guard later > 0 else { return [now] }
    let when: String
    switch Self.wait(plan.actions) {
    case .uniform(let wait): when = "when the trash is purged, \(wait.spelled) after the move"
    case .byHand: when = "only when you purge the trash by hand"
    case .various: when = "when the trash is purged"
    }
    let place = places(\.freesLater)
    return [now, ("frees later", Quantities.size(later), when + (place.isEmpty ? "" : ": " + place))]
  }

  /// How long things of a plan stay in the trash.
  enum Wait {
    case uniform(TimeSpan)
    case byHand
    case various
  }

  static func wait(_ actions: [Action]) -> Wait {
    let waits = actions.indices.filter { actions[$0].verb == .trash }.map { actions[$0].purgeAfter }
    guard let wait = waits.first, waits.allSatisfy({ $0 == wait }) else { return .various }
    return wait.map { .uniform($0) } ?? .byHand
  }

  private func counts(_ label: String, _ counts: Plan.Counts.Kind) -> [(label: String, figure: String, text: String)] {
    guard counts.total > 0 else { return [] }
    let parts = [
      (counts.archive, "to archive"), (counts.trash, "to trash"), (counts.withRun, "going with their run"),
      (counts.kept, "kept"), (counts.protected, "protected"), (counts.undecided, "undecided"),
    ]
    let text = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    return [(label, "\(counts.total)", text)]
  }

  /// `4 runs, 2 checkpoints`
  static func things(_ kinds: [EntityKind]) -> String {
    let runs = kinds.count { $0 == .run }
    let others = kinds.count - runs
    return [
      runs > 0 ? Quantities.count(runs, "run") : nil, others > 0 ? Quantities.count(others, "checkpoint") : nil,
    ].compactMap(\.self).joined(separator: ", ")
  }

  // MARK: Refused

  func refusals() -> [String] {
    guard !plan.refusals.isEmpty else { return [] }
    var lines = [style.paint("REFUSED: this plan will not be applied", .red)]
    for text in Self.refusals(of: plan) {
      lines += style.indented(text, by: 4).enumerated().map { $0 == 0 ? "  - " + $1.dropFirst(4) : $1 }
    }
    if plan.checks.allSatisfy({ $0.holds || $0.subject == .limit }) {
      lines += style.indented(
        "look at every action; if all of it is meant, release this one plan from its limits:", by: 2)
      lines += style.command("policy apply PLAN --acknowledge \(sealed.digest)")
    } else {
      lines += style.indented("add a keep or protect for what must never go; a `never` cannot be acknowledged", by: 2)
    }
    return lines
  }

  /// Why a plan is refused, each in a sentence.
  static func refusals(of plan: Plan) -> [String] {
    let failing = plan.checks.filter { !$0.holds }
    return failing.count == plan.refusals.count ? failing.map(refusal) : plan.refusals.map(DisplayText.escape)
  }

  static func refusal(_ check: Check) -> String {
    switch check.subject {
    case .limit: return "limit \(check.name): \(value(check)), at most \(maximum(check)) allowed"
    case .never:
      let named = check.violators.prefix(3).map { DisplayText.escape($0) }.joined(separator: ", ")
      let more = check.violators.count > 3 ? " and \(check.violators.count - 3) more" : ""
      return "never \(check.name) does not hold" + (named.isEmpty ? "" : ": \(named)\(more) would go")
    }
  }

  static func value(_ check: Check) -> String { figure(check.value, check.name) }
  static func maximum(_ check: Check) -> String { figure(check.maximum, check.name) }

  private static func figure(_ value: Int64?, _ name: String) -> String {
    name.hasSuffix("_bytes") ? Quantities.size(value ?? 0) : String(value ?? 0)
  }
}

extension [Int64] {
  /// Clamped where it does not fit.
  var sum: Int64 {
    reduce(0) { total, next in
      let (sum, overflow) = total.addingReportingOverflow(next)
      return overflow ? (next < 0 ? .min : .max) : sum
    }
  }
}
