internal import Glibc
public import PolicyCore
internal import PolicyFiles
public import PolicyFormats

/// A person's word that something stays: made, taken back and listed. The caller's own pins only; those of root count
/// for everybody, those of others for their own things.
public enum Pins {
  /// What is meant: an absolute path.
  public struct Answer: Sendable, Equatable {
    public var status: ApplyStatus
    /// What was done, or why not; one sentence.
    public var message: String
  }

  /// Pins the run or checkpoint at an absolute path below one of the roots: a directory counts as a run, a file as a
  /// checkpoint.
  public static func pin(_ path: ByteString, because: String, roots: [Root], options: ApplyOptions) -> Answer {
    ask(.pin(path, because: because), path, roots, options)
  }

  public static func unpin(_ path: ByteString, roots: [Root], options: ApplyOptions) -> Answer {
    ask(.unpin(path), path, roots, options)
  }

  private static func ask(_ order: WorkOrder, _ path: ByteString, _ roots: [Root], _ options: ApplyOptions) -> Answer {
    let holding = roots.filter { path.isAtOrBelow($0.path) }.max { $0.path.count < $1.path.count }
    guard let root = holding else {
      return Answer(status: .nothingChecked, message: "\(path.displayText) lies in none of the roots")
    }
    let worker = options.worker(options.uid)
    do throws(ApplyFailure) {
      _ = try worker.open(WorkOpening(roots: [root]))
    } catch {
      return Answer(status: error.status, message: error.message)
    }
    let outcome = worker.carryOut(order)
    return Answer(status: outcome.status, message: outcome.message ?? "")
  }

  static func pin(_ path: ByteString, because: String, stores: [OwnerStore], clock: ApplyClock) -> ApplyOutcome {
    change(path, stores) { (list, store, status, relative) throws(ApplyFailure) in
      guard let status else { return nil }
      // One that does not count would only look like safety.
      guard store.uid == 0 || status.uid == store.uid else {
        throw ApplyFailure(
          .refused,
          "\(path.displayText) belongs to uid \(status.uid), and only that user's and root's pins count: ask one of them, or "
            + "name it in a rule, `keep: runs` with `where: name == \"…\"`")
      }
      let kind: EntityKind = status.type == .directory ? .run : .checkpoint
      list.add(
        Pin(
          kind: kind, path: relative, device: status.device, inode: status.inode,
          born: status.born.map { Timestamp(nanoseconds: $0) }, at: clock.now(), because: because))
      return "\(path.displayText) is pinned"
    }
  }

  static func unpin(_ path: ByteString, stores: [OwnerStore]) -> ApplyOutcome {
    change(path, stores) { list, _, status, relative in
      guard let status else {
        return list.remove(path: relative)
          ? "\(path.displayText) is gone; the pin that was made on it is taken back, wherever the thing is now" : nil
      }
      let born = status.born.map { Timestamp(nanoseconds: $0) }
      let wasPinned = list.remove(device: status.device, inode: status.inode, born: born)
      return wasPinned ? "\(path.displayText) is no longer pinned" : nil
    }
  }

  /// The caller's own pins in a root.
  public static func read(_ root: Root, options: ApplyOptions) -> Result<PinList, ApplyFailure> {
    do throws(ApplyFailure) {
      guard let home = try options.opening(root).existingHome() else { return .success(PinList()) }
      return .success(try list(home))
    } catch {
      return .failure(error)
    }
  }

  private static func list(_ home: Folder) throws(ApplyFailure) -> PinList {
    do {
      guard let name = Name(StateLayout.pins), try home.statusIfThere(name) != nil else { return PinList() }
      return try PinsCodec.decode(home.directory.readFile(name, limit: 64 << 20).bytes)
    } catch let unreadable as PinsCodec.Unreadable {
      throw ApplyFailure(.damaged, "the pins cannot be read: line \(unreadable.line)")
    } catch let error as SystemError {
      throw ApplyFailure(.environment, "the pins cannot be read: \(error.text)")
    } catch {
      throw ApplyFailure(.environment, "the pins cannot be read")
    }
  }

  /// `edit` takes what is at the path, `nil` where nothing is, and returns what was done, or `nil` where there was
  /// nothing to do.
  private static func change(
    _ path: ByteString, _ stores: [OwnerStore],
    _ edit: (inout PinList, OwnerStore, FileStatus?, ByteString) throws(ApplyFailure) -> String?
  ) -> ApplyOutcome {
    guard let store = stores.first(where: { path.isAtOrBelow($0.rootPath) }) else {
      return ApplyOutcome(.nothingChecked, "\(path.displayText) lies in none of the roots")
    }
    let relative = ByteString(path.bytes.dropFirst(store.rootPath.count).drop { $0 == UInt8(ascii: "/") })
    do throws(ApplyFailure) {
      var status: FileStatus?
      var fault: SystemError?
      do throws(SystemError) {
        guard let place = RelativePath(relative.bytes) else { throw SystemError(errno: EINVAL, call: "open") }
        status = try store.root.directory.status(place)
      } catch {
        guard error.errno == ENOENT else {
          throw ApplyFailure(.nothingChecked, "\(path.displayText): \(error.text)")
        }
        fault = error
      }
      var list = try list(store.home)
      guard let message = try edit(&list, store, status, relative) else {
        let why = fault?.text ?? "is not pinned by you"
        return ApplyOutcome(.nothingChecked, "\(path.displayText)\(fault == nil ? " " : ": ")\(why)")
      }
      try write(list, store)
      return ApplyOutcome(.done, message)
    } catch {
      return ApplyOutcome(error)
    }
  }

  /// A new file takes the place of the old one, so that a reader sees either.
  private static func write(_ list: PinList, _ store: OwnerStore) throws(ApplyFailure) {
    guard let name = Name(StateLayout.pins), let draft = Name(StateLayout.pins + ".new") else { return }
    do throws(SystemError) {
      if try store.home.statusIfThere(draft) != nil { try store.changes.unlink(store.home.directory, draft) }
      // Root's pins count for everybody, so everybody may read them.
      let file = try store.changes.openFile(
        store.home.directory, draft, exclusive: true, mode: store.uid == 0 ? 0o644 : 0o600)
      if store.uid == 0 { try store.changes.setMode(file, 0o644) }
      try store.changes.write(file, PinsCodec.encode(list), at: 0)
      try store.changes.sync(file)
      try store.changes.replace(store.home.directory, name, with: draft)
      try store.changes.sync(store.home.directory)
    } catch {
      throw ApplyFailure(.environment, "the pins cannot be written: \(error.text)\(error.advice)")
    }
  }
}
