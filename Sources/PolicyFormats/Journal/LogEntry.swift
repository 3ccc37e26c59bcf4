public import PolicyCore

/// One line of the audit log: what was done to what, why, by whom, for which plan.
public struct LogEntry: Sendable, Equatable {
  public enum Event: String, Hashable, Sendable {
    /// A process began, or ended, its work.
    case began, ended
    case trashed, restored, purged
    /// Copied into an archive that was verified; its own move into the trash follows.
    case archived
    /// Copied to a target, and verified there; it stays where it is.
    case saved
    /// Given up and put back, or left alone.
    case abandoned, skipped
  }
  public var at: Timestamp
  public var event: Event
  /// Whose work it is part of.
  public var run: JournalRun?
  public var kind: EntityKind?
  public var path: ByteString?
  /// Where a restored item was put, when that is not `path`; where an archive or backup lies.
  public var destination: ByteString?
  public var bytes: Int64?
  public var record: String?
  /// Plan of the item: that of its trash, whichever run restores or purges it.
  public var plan: String?
  public var because: [Reason]
  public var reason: String?
  public var status: Int64?
  /// In root's journal: whose worker did it; that owner's own journal says the same.
  public var delegate: UInt32?

  /// `nil` for records that only prepare another one.
  init?(_ record: JournalRecord, in history: JournalHistory) {
    switch record.body {
    case .trash, .restore, .purge, .archive, .backup: return nil
    default: break
    }
    let run = history.log.last?.run ?? record.run
    let item = record.itemName.flatMap { history.item($0) }
    let archive = record.itemName.flatMap { history.archive($0) }
    let backup = record.itemName.flatMap { history.backup($0) }
    let subject = item?.item ?? archive?.item ?? backup?.item
    self.at = record.at
    self.run = run
    kind = subject?.kind
    path = subject?.path
    bytes = subject?.bytes
    self.record = subject?.record
    plan = subject?.plan ?? run?.plan
    because = subject?.because ?? []
    switch record.body {
    case .trash, .restore, .purge, .archive, .backup: return nil
    case .archived:
      event = .archived
      destination = archive?.place.path
    case .keep(_, let why):
      event = .archived
      destination = archive?.place.path
      reason = why
    case .backedUp:
      event = .saved
      destination = backup?.place.path
    case .begin(let started):
      event = .began
      self.run = started
      plan = started.plan
    case .commit(let operation, _, _):
      switch operation {
      case .trash: event = .trashed
      case .purge: event = .purged
      case .archive: event = .archived
      case .backup: event = .saved
      case .restore:
        event = .restored
        if case .restored(let place, _, _) = item?.state, place != path { destination = place }
      }
    case .abort(_, _, let why):
      event = .abandoned
      reason = why
    case .skip(let skip):
      event = .skipped
      (kind, path, bytes, self.record) = (skip.kind, skip.path, skip.bytes, skip.record)
      reason = skip.reason
    case .delegated(let other):
      (kind, path, bytes, self.record) = (other.kind, other.path, other.bytes, other.record)
      delegate = other.owner
      reason = other.reason
      event =
        switch other.operation {
        case _ where other.reason != nil: .skipped
        case .trash: .trashed
        case .restore: .restored
        case .purge: .purged
        case .archive: .archived
        case .backup: .saved
        }
    case .end(let end):
      event = .ended
      status = end.status
    }
  }
}

extension JournalRecord {
  var run: JournalRun? {
    if case .begin(let run) = body { return run }
    return nil
  }

  var itemName: String? {
    switch body {
    case .trash(let item): item.record
    case .restore(let name, _), .purge(let name, _), .commit(_, let name, _), .abort(_, let name, _): name
    case .archive(let item, _): item.record
    case .archived(let name, _), .keep(let name, _): name
    case .backup(let item, _): item.record
    case .backedUp(let name, _): name
    case .begin, .skip, .delegated, .end: nil
    }
  }
}
