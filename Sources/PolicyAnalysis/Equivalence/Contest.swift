internal import PolicyCore

/// Two policies against each other.
struct Contest {
  let left: Policy
  let right: Policy
  let budget: PolicyComparer.Budget
  private var replays = 600
  private var universe: Universe?

  init(_ left: Policy, _ right: Policy, _ budget: PolicyComparer.Budget) {
    self.left = left
    self.right = right
    self.budget = budget
  }

  struct Outcome {
    var found: Difference?
    /// Why nothing is proved; empty if everything is.
    var open: [String] = []
    /// Quotas and pressure are the same and meet the same votes (`VoteAgreement`).
    var votesAgree = false
  }

  mutating func run() -> Outcome {
    if let difference = purges() { return Outcome(found: difference) }
    do throws(BudgetSpent) {
      // Kept even where the proof is too dear: the random search needs it.
      universe = try Universe([left, right])
      let meanings = try PolicyMeaning.of([left, right], budget: budget.nodes)
      return try settle(meanings[0], meanings[1])
    } catch {
      return Outcome(open: ["the search for a proof took more than its budget"])
    }
  }

  private mutating func settle(_ a: PolicyMeaning, _ b: PolicyMeaning) throws(BudgetSpent) -> Outcome {
    var outcome = Outcome()
    let builder = SceneBuilder(
      universe: a.compiler.universe, compiler: a.compiler, axioms: a.axioms, root: Scene.root(of: left))
    let lonely = try builder.withoutRivals()
    for question in try questions(a, b) {
      let open = try a.diagrams.and(a.axioms, question.differ)
      if open.isEmpty { continue }
      // What needs no rivals makes the smallest example.
      for set in [try a.diagrams.and(open, lonely), open] where !set.isEmpty {
        if let difference = try smallest(in: set, question.subject, builder) { return Outcome(found: difference) }
      }
      outcome.open.append("no snapshot was found for a possible difference in what \(question.what)")
    }
    if let difference = try levels(a, b, builder) { return Outcome(found: difference) }
    for question in try nestedQuestions(a, b) {
      if let difference = try nested(question, builder) { return Outcome(found: difference) }
      outcome.open.append("no snapshot was found for a possible difference in what \(question.what)")
    }
    a.diagrams.renewBudget()
    do throws(BudgetSpent) { outcome.votesAgree = try VoteAgreement.holds(a, b) } catch {}
    return outcome
  }

  /// Of the differences that models of a set show, the one in the smallest world.
  private mutating func smallest(
    in set: Diagram, _ subject: Subject, _ builder: SceneBuilder
  ) throws(BudgetSpent) -> Difference? {
    var best: Difference?
    for model in builder.compiler.diagrams.models(of: set, count: budget.models, cost: builder.universe.cost) {
      for scene in try builder.scenes(model, subject) {
        guard let difference = tell(scene) else { continue }
        if difference.size < best?.size ?? .max { best = difference }
        break
      }
      // Nothing smaller is there to be found.
      if let best, best.size <= subject.rawValue + 1 { break }
    }
    return best
  }

  // MARK: - One run, and a checkpoint in it

  private struct Question {
    let what: String
    let subject: Subject
    let differ: Diagram
  }

  private func questions(_ a: PolicyMeaning, _ b: PolicyMeaning) throws(BudgetSpent) -> [Question] {
    let diagrams = a.diagrams
    var questions: [Question] = []
    for subject in Subject.allCases {
      questions.append(
        Question(
          what: "trashes \(subject.kind.plural)", subject: subject,
          differ: try diagrams.differ(try a.trashed(subject), try b.trashed(subject))))
      for target in a.archiveTargets.union(b.archiveTargets).sorted() {
        questions.append(
          Question(
            what: "archives \(subject.kind.plural)", subject: subject,
            differ: try diagrams.differ(try a.archived(subject, to: target), try b.archived(subject, to: target))))
      }
      for target in a.backupTargets.union(b.backupTargets).sorted() {
        questions.append(
          Question(
            what: "backs up \(subject.kind.plural)", subject: subject,
            differ: try diagrams.differ(try a.backedUp(subject, target), try b.backedUp(subject, target))))
      }
    }
    // A protected checkpoint shields its run.
    let goes = try a.ofRun(try diagrams.or(try a.trashed(.run), try a.archived(.run)))
    questions.append(
      Question(
        what: "checkpoints shield their runs", subject: .checkpoint,
        differ: try diagrams.and(goes, try diagrams.differ(a.protects(.checkpoint), b.protects(.checkpoint)))))
    return questions
  }

