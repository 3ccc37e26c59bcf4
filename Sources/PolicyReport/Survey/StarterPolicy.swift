public import PolicyCore
internal import PolicyFormats

/// A first policy for a tree, with comments: what `policy init` writes.
///
/// It only lets go what can be compared: a run or checkpoint without a score stays, for nothing says what it is worth.
/// The floors (the newest, the best, what scores high) stand for every person, so that nobody's figures push out another's.
public struct StarterPolicy: Sendable {
  public let scan: ScanSettings
  private let roots: [ByteString]
  private let places: TreePlaces
  private let survey: TreeSurvey
  /// What runs are compared by: each speaks of runs that the ones before it leave out.
  private let measures: [TreeSurvey.Measure]
  private let hasSteps: Bool

  /// - Parameter first: what was read off the same tree under other settings: those that it asks for are kept, unless
  ///   folders name people to whom they do not belong.
  public init(_ snapshot: Snapshot, after first: StarterPolicy? = nil) {
    survey = TreeSurvey(snapshot)
    var places = first?.places ?? TreePlaces(snapshot)
    if snapshot.entities.contains(where: { $0.kind == .run && $0.facts.isUnreadable("user") }) { places.forgetUsers() }
    self.places = places
    roots = snapshot.roots.map(\.path)
    scan = ScanSettings(user: places.user.map { .pattern($0) } ?? .owner, project: places.project)
    let chosen = Self.choose(survey.measures)
    measures = chosen.isEmpty ? [Self.expected] : chosen
    hasSteps = survey.roles.contains { $0.name == "epoch" || $0.name == "step" }
  }

  /// Figures in the order in which people trust them, where as many runs have one.
  private static let preferred = [
    "mAP50", "accuracy_top1", "accuracy", "ema_dice", "mIoU", "f1", "auroc", "mAP50-95", "val.loss", "wer",
  ]

  /// Where no run has a score yet.
  private static let expected = TreeSurvey.Measure(name: "mAP50", type: .ratio, better: .higher, scores: [])

  /// Most runs first; then those that only runs without the first have, four at the most.
  private static func choose(_ all: [TreeSurvey.Measure]) -> [TreeSurvey.Measure] {
    var left = all.filter { preferred.contains($0.name) }
    var chosen: [TreeSurvey.Measure] = []
    var seen: Set<ByteString> = []
    while chosen.count < 4 {
      let fresh = left.map { measure in measure.scores.count { !seen.contains($0.path) } }
      guard let most = fresh.max(), most > 0 else { break }
      let candidates = left.indices.filter { fresh[$0] == most }
      guard let next = candidates.min(by: { place(left[$0]) < place(left[$1]) }) else { break }
      chosen.append(left[next])
      for score in left[next].scores { seen.insert(score.path) }
      left.remove(at: next)
    }
    return chosen
  }

  private static func place(_ measure: TreeSurvey.Measure) -> Int {
    preferred.firstIndex(of: measure.name) ?? preferred.count
  }

  // MARK: The text

  /// - Parameters:
  ///   - limit: the most that one plan may trash.
  ///   - file: how the file will be called, for the line that says what to type.
  public func text(limit: Int, file: String) -> String {
    let blocks = [header(file), head(), scanBlock(), params(), trash(limit), never(), rules(), ideas()]
    return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }

  private func header(_ file: String) -> [String] {
    let shown = DisplayText.escape(file)
    let day = String(survey.now.rfc3339.prefix(10))
    var lines = [
      "# What may go and what stays. Begun by `policy init` on \(day), when there were here",
      "# \(Quantities.count(survey.runs.count, "run")) of "
        + "\(Quantities.count(places.people ?? survey.users.count, "user")): \(Quantities.size(survey.runs.bytes)), of that "
        + "\(Quantities.size(survey.checkpoints.bytes)) in \(Quantities.count(survey.checkpoints.count, "checkpoint")).",
      "#", "# It is yours to change. This says what it would do, and changes nothing:",
      "#   policy plan -p \(shown)",
    ]
    if survey.runs.count == 0 { lines.insert("# No run was found, so it is only a beginning.", at: 2) }
    return lines
  }

  private func head() -> [String] {
    let names = roots.map(Self.scalar).joined(separator: ", ")
    return ["version: 1", "roots: [\(names)]"]
  }

  private func scanBlock() -> [String] {
    guard places.user != nil || places.project != nil else { return [] }
    var parts: [String] = []
    if let user = places.user { parts.append("user: \(Self.quoted(user))") }
    if let project = places.project { parts.append("project: \(Self.quoted(project))") }
    return [
      "# Whose run it is, and of which project, as the folders say.", "scan: { \(parts.joined(separator: ", ")) }",
    ]
  }

  private var needsGood: TreeSurvey.Measure? {
    measures.first { $0.type == .ratio && $0.better == .higher && threshold($0) != nil }
  }

  private func params() -> [String] {
    var lines = [
      "params:", "  recent: { default: 3, description: newest runs of each that stay whatever their score }",
      "  best: { default: 2, description: best runs of each that stay }",
    ]
    if let good = needsGood, let threshold = threshold(good) {
      lines.append("  good: { default: \(threshold), description: runs above this \(good.name) stay for ever }")
    }
    return lines
  }

  private func trash(_ limit: Int) -> [String] {
    [
      "# What goes lies in the trash for a week; `policy trash restore` brings it back.", "trash: { purge_after: 7d }",
      "", "# Over this nothing is done at all: a mistake in here shall not empty a disk.",
      "limits: { max_trash: \(limit) }",
    ]
  }

