internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Where something comes back to: the run that it was taken out of, wherever the journal knows that to be; else a folder
/// of its own beside that run's old place, `exp2.restored`. Never another run that has got the name: that one's trainer
/// writes over what it finds, and whoever removes that run would remove what was taken back.
struct RestorePlace {
  /// The folder to move it into, and its path below the root (of archives: below the owner's folder in the target).
  struct Parent {
    let folder: Folder
    let path: RelativePath
    /// Folders made for it, outermost first.
    var made: [(parent: Folder, name: Name)] = []
  }

  let store: OwnerStore

  func parent(of item: JournalItem) throws(SystemError) -> Result<Parent, ItemLook.Refusal> {
    guard let old = RelativePath(item.place.bytes)?.split?.parent else {
      return .failure(ItemLook.Refusal("its old path cannot be used"))
    }
    guard item.archive == nil, let run = item.runs.last, let lost = RelativePath(run.path.bytes) else {
      return try below(store.root, [], old.names)
    }
    for path in homes(of: item, run) {
      guard let folder = try OriginRuns.folder(run, at: path, below: store.root), let home = RelativePath(path.bytes)
      else { continue }
      return try below(folder, home.names, Array(old.names.dropFirst(lost.names.count)))
    }
    if let away = away(item) {
      let command = "policy trash restore \(away.item.record) --root \(store.rootPath.displayText)"
      return .failure(
        ItemLook.Refusal(
          "its run `\(away.item.path.displayText)` lies in the trash too: take that back first, `\(command)`"))
    }
    for run in item.runs where try OriginRuns.folder(run, at: run.path, below: store.root) == nil {
      guard let place = RelativePath(run.path.bytes), let ends = place.split else { break }
      return try beside(run, ends.parent, ends.last, Array(old.names.dropFirst(place.names.count)))
    }
    return .failure(ItemLook.Refusal("the run that it lay in is gone"))
  }

  /// Where the innermost run of an item may be: its old place, and where it, or one around it, was restored to, the latest
  /// first.
  private func homes(of item: JournalItem, _ run: JournalItem.Run) -> [ByteString] {
    var homes = [run.path]
    for moved in store.journal.history.items.reversed() where moved.item.kind == .run {
      guard case .restored(let path, _, let identity) = moved.state,
        let around = item.runs.first(where: { OriginRuns.isSame($0, identity.inode, identity.born) })
      else { continue }
      homes.append(ByteString(path.bytes + run.path.bytes.dropFirst(around.path.count)))
    }
    return homes
  }

  /// The trashed run that one of its runs is, whatever its name was by then.
  private func away(_ item: JournalItem) -> TrashedItem? {
    store.journal.history.inTrash.last { trashed in
      guard trashed.item.kind == .run, trashed.item.archive == nil, let manifest = trashed.manifest else {
        return false
      }
      return item.runs.contains { OriginRuns.isSame($0, manifest.inode, manifest.born) }
    }
  }

  private func below(
    _ folder: Folder, _ path: [Name], _ rest: [Name]
  ) throws(SystemError) -> Result<Parent, ItemLook.Refusal> {
    let whole = RelativePath(path + rest)
    do throws(SystemError) {
      return .success(Parent(folder: try folder.folder(RelativePath(rest)), path: whole))
    } catch {
      guard error.isAbsence else { throw error }
      return .failure(Self.isGone(whole))
    }
  }

  private static func isGone(_ path: RelativePath) -> ItemLook.Refusal {
    ItemLook.Refusal(
      "its folder `\(ByteString(path.bytes).displayText)` is gone: make it again, then restore")
  }

  // MARK: Beside

  /// The folder that earlier things of the same run came back to; else a new one, for its owner alone.
  private func beside(
    _ run: JournalItem.Run, _ place: RelativePath, _ name: Name, _ rest: [Name]
  ) throws(SystemError) -> Result<Parent, ItemLook.Refusal> {
    let around: Folder
    do throws(SystemError) { around = try store.root.folder(place) } catch {
      guard error.isAbsence else { throw error }
      return .failure(Self.isGone(place))
    }
    do throws(SystemError) {
      var own = try earlier(run, depth: place.names.count + 1)
      if own == nil { own = try new(around, place, name) }
      guard let own else {
        return .failure(ItemLook.Refusal("no free name was found beside the old one of its run"))
      }
      return .success(try making(rest, in: own))
    } catch {
      let shown = ByteString(place.bytes).displayText
      return .failure(
        ItemLook.Refusal(
          "its run is not in its old place any more, and no folder for it can be made in `\(shown.isEmpty ? "." : shown)`: "
            + error.text, cause: error))
    }
  }

  /// Proved by something that is still where it was restored to; an inode alone may be another file's by now.
  private func earlier(_ run: JournalItem.Run, depth: Int) throws(SystemError) -> Parent? {
    for item in store.journal.history.items.reversed() where item.item.runs.contains(run) {
      guard case .restored(let path, _, let identity) = item.state, !path.isAtOrBelow(run.path),
        let whole = RelativePath(path.bytes), whole.names.count > depth, let (parent, name) = whole.split,
        let born = identity.born
      else { continue }
      let own = RelativePath(Array(whole.names.prefix(depth)))
      guard let folder = try? store.root.folder(own), isOwn(folder),
        let inner = try? folder.folder(RelativePath(Array(parent.names.dropFirst(depth)))),
        let status = try inner.statusIfThere(name), status.inode == identity.inode,
        status.born == born.nanoseconds, status.device == store.root.status.device
      else { continue }
      return Parent(folder: folder, path: own)
    }
    return nil
  }

  private func new(_ around: Folder, _ place: RelativePath, _ name: Name) throws(SystemError) -> Parent? {
    for attempt in 1..<100 {
      guard let free = Self.candidate(name, attempt) else { break }
      if try around.statusIfThere(free) != nil { continue }
      return try making([free], in: Parent(folder: around, path: place))
    }
    return nil
  }

  /// Steps down, making what is not there. Throws EPERM where a folder is not this owner's, or others may write in it: who
  /// may write around it may have put another one in the place of what was made.
  private func making(_ names: [Name], in start: Parent) throws(SystemError) -> Parent {
    var (folder, path, made) = (start.folder, start.path, start.made)
    do throws(SystemError) {
      for name in names {
        if try folder.statusIfThere(name) == nil {
          try store.changes.makeDirectory(folder.directory, name, mode: 0o700)
          made.append((folder, name))
          try store.changes.sync(folder.directory)
        }
        folder = try folder.folder(name)
        path = path.appending(name)
        guard isOwn(folder) else { throw SystemError(errno: EPERM, call: "open") }
      }
    } catch {
      remove(made)
      throw error
    }
    return Parent(folder: folder, path: path, made: made)
  }

  private func isOwn(_ folder: Folder) -> Bool { folder.status.uid == store.uid && folder.status.mode & 0o022 == 0 }

  /// Takes away again what was made for nothing; what is not empty stays.
  func remove(_ made: [(parent: Folder, name: Name)]) {
    for one in made.reversed() { try? store.changes.removeDirectory(one.parent.directory, one.name) }
  }

  /// The old name, then `name.restored`, `name.restored-2`, …; a name too long for that is cut.
  static func candidate(_ name: Name, _ attempt: Int) -> Name? {
    if attempt == 0 { return name }
    let suffix = Array((attempt == 1 ? ".restored" : ".restored-\(attempt)").utf8)
    return Name(Array(name.bytes.prefix(255 - suffix.count)) + suffix)
  }
}
