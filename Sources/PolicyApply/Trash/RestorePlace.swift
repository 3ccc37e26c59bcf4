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
    guard item.archive == nil, let run = item.runs.last else { return try below(store.root, [], old.names) }
    for path in homes(of: run) {
      guard let folder = try OriginRuns.folder(run, at: path, below: store.root), let home = RelativePath(path.bytes),
        let lost = RelativePath(run.path.bytes)
      else { continue }
      return try below(folder, home.names, Array(old.names.dropFirst(lost.names.count)))
    }
    if let away = away(item) {
      return .failure(
        ItemLook.Refusal(
          "its run `\(away.item.path.displayText)` lies in the trash too: take that back first, "
            + "`policy trash restore \(away.item.record)`"))
    }
    for run in item.runs where try OriginRuns.folder(run, at: run.path, below: store.root) == nil {
      guard let lost = RelativePath(run.path.bytes), let place = lost.split else { break }
      return try beside(run, place.parent, place.last, Array(old.names.dropFirst(lost.names.count)))
    }
    return .failure(ItemLook.Refusal("the run that it lay in is gone"))
  }

  /// Where a run may be: its old place, and those that it was restored to, the latest first.
  private func homes(of run: JournalItem.Run) -> [ByteString] {
    [run.path]
      + store.journal.history.items.reversed().compactMap { item in
        guard item.item.kind == .run, case .restored(let path, _, let identity) = item.state,
          identity.inode == run.inode
        else { return nil }
        return path
      }
  }

  /// The trashed run that one of its runs is.
  private func away(_ item: JournalItem) -> TrashedItem? {
    store.journal.history.inTrash.last { trashed in
      trashed.item.kind == .run && trashed.item.archive == nil
        && item.runs.contains { $0.inode == trashed.manifest?.inode && $0.path == trashed.item.path }
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
      let shown = ByteString(whole.bytes).displayText
      return .failure(ItemLook.Refusal("its folder `\(shown)` is gone: make it again, then restore"))
    }
  }

  /// The folder that earlier things of the same run came back to; else a new one.
  private func beside(
    _ run: JournalItem.Run, _ place: RelativePath, _ name: Name, _ rest: [Name]
  ) throws(SystemError) -> Result<Parent, ItemLook.Refusal> {
    let around: Folder
    do throws(SystemError) { around = try store.root.folder(place) } catch {
      guard error.isAbsence else { throw error }
      let shown = ByteString(place.bytes).displayText
      return .failure(ItemLook.Refusal("its folder `\(shown)` is gone: make it again, then restore"))
    }
    if let own = try earlier(run, depth: place.names.count + 1) {
      let parent = Parent(folder: try store.root.folder(own), path: own)
      return .success(try making(rest, in: parent, mode: around.status.mode))
    }
    for attempt in 1..<100 {
      guard let free = Self.candidate(name, attempt) else { break }
      do throws(SystemError) {
        let parent = try making([free], in: Parent(folder: around, path: place), mode: around.status.mode, isNew: true)
        return .success(try making(rest, in: parent, mode: around.status.mode))
      } catch {
        guard error.errno == EEXIST else { throw error }
      }
    }
    return .failure(ItemLook.Refusal("no free name was found beside the old one of its run"))
  }

  /// Proved by something that is still where it was restored to.
  private func earlier(_ run: JournalItem.Run, depth: Int) throws(SystemError) -> RelativePath? {
    for item in store.journal.history.items.reversed() where item.item.runs.contains(run) {
      guard case .restored(let path, _, let identity) = item.state, !path.isAtOrBelow(run.path),
        let whole = RelativePath(path.bytes), whole.names.count > depth, let (parent, name) = whole.split,
        let folder = try? store.root.folder(parent), try folder.statusIfThere(name)?.inode == identity.inode
      else { continue }
      return RelativePath(Array(whole.names.prefix(depth)))
    }
    return nil
  }

  /// Steps down, making what is not there; `isNew`: EEXIST where it is. Nobody else may write into what is made here who
  /// may not write around it.
  private func making(
    _ names: [Name], in start: Parent, mode: UInt32, isNew: Bool = false
  ) throws(SystemError) -> Parent {
    var (folder, path, made) = (start.folder, start.path, start.made)
    for name in names {
      let isThere = isNew ? false : try folder.statusIfThere(name) != nil
      if !isThere {
        try store.changes.makeDirectory(folder.directory, name, mode: mode & 0o755)
        try store.changes.sync(folder.directory)
        made.append((folder, name))
      }
      folder = try folder.folder(name)
      path = path.appending(name)
    }
    return Parent(folder: folder, path: path, made: made)
  }

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
