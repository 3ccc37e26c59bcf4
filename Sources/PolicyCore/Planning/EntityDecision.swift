/// What a plan says about one run or checkpoint, in one word, and the rules that say so.
public struct EntityDecision: Sendable, Hashable {
  public enum Word: String, Sendable, Hashable { case trash, archive, held, undecided, kept }
  public var word: Word
  /// Why it goes; of what is held, who holds it; of what is undecided, who could not decide. Sorted, each once.
  public var rules: [String]
  /// Of what is held, who wants it gone. Sorted.
  public var wanted: [String]
  /// The run above it that takes it along.
  public var carrier: ByteString?

  public init(_ word: Word, rules: [String] = [], wanted: [String] = [], carrier: ByteString? = nil) {
    self.word = word
    self.rules = Self.sorted(rules)
    self.wanted = Self.sorted(wanted)
    self.carrier = carrier
  }

  /// The decision about `snapshot.entities[entity]` in a plan made on that snapshot (at any `now`).
  public init(of entity: Int, _ snapshot: Snapshot, in plan: Plan) {
    let subject = snapshot.entities[entity]
    let place = snapshot.roots[subject.root]
    let path = subject.path
    func isHere(_ host: ByteString, _ root: ByteString, _ tier: Tier) -> Bool {
      host == place.host && root == place.path && tier == subject.tier
    }
    for action in plan.actions where action.verb == .trash || action.verb == .archive {
      guard isHere(action.host, action.root, action.tier) else { continue }
      let isIt = action.path == path && action.kind == subject.kind
      guard isIt || action.kind == .run && action.path != path && path.isAtOrBelow(action.path) else { continue }
      self.init(
        action.verb == .archive ? .archive : .trash, rules: action.because.map(\.rule),
        carrier: isIt ? nil : action.path)
      return
    }
    if let held = plan.held.first(where: {
      $0.record == nil && isHere($0.host, $0.root, $0.tier) && $0.path == path && $0.kind == subject.kind
    }) {
      self.init(.held, rules: held.by.map(\.rule), wanted: held.wanted)
    } else if let undecided = plan.undecided.first(where: {
      isHere($0.host, $0.root, $0.tier) && $0.path == path && $0.kind == subject.kind
    }) {
      self.init(.undecided, rules: undecided.questions.map(\.rule))
    } else {
      self.init(.kept)
    }
  }

  private static func sorted(_ rules: [String]) -> [String] {
    Set(rules).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
