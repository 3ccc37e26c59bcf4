internal import PolicyCore

/// Runs in runs.
extension Contest {
  struct NestedQuestion {
    let what: String
    /// The run (or checkpoint) that may go, and whose votes matter: one inside the other.
    let outer: Diagram
    let inner: Diagram
    let innerSubject: Subject
  }

  func nestedQuestions(_ a: PolicyMeaning, _ b: PolicyMeaning) throws(BudgetSpent) -> [NestedQuestion] {
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

  mutating func nested(
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
