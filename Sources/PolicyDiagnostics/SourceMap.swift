/// Where the parts of a resolved policy were written. Kept beside the policy so that its equality ignores places.
public struct SourceMap: Sendable {
  public struct Entry: Sendable {
    /// The value of `id`.
    public var id: SourceSpan
    /// The key of the verb (of a rule), or of the block.
    public var verb: SourceSpan
    /// Spans of the condition's nodes in pre-order (a node before its children, as in `Condition`).
    public var conditionNodes: [SourceSpan]
    /// By key, such as `after` or `limit`: the key and its value together.
    public var clauses: [String: SourceSpan]
    /// The findings that `allow` accepts, in their order.
    public var allowances: [SourceSpan] = []
    /// Of an entry of `pressure`: its steps, in their order.
    public var steps: [Step] = []

    public init(
      id: SourceSpan, verb: SourceSpan, conditionNodes: [SourceSpan], clauses: [String: SourceSpan] = [:]
    ) {
      self.id = id
      self.verb = verb
      self.conditionNodes = conditionNodes
      self.clauses = clauses
    }
  }

  /// Where a step of `relieve` was written.
  public struct Step: Sendable {
    /// The verb and what it takes.
    public var verb: SourceSpan
    /// Of its condition, in pre-order; empty for a purge.
    public var conditionNodes: [SourceSpan]
    public init(verb: SourceSpan, conditionNodes: [SourceSpan]) {
      self.verb = verb
      self.conditionNodes = conditionNodes
    }
  }

  /// By id of rule, quota, pressure or never. Implicit rules have none.
  public var entries: [String: Entry] = [:]
  /// Clauses of the other blocks, by block and key: `trash.purge_after`, `archive.to`, `roots`, `params.recent`.
  public var clauses: [String: SourceSpan] = [:]
  /// A file that another names in `imports`.
  public struct Import: Sendable {
    /// Where it is named.
    public var span: SourceSpan
    /// The file that is named: an index into the `SourceSet`.
    public var file: Int
    public init(span: SourceSpan, file: Int) {
      self.span = span
      self.file = file
    }
  }

  public var imports: [Import] = []
  /// Files with a block that does something by itself: anything but names, imports, params and facts.
  public var filesThatAct: Set<Int> = []
  /// Names of params that something uses.
  public var usedParams: Set<String> = []
  public init() {}
}