  private func never() -> [String] {
    guard let good = needsGood else { return [] }
    return [
      "# Whatever the rules say, a plan that would lose such weights is refused.", "never:",
      "  - id: no-good-model-lost", "    destroy: checkpoints",
      "    where: role == best and run.\(good.name) ?? 0 > $good",
    ]
  }

  // MARK: Rules

  private var per: String { places.project == nil ? "user" : "[user, project]" }

  private func rules() -> [String] {
    var lines = [
      "rules:", "  - id: recent", "    keep: runs",
      "    where: state != failed            # a start that failed is not one of the newest", "    per: \(per)",
      "    latest: $recent",
    ]
    for measure in measures {
      let best = measure.scores.first.map { "; the best: \($0.text), \(DisplayText.escape($0.path))" } ?? ""
      let known = measure.scores.isEmpty ? "no run has" : Quantities.count(measure.scores.count, "run has", "runs have")
      lines += [
        "", "  # \(known) \(measure.name)\(best)",
        "  - id: best-\(Self.id(measure))", "    keep: runs", "    per: \(per)",
        "    best: { n: $best, by: \(measure.name), missing: drop }",
      ]
    }
    if let good = needsGood {
      lines += ["", "  - id: good", "    keep: runs", "    where: \(good.name) ?? 0 > $good"]
    }
    if hasSteps { for measure in measures { lines += thin(measure) } }
    return lines + failed() + stale()
  }

  private func failed() -> [String] {
    [
      "", "  # Runs that ended before their first epoch.", "  - id: failed-starts", "    trash: runs",
      "    where: state == failed", "    after: 7d",
      "    allow: [{ code: P0330, because: failed starts are worth nothing }]",
    ]
  }

  private func stale() -> [String] {
    let known = measures.map { "\($0.name) is not missing" }.joined(separator: " or ")
    return [
      "", "  # Neither among the newest nor among the best, and quiet for a month. A run without a score",
      "  # stays: nothing says what it is worth.", "  - id: stale", "    trash: runs", "    where:",
      "      - state in [finished, interrupted]", "      - \(known)", "    after: 30d",
    ]
  }

  private func thin(_ measure: TreeSurvey.Measure) -> [String] {
    [
      "", "  # Of the numbered checkpoints in a finished run, its best by \(measure.name) and its newest stay; files",
      "  # named best and last are not spoken of.", "  - id: thin-by-\(Self.id(measure))", "    thin: checkpoints",
      "    where: run.state == finished and role in [epoch, step] and \(measure.name) is not missing",
      "    per: run", "    after: 7d", "    keep:",
      "      - best: { n: 1, by: \(measure.name), missing: drop }", "      - latest: 1",
    ]
  }

  /// What fits many servers, and nobody but its people can decide.
  private func ideas() -> [String] {
    var lines: [String] = []
    if places.people == nil, survey.users.count == 1, places.folders > 1 {
      lines += [
        "# All runs belong to one account. Where the first folder names the person:",
        "# scan: { user: \"{user}/**\" }", "",
      ]
    }
    let people = places.people ?? survey.users.count
    if people > 1 {
      let each = max(1, survey.runs.bytes / Int64(people) * 2 >> 30)
      lines += [
        "# So that nobody fills the disk for the others: of whoever is over the limit, the least goes first.",
        "# quotas:", "#   - id: each", "#     of: runs", "#     per: user", "#     limit: \(each)GiB", "#     evict:",
        "#       where: state in [finished, failed, interrupted] and age > 24h",
        "#       order: [state == failed first, \(order)finished_at asc]", "",
      ]
    }
    lines += [
      "# What must stay whatever happens: `policy pin RUN --because WHY`, or a name:", "#   - id: named-for-keeping",
      "#     protect: runs", "#     where: name matches \"*_keep\" or tags has \"keep\"",
    ]
    return lines
  }

  private var order: String {
    measures.first.map { "\($0.name) \($0.better == .higher ? "asc" : "desc"), " } ?? ""
  }

  // MARK: Words

  /// A score that about a tenth of the runs exceed: 0.8 where that does; `nil` where nobody has a good one yet.
  private func threshold(_ measure: TreeSurvey.Measure) -> String? {
    let tenth = measure.scores.count / 10
    let above = measure.scores.count { $0.value > Self.usual }
    if above > 0, above <= max(2, measure.scores.count / 4) { return "0.8" }
    guard measure.scores.indices.contains(tenth),
      let hundredths = measure.scores[tenth].value.scaled(100), hundredths > 10, hundredths <= 100
    else { return nil }
    // Below the score itself, so that it is among the good ones.
    let value = hundredths - 1
    return value.isMultiple(of: 10) ? "0.\(value / 10)" : "0.\(value < 10 ? "0" : "")\(value)"
  }

  private static let usual = ExactDecimal(parsing: "0.8".utf8) ?? .zero

  private static func id(_ measure: TreeSurvey.Measure) -> String { measure.name.replacing(".", with: "-") }

  private static func scalar(_ path: ByteString) -> String {
    let isPlain = path.bytes.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        || [UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ".")].contains(byte)
    }
    return isPlain && path.bytes.first == UInt8(ascii: "/") ? path.displayText : quoted(path)
  }

  /// A JSON string is one in YAML's double quotes.
  private static func quoted(_ text: ByteString) -> String {
    String(decoding: CanonicalJSON.encode(.string(text.displayText)), as: UTF8.self)
  }
}
