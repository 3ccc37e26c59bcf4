internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// The open journal of one owner: appends, syncs, and knows what all records together say.
final class JournalWriter {
  private(set) var history: JournalHistory
  /// Some bytes after the last whole record were dropped.
  let wasTorn: Bool
  private let file: SharedFile
  private let changes: FileChanges
  private let clock: ApplyClock
  private var offset: Int64
  private var synced: Int64
  /// After a failed write or sync nothing is known of what is on the disk: no more is said.
  private var isBroken = false

  /// Kept free behind the last record, so that a purge can be journaled on a full disk.
  static let reserve: Int64 = 1 << 20
  private static let largest = 1 << 30

  /// Opens the journal, makes it where it is missing, cuts off a torn end and reserves space. Its entry in `home` is
  /// synced by whoever is to write the first record.
  init(_ home: Folder, changes: FileChanges, clock: ApplyClock, notes: inout [String]) throws(ApplyFailure) {
    self.changes = changes
    self.clock = clock
    guard let name = Name(StateLayout.journal) else { throw ApplyFailure(.environment, "journal") }
    do throws(SystemError) {
      if let status = try home.statusIfThere(name) {
        guard status.type == .regular, status.uid == home.status.uid, status.links == 1 else {
          throw SystemError(errno: EPERM, call: "open")
        }
      }
      file = SharedFile(try changes.openFile(home.directory, name, exclusive: false))
      // What root took back is protected for everybody who looks, so everybody may read of it.
      if home.status.uid == 0, try home.directory.status(name).mode != 0o644 { try changes.setMode(file.file, 0o644) }
    } catch {
      throw ApplyFailure(.environment, "the journal cannot be opened: \(error.text)")
    }
    let reading = try Self.read(home, name)
    history = reading.history
    offset = Int64(reading.validLength)
    synced = reading.history.lastSequence
    wasTorn = reading.tornLength > 0
    do throws(SystemError) {
      if reading.tornLength > 0 { try changes.truncate(file.file, to: offset) }
      // What was read may still have been in memory only.
      try changes.sync(file.file)
    } catch {
      throw ApplyFailure(.environment, "the journal cannot be written: \(error.text)\(error.advice)")
    }
    if !reserveSpace() { notes.append("no-reserved-space") }
  }

  /// The history of a journal that is only read; empty where there is none.
  static func history(_ home: Folder) throws(ApplyFailure) -> JournalHistory {
    guard let name = Name(StateLayout.journal), (try? home.statusIfThere(name)) != .some(.none) else {
      return JournalHistory()
    }
    return try read(home, name).history
  }

  /// Folders that hold archives which are there, or may be.
  static func archiveFolders(_ home: Folder) throws(ApplyFailure) -> [ByteString] {
    do throws(SystemError) {
      guard let name = Name(StateLayout.journal), try home.statusIfThere(name) != nil else { return [] }
      let content = try home.directory.readFile(name, limit: largest)
      if !content.isCut, !JournalCodec.mayNameArchives(content.bytes) { return [] }
    } catch {
      throw ApplyFailure(.environment, "the journal cannot be read: \(error.text)")
    }
    return try history(home).archives.compactMap { archive in
      switch archive.state {
      case .writing, .copied, .archived, .trashed: archive.place.folder
      case .abandoned, .purged: nil
      }
    }
  }

  private static func read(
    _ home: Folder, _ name: Name
  ) throws(ApplyFailure) -> (history: JournalHistory, validLength: Int, tornLength: Int) {
    do {
      let content = try home.directory.readFile(name, limit: largest)
      guard !content.isCut else { throw ApplyFailure(.damaged, "the journal is larger than 1 GiB") }
      let reading = try JournalCodec.read(content.bytes)
      var history = JournalHistory()
      for record in reading.records { try history.add(record) }
      return (history, reading.validLength, reading.tornLength)
    } catch let failure as ApplyFailure {
      throw failure
    } catch let damage as JournalDamage {
      throw ApplyFailure(.damaged, "\(damage.reason); nothing is done until somebody has looked at it")
    } catch let error as SystemError {
      throw ApplyFailure(.environment, "the journal cannot be read: \(error.text)")
    } catch {
      throw ApplyFailure(.environment, "the journal cannot be read")
    }
  }

  /// Reserves as much as there is, up to `reserve`. False where nothing could be reserved, which is no error: a write
  /// may still find space.
  @discardableResult func reserveSpace() -> Bool {
    var size = Self.reserve
    while size >= 16_384 {
      if (try? changes.reserve(file.file, offset + size)) != nil { return true }
      size /= 4
    }
    return false
  }

  /// Appends records in one write. They are not on the disk before `sync`.
  ///
  /// They are added to `history` where it stands: a copy of it for each batch would cost more than the batch. After a
  /// failure it may name what is not on the disk; then nothing is written any more, and so nothing is moved.
  func append(_ bodies: [JournalRecord.Body]) throws(ApplyFailure) {
    guard !bodies.isEmpty else { return }
    guard !isBroken else { throw ApplyFailure(.environment, "the journal could not be written") }
    let (now, boot) = (clock.now(), clock.boot())
    var bytes: [UInt8] = []
    for body in bodies {
      let record = JournalRecord(
        sequence: history.lastSequence + 1, synced: synced, at: now, boot: boot, body: body)
      do {
        try history.add(record)
      } catch {
        isBroken = true
        throw ApplyFailure(.damaged, error.reason)
      }
      JournalCodec.append(record, to: &bytes)
    }
    do {
      try changes.write(file.file, bytes, at: offset)
    } catch {
      isBroken = true
      // The half-written end would be dropped by the next reader anyway.
      try? changes.truncate(file.file, to: offset)
      throw ApplyFailure(.environment, "the journal cannot be written: \(error.text)\(error.advice)")
    }
    offset += Int64(bytes.count)
  }

  /// Makes all appended records last. A failed sync is never tried again: the pages may be gone.
  func sync() throws(ApplyFailure) {
    let sync = try syncing()
    try note(sync, failed: sync.make())
  }

  /// A sync of all records appended until now, which another thread may make: once.
  struct Sync: Sendable {
    fileprivate let file: SharedFile
    fileprivate let changes: FileChanges
    fileprivate let last: Int64

    /// What went wrong.
    func make() -> SystemError? {
      do throws(SystemError) {
        try changes.sync(file.file)
        return nil
      } catch {
        return error
      }
    }
  }

  func syncing() throws(ApplyFailure) -> Sync {
    guard !isBroken else { throw ApplyFailure(.environment, "the journal could not be written") }
    return Sync(file: file, changes: changes, last: history.lastSequence)
  }

  /// What came of a sync: before it is told, no record says that those before it are on the disk.
  func note(_ sync: Sync, failed error: SystemError?) throws(ApplyFailure) {
    if let error {
      isBroken = true
      throw ApplyFailure(.environment, "the journal cannot be synced: \(error.text)")
    }
    synced = max(synced, sync.last)
  }
}
