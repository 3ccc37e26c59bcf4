internal import Glibc
internal import PolicyApply
internal import PolicyCore
internal import PolicyFiles
internal import PolicyReport
internal import PolicyScan

/// The runs that a training writes: found as they appear, and locked for as long as it lives.
struct GuardedRuns {
  private let named: ByteString?
  private var watch: NewRuns
  private var locks: [RunLock] = []
  /// What could not be locked, said once.
  private var refused: Set<ByteString> = []

  /// - Parameters:
  ///   - named: where the run will be, absolute, if that is known.
  ///   - roots: absolute; what appears below them is the training's, if it is the caller's.
  init(named: ByteString?, roots: [ByteString], settings: ScanSettings) {
    self.named = named
    watch = NewRuns(below: roots, settings: settings, host: Surroundings.host, owner: geteuid())
  }

  /// Why the named run must not be written by this training; `nil` where nothing stands against it.
  static func objection(to run: ByteString) -> String? {
    if Files.isThere(run.displayText), !Folders.isFolder(run.displayText) {
      return "it is a file, and a run is a folder"
    }
    guard let directory = try? DirectoryDescriptor.openRoot(run.bytes), let status = try? directory.status() else {
      return nil
    }
    if status.uid != geteuid(), geteuid() != 0 || status.uid != Self.nobody {
      return "it belongs to uid \(status.uid), and this is uid \(geteuid())"
    }
    guard let name = Name(TrainingLock.fileName),
      let lock = try? directory.readFile(name, limit: TrainingLock.limit).bytes
    else { return nil }
    switch TrainingLock.verdict(lock, host: Surroundings.host) {
    case .dead: return nil
    case .held:
      let process = TrainingLock(parsing: lock).map { " (process \($0.process))" } ?? ""
      return "another training writes it\(process)"
    case .untestable:
      let host = TrainingLock(parsing: lock).map { " on \(DisplayText.escape($0.host))" } ?? ""
      return "another training may write it\(host): if that is over, remove "
        + "`\(DisplayText.escape(run))/\(TrainingLock.fileName)`"
    }
  }

  /// What servers make of root.
  private static let nobody: UInt32 = 65_534

  /// Locks what is new. Stops looking when a signal waits.
  mutating func look(for process: Int32) {
    var found = watch.look { HeldSignals.isWaiting }.map { ($0.path, Optional((device: $0.device, inode: $0.inode))) }
    if let named, Folders.isFolder(named.displayText), !found.contains(where: { $0.0 == named }) {
      found.append((named, nil))
    }
    for (run, identity) in found where !locks.contains(where: { $0.run == run }) && !refused.contains(run) {
      lock(run, identity, process)
    }
  }

  private mutating func lock(_ run: ByteString, _ identity: (device: UInt64, inode: UInt64)?, _ process: Int32) {
    guard let lock = TrainingLock(of: process, host: Surroundings.host) else { return }
    do throws(ApplyFailure) {
      locks.append(
        try RunLock.put(lock.text, named: TrainingLock.fileName, in: run, identity: identity) { bytes in
          TrainingLock.verdict(bytes, host: Surroundings.host) == .dead
        })
    } catch {
      refused.insert(run)
      // The training itself, or another guard, says the same.
      if error.status != .locked { Console.note("no lock in \(DisplayText.escape(run)): \(error.message)") }
    }
  }

  /// The training is over.
  func unlock() { for lock in locks { lock.remove() } }
}
