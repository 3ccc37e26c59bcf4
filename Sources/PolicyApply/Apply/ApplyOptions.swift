internal import Glibc
public import PolicyCore

/// What a caller decides about one run of apply, restore or purge.
public struct ApplyOptions: Sendable {
  /// Name of this machine, as plans and snapshots write it.
  public var host: ByteString
  /// `--state DIR`, absolute: where journal, lock, pins and info files lie instead of in the root.
  public var state: ByteString?
  /// `--acknowledge DIGEST`: releases the limits (never a `never`) for the plan with this digest.
  public var acknowledged: String?
  /// Nobody has looked at the plan: then a policy without limits may not trash more than half of a root's bytes.
  public var isUnattended: Bool
  /// What started this, for the journal: `user`, `cron`, `callback`.
  public var trigger: String
  public var clock: ApplyClock
  /// Files are changed by workers only, each confined to the places of one owner; root's become that owner. Else
  /// everything is done in this process, for its own user.
  public var isConfined = false
  /// Whose things are acted on; tests only.
  package var uid: UInt32
  package var changes: FileChanges
  var stop = StopRequest.bySignal
  /// So many items share their syncs; tests have fewer.
  var batch = TrashMover.largestBatch
  /// Roots that were opened before this process was confined.
  var openedRoots: [ByteString: Int32] = [:]
  /// What kind of process this is, for the journal.
  var processNotes: [String] = []

  public init(
    host: ByteString, state: ByteString? = nil, acknowledged: String? = nil, isUnattended: Bool = false,
    trigger: String = "user", clock: ApplyClock = .system
  ) {
    self.host = host
    self.state = state
    self.acknowledged = acknowledged
    self.isUnattended = isUnattended
    self.trigger = trigger
    self.clock = clock
    uid = geteuid()
    changes = FileChanges()
  }

  func opening(_ root: Root, trashDirectory: ByteString? = nil) -> StateOpening {
    StateOpening(
      root: root, uid: uid, host: host, state: state, trashDirectory: trashDirectory, changes: changes, clock: clock,
      stop: stop, openedRoot: openedRoots[root.path])
  }

  /// Root's workers can become anybody.
  var actsForOthers: Bool { isConfined && uid == 0 }

  func worker(_ owner: UInt32) -> any OwnerWork {
    isConfined ? ConfinedWorker(owner, self) : OwnerSession(self)
  }
}