  // MARK: - Quotas and pressure

  /// Worlds at the very edge of what each quota and watermark allows.
  private mutating func levels(
    _ a: PolicyMeaning, _ b: PolicyMeaning, _ builder: SceneBuilder
  ) throws(BudgetSpent) -> Difference? {
    guard [left, right].contains(where: { !$0.quotas.isEmpty || !$0.pressures.isEmpty }) else { return nil }
    for subject in Subject.allCases {
      var candidates = try a.diagrams.or(try a.evictable(subject), try b.evictable(subject))
      if subject == .run {
        candidates = try a.diagrams.any([candidates, try a.archivedUnderPressure(), try b.archivedUnderPressure()])
      }
      let open = try a.diagrams.and(a.axioms, candidates)
      for model in a.diagrams.models(of: open, count: 4, cost: builder.universe.cost) {
        for scene in try builder.scenes(model, subject) {
          for edge in scene.atLevels(of: [left, right]) {
            if let difference = tell(edge) { return difference }
          }
        }
      }
    }
    return nil
  }

  // MARK: - Runs in runs

  private struct NestedQuestion {
    let what: String
    /// The run (or checkpoint) that may go, and whose votes matter: one inside the other.
    let outer: Diagram
    let inner: Diagram
    let innerSubject: Subject
  }

  private func nestedQuestions(_ a: PolicyMeaning, _ b: PolicyMeaning) throws(BudgetSpent) -> [NestedQuestion] {
    let diagrams = a.diagrams
    func votes(_ it: PolicyMeaning) throws(BudgetSpent) -> Diagram {
      try diagrams.any([it.protects(.run), it.firmlyKeeps(.run), it.softlyKeeps(.run)])
    }
    let trash = try diagrams.or(try a.trashed(.run), try b.trashed(.run))
    let archive = try diagrams.or(try a.archived(.run), try b.archived(.run))
    let checkpoints = try diagrams.any([
      try a.trashed(.checkpoint), try b.trashed(.checkpoint), try a.archived(.checkpoint), try b.archived(.checkpoint),
    ])
    let protects = try diagrams.differ(a.protects(.run), b.protects(.run))
    let candidates = [
      NestedQuestion(
        what: "runs inside other runs hold", outer: trash, inner: try diagrams.differ(try votes(a), try votes(b)),
        innerSubject: .run),
      NestedQuestion(
        what: "runs inside other runs protect", outer: archive, inner: protects,
        innerSubject: .run),
      NestedQuestion(
        what: "checkpoints of runs inside other runs protect", outer: try diagrams.or(trash, archive),
        inner: try a.ofRun(try diagrams.differ(a.protects(.checkpoint), b.protects(.checkpoint))),
        innerSubject: .checkpoint),
      NestedQuestion(
        what: "runs protect inside themselves", outer: protects, inner: try a.ofRun(checkpoints),
        innerSubject: .checkpoint),
      NestedQuestion(
        what: "runs protect in runs inside themselves", outer: protects, inner: try diagrams.or(trash, archive),
        innerSubject: .run),
    ]
    var open: [NestedQuestion] = []
    for question in candidates {
      guard try a.isPossible(question.outer) else { continue }
      if try a.isPossible(question.inner) { open.append(question) }
    }
    return open
  }

