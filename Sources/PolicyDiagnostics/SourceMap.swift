/// Where the parts of a resolved policy were written. Kept beside the policy so that its equality ignores places.
public struct SourceMap: Sendable {
  public struct Entry: Sendable {
    /// The value of `id`.
    public var id: SourceSpan
    /// The key of the verb (of a rule), or of the block.
    public var verb: SourceSpan
    /// Spans of the condition's nodes in pre-order (a node before its children, as in `Condition`).
    public var conditionNodes: [SourceSpan]
    public init(id: SourceSpan, verb: SourceSpan, conditionNodes: [SourceSpan]) {
      self.id = id
      self.verb = verb
      self.conditionNodes = conditionNodes
    }
  }
  /// By id of rule, quota, pressure or never. Implicit rules have none.
  public var entries: [String: Entry] = [:]
  public init() {}
}
