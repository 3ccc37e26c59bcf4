/// How a command that changes things ended; the raw values are its exit statuses.
public enum ApplyStatus: Int32, Hashable, Sendable {
  case done = 0
  /// Nothing here is meant.
  case nothingChecked = 3
  /// A safeguard said no; nothing was done.
  case refused = 4
  /// The plan does not fit what is there any more, or was used; nothing was done.
  case stale = 5
  /// Some items were left alone, each listed.
  case partial = 6
  /// Another process holds the lock.
  case locked = 7
  /// The journal cannot be believed; nothing was done.
  case damaged = 8
  /// No space, input/output error, read-only file system, failed sync; what was begun is finished by the next run.
  case environment = 9
}

/// Why a whole command stops.
public struct ApplyFailure: Error, Equatable, Sendable {
  public let status: ApplyStatus
  /// Lower case, no full stop; says what to do where that is known.
  public let message: String
  public init(_ status: ApplyStatus, _ message: String) {
    self.status = status
    self.message = message
  }
}
