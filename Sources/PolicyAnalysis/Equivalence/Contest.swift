internal import PolicyCore

/// Two policies against each other.
struct Contest {
  let left: Policy
  let right: Policy
  let budget: PolicyComparer.Budget
  /// How many scenes may still be planned.
  var replays = 600
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
      if universe == nil {
        do throws(BudgetSpent) { universe = try Universe([left, right], mostElements: 7) } catch {}
      }
      return Outcome(open: ["the search for a proof took more than its budget"])
    }
  }

  private mutating func settle(_ a: PolicyMeaning, _ b: PolicyMeaning) throws(BudgetSpent) -> Outcome {
    var outcome = Outcome()
    let builder = SceneBuilder(
      universe: a.compiler.universe, compiler: a.compiler, axioms: a.axioms, root: Scene.root(of: left))
    var needs: [Diagram] = []
    for rivals in builder.rivalCounts { needs.append(try builder.needing(atMost: rivals)) }
    for question in try questions(a, b) {
      let open = try a.diagrams.and(a.axioms, question.differ)
      if open.isEmpty { continue }
      // What needs the fewest rivals makes the smallest example.
      var done = Diagram.nothing
      for need in needs {
        let set = try a.diagrams.minus(try a.diagrams.and(open, need), done)
        done = need
        if set.isEmpty { continue }
        if let difference = try smallest(in: set, question.subject, builder) { return Outcome(found: difference) }
      }
      outcome.open.append("no snapshot was found for a possible difference in what \(question.what)")
    }
    if let difference = try levels(a, b, builder) { return Outcome(found: difference) }
    for question in try nestedQuestions(a, b) {
      if let difference = try nested(question, builder) { return Outcome(found: difference) }
      outcome.open.append("no snapshot was found for a possible difference in what \(question.what)")
    }
    if let difference = try refusals(a, b, builder) { return Outcome(found: difference) }
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

  func difference(_ scene: Scene) -> Difference? {
    let snapshot = scene.snapshot
    return Difference(
      Planner.plan(left, on: snapshot), Planner.plan(right, on: snapshot), on: snapshot, facts: spoken)
  }

  private var spoken: [EntityKind: [String]] {
    var names: [EntityKind: Set<String>] = [:]
    for property in left.properties + right.properties {
      for fact in property.condition.facts {
        names[fact.scope == .run ? .run : property.kind, default: []].insert(fact.name)
      }
    }
    for rule in left.rules + right.rules where !rule.isBuiltIn {
      for fact in rule.condition.facts { names[fact.scope == .run ? .run : rule.kind, default: []].insert(fact.name) }
      if case .ranked(let ranking)? = rule.selector { names[rule.kind, default: []].insert(ranking.key.name) }
    }
    return names.mapValues { $0.sorted() }
  }

  /// The difference that a scene shows, made as small as it gets.
  mutating func tell(_ scene: Scene) -> Difference? {
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
