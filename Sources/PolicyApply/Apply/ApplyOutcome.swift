public import PolicyCore
internal import PolicyFormats

/// What became of one action, restore or purge.
public struct ItemOutcome: Sendable, Equatable {
  public enum Result: Sendable, Equatable {
    /// With the trash record that was made, restored or purged.
    case done(record: String)
    /// Left as it was, and why: lower case, no full stop.
    case skipped(String)
    /// Tried in vain; likewise.
    case failed(String)
  }
  /// Id of the action in its plan, where there is one.
  public var action: String?
  public var verb: ApplyVerb
  public var kind: EntityKind
  public var root: ByteString
  /// Relative to the root.
  public var path: ByteString
  public var bytes: Int64
  public var result: Result
  /// Where a restored item now is, when its old name was taken; relative to the root.
  public var restoredAs: ByteString?
  /// Where its archive or backup now is.
  public var archivedAt: ByteString?

  public var isDone: Bool {
    if case .done = result { return true }
    return false
  }

  /// `id`: of the action in its plan.
  init(action id: String, _ action: Action, _ result: Result) {
    self.init(
      action: id, verb: ApplyVerb(action.verb), kind: action.kind, root: action.root, path: action.path,
      bytes: action.bytes, result: result)
  }

  init(_ item: TrashedItem, _ root: ByteString, _ verb: ApplyVerb) {
    self.init(
      action: item.item.action, verb: verb, kind: item.item.kind, root: root, path: item.item.path,
      bytes: item.item.bytes, result: .done(record: item.item.record))
  }

  init(
    action: String?, verb: ApplyVerb, kind: EntityKind, root: ByteString, path: ByteString, bytes: Int64,
    result: Result, restoredAs: ByteString? = nil
  ) {
    self.action = action
    self.verb = verb
    self.kind = kind
    self.root = root
    self.path = path
    self.bytes = bytes
    self.result = result
    self.restoredAs = restoredAs
  }
}

/// What is done to an item.
public enum ApplyVerb: String, Hashable, Sendable, CaseIterable {
  case backup, archive, trash, purge, restore, extract
  /// Copied back from a backup, which stays.
  case retrieve
  init(_ verb: ActionVerb) {
    switch verb {
    case .backup: self = .backup
    case .archive: self = .archive
    case .trash: self = .trash
    case .purge: self = .purge
    }
  }
}

/// How a whole run ended. `message` and notes may hold names as they are: escape control characters before showing them.
public struct ApplyOutcome: Sendable, Equatable {
  public var status: ApplyStatus
  /// Why nothing was done, or why it stopped; `nil` where every item speaks for itself.
  public var message: String?
  /// In the order in which they were meant.
  public var items: [ItemOutcome]
  /// Allocated bytes that purges freed.
  public var freedNow: Int64
  /// Allocated bytes that moved into the trash, and are free when it is purged.
  public var freedLater: Int64
  /// The earliest moment from which something that was trashed may be purged; `nil` where nothing says so.
  public var purgeFrom: Timestamp?
  /// What a person should know: what recovery settled, `--state` in use, actions of other hosts.
  public var notes: [String]
  /// The signal that asked it to stop; what had begun was finished first.
  public var stoppedBy: Int32?
  /// What was asked for and is not here, a sentence each.
  var unfound: [String] = []

  init(_ status: ApplyStatus, _ message: String? = nil, items: [ItemOutcome] = [], notes: [String] = []) {
    self.status = status
    self.message = message
    self.items = items
    self.notes = notes
    freedNow = 0
    freedLater = 0
    for item in items where item.isDone {
      switch item.verb {
      case .trash, .archive: freedLater = freedLater.addingReportingOverflow(item.bytes).partialValue
      case .purge: freedNow = freedNow.addingReportingOverflow(item.bytes).partialValue
      case .backup, .restore, .extract, .retrieve: break
      }
    }
  }

  init(_ failure: ApplyFailure, items: [ItemOutcome] = [], notes: [String] = []) {
    self.init(failure.status, failure.message, items: items, notes: notes)
  }

  /// Done, or partly where an item was left alone.
  static func of(_ items: [ItemOutcome], failure: ApplyFailure?, notes: [String]) -> ApplyOutcome {
    if let failure { return ApplyOutcome(failure, items: items, notes: notes) }
    return ApplyOutcome(items.allSatisfy(\.isDone) ? .done : .partial, items: items, notes: notes)
  }
}
