internal import PolicyCore
internal import PolicyFormats

/// One owner's part of a command: opened (locked, recovered) first, then told what to do.
///
/// Carried out in this process (`OwnerSession`), or by a confined worker that has become that owner (`ConfinedWorker`);
/// both are told the same words.
protocol OwnerWork: AnyObject {
  var uid: UInt32 { get }
  func open(_ opening: WorkOpening) throws(ApplyFailure) -> WorkOpened
  /// Also says what went wrong: it never throws, because what was done before that must be told as well.
  func carryOut(_ order: WorkOrder) -> ApplyOutcome
}

/// Where the work is.
struct WorkOpening: Equatable {
  var roots: [Root]
  /// `trash.dir` of the policy.
  var trashDirectory: ByteString? = nil
  /// Folders that archives and backups go to, or lie in: absolute, and the only ones beside root, trash and state that may change.
  var archives: [ByteString] = []
  /// The folder that an archive is unpacked into: there, links may be made as well.
  var destination: ByteString? = nil
  /// Programs of the system carry something away: they are started, and are as confined as the worker.
  var usesTools = false
  /// Digest of the plan that is to be applied, and may be applied once.
  var plan: String? = nil
  /// Roots in which the owner has nothing are passed over; else what is missing is made.
  var isOnlyExisting = false
  /// What an interrupted run left open is settled first. Not where this is only to tell of what was just done: what the
  /// same command left half-done is the next run's.
  var isSettling = true
  /// Trash records that the caller's word settles where the disk cannot say.
  var givenUp: [String] = []
}

struct WorkOpened: Equatable {
  /// Those where the owner has, or now has, journal and trash.
  var roots: [ByteString] = []
  /// Those where the plan was already applied.
  var used: [ByteString] = []
  /// What recovery settled, and what a person should know.
  var notes: [String] = []
}

/// What an owner's worker is to do in the roots that it opened.
enum WorkOrder {
  /// Opens the journal's account of an apply, on the disk before anything moves.
  case begin(plan: String, notes: [String])
  case apply(ApplyOrder)
  case restore(TrashCan.Restoring)
  case purge(TrashCan.Purging, purgeAfter: TimeSpan?)
  /// Opening has done it.
  case recover
  /// For root's journal: what a restore or purge did through the workers of others.
  case report(command: String, [ApplyOrder.Other])
  /// Paths are absolute.
  case pin(ByteString, because: String)
  case unpin(ByteString)
  case extract(ExtractOrder)
}

/// One archive that is to be unpacked.
struct ExtractOrder: Equatable {
  /// Absolute path of the archive's own folder.
  var archive: ByteString
  /// What its owner's journal says of the manifest, where that is known.
  var manifestDigest: String?
  /// It is in the caller's own journal: then every owner and mode that it tells of was there.
  var isOwn = false
  /// Absolute path of the folder to unpack into, and the name to give it there, where that is not its own.
  var destination: ByteString
  var name: ByteString?
}

extension WorkOrder {
  /// As the journal names it.
  var command: String {
    switch self {
    case .begin, .apply: "apply"
    case .restore: "restore"
    case .purge: "purge"
    case .recover: "recover"
    case .pin: "pin"
    case .unpin: "unpin"
    case .report(let command, _): command
    case .extract: "extract"
    }
  }
}

/// One owner's part of a plan.
struct ApplyOrder {
  struct Move {
    /// Place in the plan's list of actions.
    var index: Int
    var id: String
    var action: Action
    /// Paths of the runs that it lies in.
    var within: [ByteString]
    /// `SnapshotCodec.entityJSON` of the item, then of what lies in it.
    var contents: [JSONValue]
  }
  struct Removal {
    var index: Int
    var id: String
    var action: Action
    /// The policy's `purge_after`.
    var purgeAfter: TimeSpan?
    /// A pressure step that the plan names as its reason allows this much.
    var pressureAge: TimeSpan?
  }
  /// What became of an item of the plan that was not this worker's.
  struct Other {
    var outcome: ItemOutcome
    /// Whose worker did it; `nil`: it was left alone before anybody was asked.
    var owner: UInt32?
  }
  var plan: String
  var grace: TimeSpan
  /// How to archive; `nil` where nothing is.
  var archiving: Archiver.Settings? = nil
  /// How to back up; `nil` where nothing is.
  var backing: Backer.Settings? = nil
  var moves: [Move] = []
  var removals: [Removal] = []
  /// For the journal of whoever applies the plan.
  var others: [Other] = []
}
