public import PolicyCore

/// One backup and what has become of it.
public struct BackedUpItem: Sendable, Equatable {
  public enum State: Sendable, Equatable {
    /// An intent was written; how far it came, only the target knows.
    case copying
    /// It did not come to its end. What was copied may still be there, and is gone on with.
    case unfinished(reason: String)
    /// It was verified where it lies.
    case whole
  }
  /// What it is of, as it was when it was copied.
  public var item: JournalItem
  public var place: BackupPlace
  public internal(set) var state: State = .copying
  public internal(set) var at: Timestamp?
  public internal(set) var seal: BackupSeal?

  init(item: JournalItem, place: BackupPlace) {
    self.item = item
    self.place = place
  }

  mutating func finish(_ seal: BackupSeal, at time: Timestamp) -> Bool {
    guard state == .copying else { return false }
    (state, self.seal, at) = (.whole, seal, time)
    return true
  }

  mutating func leave(_ reason: String) -> Bool {
    guard state == .copying else { return false }
    state = .unfinished(reason: reason)
    return true
  }
}

extension JournalHistory {
  /// Backups of which it is not known how far they came.
  public var openBackups: [BackedUpItem] { backups.filter { $0.state == .copying } }

  /// The newest verified backup of each thing in each target, sorted by path; the contents may be other ones by now.
  public var newestBackups: [BackedUpItem] {
    struct Key: Hashable {
      let path: ByteString
      let kind: EntityKind
      let target: String
    }
    var newest: [Key: BackedUpItem] = [:]
    for backup in backups where backup.state == .whole {
      newest[Key(path: backup.item.path, kind: backup.item.kind, target: backup.place.target)] = backup
    }
    return newest.values.sorted {
      ($0.item.path, $0.item.kind.rawValue, $0.place.target) < ($1.item.path, $1.item.kind.rawValue, $1.place.target)
    }
  }
}
