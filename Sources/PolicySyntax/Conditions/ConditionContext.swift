public import PolicyCore
public import PolicyDiagnostics

/// A parameter with its value in force; what `$name` stands for.
public struct TypedParam: Sendable {
  public let name: String
  public let type: FactType
  public let constant: Constant
  /// Where its value was written; `nil` for one that came from the command line.
  public let span: SourceSpan?

  public init(name: String, type: FactType, constant: Constant, span: SourceSpan?) {
    self.name = name
    self.type = type
    self.constant = constant
    self.span = span
  }
}

/// What a condition may speak of: everything outside its text that its meaning depends on.
public struct ConditionContext: Sendable {
  /// What the bare facts speak of.
  public let kind: EntityKind
  public let schema: FactSchema
  /// What plain `age` counts from.
  public let defaultStamp: FactReference
  /// What `run.age` counts from, in a condition on checkpoints; the scope is set by the parser.
  public let runStamp: FactReference
  public let params: [String: TypedParam]
  /// Where an entry of `facts` was declared, for labels.
  public let declarationSpans: [String: SourceSpan]

  public init(
    kind: EntityKind, schema: FactSchema, defaultStamp: FactReference,
    runStamp: FactReference = FactReference(AgeBasis.finishedAt.rawValue), params: [String: TypedParam] = [:],
    declarationSpans: [String: SourceSpan] = [:]
  ) {
    self.kind = kind
    self.schema = schema
    self.defaultStamp = defaultStamp
    self.runStamp = runStamp
    self.params = params
    self.declarationSpans = declarationSpans
  }
}

/// A condition that is free of errors.
public struct ParsedCondition: Sendable {
  public let condition: Condition
  /// One span a node of `condition`, in pre-order. A node in parentheses has the span of what is inside them.
  public let nodeSpans: [SourceSpan]
  /// Names of the parameters in it, in order of appearance, each once.
  public let usedParams: [String]

  public init(condition: Condition, nodeSpans: [SourceSpan], usedParams: [String]) {
    self.condition = condition
    self.nodeSpans = nodeSpans
    self.usedParams = usedParams
  }
}