  private mutating func nested(
    _ question: NestedQuestion, _ builder: SceneBuilder
  ) throws(BudgetSpent) -> Difference? {
    let diagrams = builder.compiler.diagrams
    let cost = builder.universe.cost
    let outers = diagrams.models(of: try diagrams.and(builder.axioms, question.outer), count: 3, cost: cost)
    let inners = diagrams.models(of: try diagrams.and(builder.axioms, question.inner), count: 4, cost: cost)
    for outer in outers {
      for inner in inners {
        for around in try builder.scenes(outer, .run) {
          for within in try builder.scenes(inner, question.innerSubject) where within.now == around.now {
            if let scene = around.holding(within), let difference = tell(scene) { return difference }
          }
        }
      }
    }
    return nil
  }

  // MARK: - Trying

  /// A trash record that only one of them purges.
  private func purges() -> Difference? {
    guard left.trash.purgeAfter != right.trash.purgeAfter else { return nil }
    let waits = [left.trash.purgeAfter, right.trash.purgeAfter].compactMap { $0 }
    guard let wait = waits.min() else { return nil }
    var scene = Scene(now: Scene.noon, drafts: [], root: Scene.root(of: left))
    scene.trash = [
      TrashRecord(
        path: "train/run", kind: .run, record: "run", bytes: 1 << 30,
        trashedAt: Timestamp(nanoseconds: scene.now.nanoseconds - wait.nanoseconds), purgeAfter: nil)
    ]
    return difference(scene)
  }

  private func difference(_ scene: Scene) -> Difference? {
    let snapshot = scene.snapshot
    let a = Planner.plan(left, on: snapshot).acts
    let b = Planner.plan(right, on: snapshot).acts
    guard a != b else { return nil }
    return Difference(
      snapshot: snapshot, left: a.subtracting(b).sorted(), right: b.subtracting(a).sorted(), facts: spoken)
  }

  private var spoken: [EntityKind: [String]] {
    var names: [EntityKind: Set<String>] = [:]
    for rule in left.rules + right.rules where !rule.isBuiltIn {
      for fact in rule.condition.facts { names[fact.scope == .run ? .run : rule.kind, default: []].insert(fact.name) }
      if case .ranked(let ranking)? = rule.selector { names[rule.kind, default: []].insert(ranking.key.name) }
    }
    return names.mapValues { $0.sorted() }
  }

  /// The difference that a scene shows, made as small as it gets.
  private mutating func tell(_ scene: Scene) -> Difference? {
    guard replays > 0 else { return nil }
    replays -= 1
    guard difference(scene) != nil else { return nil }
    var spare = 200
    let small = SceneShrinker.shrink(scene, budget: &spare) { difference($0) != nil }
    return difference(small) ?? difference(scene)
  }

  /// Random snapshots, until one tells the policies apart.
  mutating func search() -> (Difference?, Int) {
    guard let universe else { return (nil, 0) }
    var scenes = RandomScenes(universe: universe, policies: [left, right], seed: 1)
    for number in 0..<budget.searches {
      let scene = scenes.next()
      if difference(scene) != nil {
        var spare = 400
        let small = SceneShrinker.shrink(scene, budget: &spare) { difference($0) != nil }
        return (difference(small), number + 1)
      }
    }
    return (nil, budget.searches)
  }
}

extension Scene {
  /// This world with the first run of another one inside its own first run.
  func holding(_ inner: Scene) -> Scene? {
    guard let outer = drafts.first, let first = inner.drafts.first else { return nil }
    var scene = self
    for draft in inner.drafts {
      var moved = draft
      let isInside = draft.path.isAtOrBelow(first.path)
      let rest = isInside ? draft.path.bytes.dropFirst(first.path.count) : ArraySlice(draft.path.bytes)
      moved.path =
        isInside
        ? ByteString(outer.path.bytes + Array("/inner".utf8) + rest)
        : ByteString(Array("others/".utf8) + rest)
      scene.drafts.append(moved)
    }
    return scene.isSound ? scene : nil
  }
}
