/// One mistake, one message: lower case, no full stop, no internals.
public struct Diagnostic: Sendable, Equatable {
  public enum Severity: String, Hashable, Sendable, Comparable {
    case error, warning, info
    private var weight: Int { self == .error ? 2 : self == .warning ? 1 : 0 }
    public static func < (left: Severity, right: Severity) -> Bool { left.weight < right.weight }
  }

  /// Another place that matters, with a short text; empty text only underlines.
  public struct Label: Sendable, Equatable {
    public var span: SourceSpan
    public var text: String
    public init(_ span: SourceSpan, _ text: String) {
      self.span = span
      self.text = text
    }
  }

  /// A change that a tool can make.
  public struct Fix: Sendable, Equatable {
    public enum Applicability: String, Hashable, Sendable { case safe, maybe }
    public struct Edit: Sendable, Equatable {
      public var span: SourceSpan
      public var replacement: String
      public init(_ span: SourceSpan, _ replacement: String) {
        self.span = span
        self.replacement = replacement
      }
    }
    public var applicability: Applicability
    public var edits: [Edit]
    public init(_ applicability: Applicability, _ edits: [Edit]) {
      self.applicability = applicability
      self.edits = edits
    }
  }

  /// `P0001`; codes never change meaning.
  public var code: String
  public var severity: Severity
  /// Stands alone.
  public var message: String
  /// The smallest text to change; `nil` where no file is at fault.
  public var span: SourceSpan?
  /// What is written below the carets of `span`.
  public var caption: String
  public var labels: [Label]
  /// Facts.
  public var notes: [String]
  /// What to write.
  public var help: String?
  public var fixes: [Fix]
  /// The text at fault may hold a password: it is not shown.
  public var isSecret = false

  public init(
    _ code: String, _ severity: Severity = .error, _ message: String, at span: SourceSpan?, caption: String = "",
    labels: [Label] = [], notes: [String] = [], help: String? = nil, fixes: [Fix] = []
  ) {
    self.code = code
    self.severity = severity
    self.message = message
    self.span = span
    self.caption = caption
    self.labels = labels
    self.notes = notes
    self.help = help
    self.fixes = fixes
  }
}

extension Array where Element == Diagnostic {
  /// By file and offset, then code: the order in which they are printed.
  public func inSourceOrder() -> [Diagnostic] {
    enumerated().sorted { left, right in
      let a = left.element
      let b = right.element
      let (aFile, bFile) = (a.span?.file ?? -1, b.span?.file ?? -1)
      if aFile != bFile { return aFile < bFile }
      let (aStart, bStart) = (a.span?.range.lowerBound ?? 0, b.span?.range.lowerBound ?? 0)
      if aStart != bStart { return aStart < bStart }
      return a.code == b.code ? left.offset < right.offset : a.code < b.code
    }.map(\.element)
  }
}
