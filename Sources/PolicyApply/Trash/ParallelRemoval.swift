internal import PolicyFiles
internal import Synchronization

/// Removes many items of the trash, on two threads where there are enough: the kernel's work on one directory is done by
/// one processor, and there is a second.
struct ParallelRemoval {
  struct Item: Sendable {
    let index: Int
    let files: Folder
    let name: Name
    /// The folders of the last look.
    let seen: Set<FolderMark>
  }
  struct Outcome: Sendable {
    /// Of those that were begun.
    var removed: [Int] = []
    var failed: [(index: Int, error: SystemError)] = []
    /// The first error that stops everything.
    var stop: ApplyFailure?
  }

  let changes: FileChanges
  let uid: UInt32
  let stop: StopRequest

  /// Nothing is begun any more once something stops everything, or somebody asks to stop.
  func remove(_ items: [Item]) -> Outcome {
    let outcome = Mutex(Outcome())
    Lanes.each(items.count) { place in
      let isStopped = outcome.withLock { outcome in
        outcome.stop = outcome.stop ?? stop.failure
        return outcome.stop != nil
      }
      if isStopped { return false }
      let item = items[place]
      do throws(SystemError) {
        try TreeRemoval(changes: changes, uid: uid, seen: item.seen).remove(item.files, item.name)
        outcome.withLock { $0.removed.append(item.index) }
      } catch {
        outcome.withLock { outcome in
          outcome.failed.append((item.index, error))
          if error.stopsEverything, outcome.stop == nil {
            outcome.stop = ApplyFailure(.environment, "\(error.call): \(error.text)")
          }
        }
      }
      return true
    }
    var result = outcome.withLock { $0 }
    result.removed.sort()
    return result
  }
}
