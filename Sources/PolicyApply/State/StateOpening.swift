internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Opens, and where it is missing makes, what one owner has in one root.
struct StateOpening {
  var root: Root
  var uid: UInt32
  var host: ByteString
  /// `--state DIR`: everything but the moved items lies there.
  var state: ByteString?
  /// `trash.dir` of the policy.
  var trashDirectory: ByteString?
  var changes: FileChanges
  var clock: ApplyClock
  var stop: StopRequest
  /// A descriptor of the root, where it was opened before.
  var openedRoot: Int32?
  private let chain = FolderChain()

  func open() throws(ApplyFailure) -> OwnerStore {
    let rootFolder = try openRoot()
    var notes = [rootFolder.directory.resolution == .openat2 ? "openat2" : "component-walk"]
    var locks: [HeldLock] = []
    let home: Folder
    if let state {
      home = try stateHome(state, notes: &notes)
      locks += try lockInRoot(rootFolder)
    } else {
      home = try ownerFolder(try policyFolder(rootFolder))
    }
    locks.append(try lock(home))
    let infoParent = state == nil ? try privateFolder(home, StateLayout.trash) : home
    let info = try privateFolder(infoParent, StateLayout.info)
    let (files, prefix, path) = try filesFolder(rootFolder, &notes)
    guard files.status.device == rootFolder.status.device else {
      throw ApplyFailure(
        .refused, "the trash of \(shown) is on another volume; nothing is ever copied behind your back")
    }
    let journal = try JournalWriter(home, changes: changes, clock: clock, notes: &notes)
    try syncChain(journal, files, prefix)
    return OwnerStore(
      root: rootFolder, rootPath: root.path, uid: uid, host: host, home: home, homePath: homePath, info: info,
      files: files,
      prefix: prefix, filesPath: path, journal: journal, changes: changes, clock: clock, stop: stop,
      notes: notes, locks: locks)
  }

  private var homePath: ByteString {
    guard let state else { return root.path.appending(StateLayout.ownerFolder(uid: uid)) }
    return state.appending(ByteString("\(StateLayout.stateName(root: root.path))/\(uid)"))
  }

  /// The root as a name for messages.
  var shown: String { root.path.displayText }

  func openRoot() throws(ApplyFailure) -> Folder {
    let folder: Folder
    do throws(SystemError) {
      if let openedRoot {
        folder = try Folder(.again(openedRoot))
      } else {
        folder = try Folder(.openRoot(root.path.bytes))
      }
    } catch {
      throw ApplyFailure(error.isAbsence ? .nothingChecked : .environment, "root \(shown): \(error.text)")
    }
    if let device = root.device, let inode = root.inode {
      guard folder.status.device == device, folder.status.inode == inode else {
        throw ApplyFailure(.stale, "root \(shown) is another directory than the one that was planned for; plan again")
      }
    }
    return folder
  }

  // MARK: folders

  /// `.policy`, which may serve many owners.
  private func policyFolder(_ root: Folder) throws(ApplyFailure) -> Folder {
    try sharedFolder(root, StateLayout.folder, in: shown)
  }

  /// A folder that holds one folder an owner: sticky where others may write it.
  private func sharedFolder(_ root: Folder, _ text: String, in parent: String) throws(ApplyFailure) -> Folder {
    let place = "\(parent)/\(text)"
    let name = try name(text)
    do {
      if try root.statusIfThere(name) == nil {
        let isShared = uid == 0 || root.status.mode & 0o022 != 0
        guard uid == 0 || root.status.uid == uid else {
          throw ApplyFailure(
            .refused,
            "\(parent) belongs to somebody else, who must make the place for everybody's trash once: "
              + "`install -d -m 1777 \(place)`")
        }
        try make(root, name, mode: isShared ? 0o1777 : 0o700)
      }
      chain.add(root)
      let folder = try root.folder(name)
      guard [0, uid, root.status.uid].contains(folder.status.uid) else {
        throw ApplyFailure(.refused, "\(place) belongs to uid \(folder.status.uid), who owns neither it nor the root")
      }
      guard folder.status.mode & 0o022 == 0 || folder.status.mode & 0o1000 != 0 else {
        throw ApplyFailure(.refused, "\(place) can be written by others and is not sticky: `chmod 1777 \(place)`")
      }
      return folder
    } catch let failure as ApplyFailure {
      throw failure
    } catch let error as SystemError {
      throw environment(error, place)
    } catch {
      throw ApplyFailure(.environment, place)
    }
  }

  /// `.policy/<uid>`. Root's may be read by others, because root's pins count for everybody.
  private func ownerFolder(_ parent: Folder) throws(ApplyFailure) -> Folder {
    try privateFolder(parent, String(uid), mode: uid == 0 ? 0o755 : 0o700)
  }

  /// A folder of this owner that nobody else can write, made where it is missing.
  func privateFolder(_ parent: Folder, _ text: String, mode: UInt32 = 0o700) throws(ApplyFailure) -> Folder {
    let name = try name(text)
    do {
      if try parent.statusIfThere(name) == nil { try make(parent, name, mode: mode) }
      chain.add(parent)
      let folder = try parent.folder(name)
      guard folder.status.uid == uid else {
        throw ApplyFailure(.refused, "folder `\(text)` of the trash belongs to uid \(folder.status.uid), not to you")
      }
      guard folder.status.mode & 0o077 & ~mode == 0 else {
        throw ApplyFailure(
          .refused, "folder `\(text)` of the trash is open to others: `chmod \(String(mode, radix: 8))` it")
      }
      return folder
    } catch let failure as ApplyFailure {
      throw failure
    } catch let error as SystemError {
      throw environment(error, "folder `\(text)` of the trash of \(shown)")
    } catch {
      throw ApplyFailure(.environment, text)
    }
  }

  private func make(_ parent: Folder, _ name: Name, mode: UInt32) throws(SystemError) {
    do {
      try changes.makeDirectory(parent.directory, name, mode: mode)
    } catch {
      // Another owner's process may just have made it.
      guard error.errno == EEXIST else { throw error }
    }
  }

  /// Makes folders and journal last where nothing depends on them yet; whoever put the first thing there has done so.
  private func syncChain(_ journal: JournalWriter, _ files: Folder, _ prefix: [UInt8]) throws(ApplyFailure) {
    do throws(SystemError) {
      let listing = try files.directory.list()
      let isUsed = listing.indices.contains { listing.bytes($0).starts(with: prefix) }
      if journal.history.lastSequence == 0 || !isUsed { try chain.sync(changes) }
    } catch {
      throw environment(error, "the trash of \(shown)")
    }
  }

  /// What is put before the records of a journal that lies in a state folder: the journal in the root, or one in
  /// another state folder, does not know of them.
  private var statePrefix: String {
    guard let state else { return "" }
    return StateLayout.stateMark + CRC32.text(of: state.bytes) + "-"
  }

  /// Where moved items go. On a volume without a free block no directory can be made on ext4, but a rename into an
  /// existing one works: then items become hidden entries of the root itself, which the scanner does not enter.
  private func filesFolder(
    _ root: Folder, _ notes: inout [String]
  ) throws(ApplyFailure) -> (Folder, prefix: [UInt8], path: ByteString) {
    if let trashDirectory { return try declaredFolder(trashDirectory, root) }
    let path = ByteString("\(StateLayout.folder)/\(uid)/\(StateLayout.trash)/\(StateLayout.files)")
    do throws(ApplyFailure) {
      let home = try ownerFolder(try policyFolder(root))
      let files = try privateFolder(try privateFolder(home, StateLayout.trash), StateLayout.files)
      return (files, Array(statePrefix.utf8), path)
    } catch {
      guard state != nil, error.status == .environment, root.status.uid == uid, root.status.mode & 0o022 == 0 else {
        throw error
      }
      notes.append("loose-items")
      return (root, Array("\(StateLayout.looseItemPrefix)\(uid)-\(statePrefix)".utf8), "")
    }
  }

  /// `trash.dir`: absolute, or relative to the root; holds one folder an owner.
  private func declaredFolder(
    _ directory: ByteString, _ root: Folder
  ) throws(ApplyFailure) -> (Folder, prefix: [UInt8], path: ByteString) {
    let parent: Folder
    do throws(SystemError) {
      if directory.bytes.first == UInt8(ascii: "/") {
        parent = try Folder(DirectoryDescriptor.openRoot(directory.bytes))
      } else if let path = RelativePath(directory.bytes) {
        parent = try root.folder(path)
      } else {
        throw SystemError(errno: EINVAL, call: "open")
      }
    } catch {
      throw ApplyFailure(.environment, "the trash folder \(directory.displayText) cannot be used: \(error.text)")
    }
    let own = try ownerFolder(parent)
    let files = try privateFolder(own, StateLayout.files)
    // Several roots may share the folder, and a journal answers for its own root's items alone.
    let prefix = StateLayout.rootMark + CRC32.text(of: self.root.path.bytes) + "-" + statePrefix
    return (files, Array(prefix.utf8), ByteString(directory.bytes + Array("/\(uid)/\(StateLayout.files)".utf8)))
  }

  /// `DIR/<root>/<uid>`.
  private func stateHome(_ state: ByteString, notes: inout [String]) throws(ApplyFailure) -> Folder {
    let parent: Folder
    do {
      parent = try Folder(DirectoryDescriptor.openRoot(state.bytes))
    } catch {
      let hint = error.errno == ENOENT ? "; make it: `mkdir -m 700 \(state.displayText)`" : ""
      throw ApplyFailure(.environment, "state folder \(state.displayText): \(error.text)\(hint)")
    }
    guard [0, uid].contains(parent.status.uid), parent.status.mode & 0o022 == 0 || parent.status.mode & 0o1000 != 0
    else {
      throw ApplyFailure(.refused, "state folder \(state.displayText) can be written by others: use one of your own")
    }
    notes.append("state")
    let folder = try sharedFolder(parent, StateLayout.stateName(root: root.path), in: state.displayText)
    return try ownerFolder(folder)
  }

  /// The folder of journal and pins where there is one; reads only, and locks nothing.
  func existingHome() throws(ApplyFailure) -> Folder? {
    let rootFolder = try openRoot()
    let home: Folder
    do throws(SystemError) {
      if let state {
        let parts = [Name(StateLayout.stateName(root: root.path)), Name(String(uid))].compactMap { $0 }
        home = try Folder(DirectoryDescriptor.openRoot(state.bytes)).folder(RelativePath(parts))
      } else if let path = RelativePath(StateLayout.ownerFolder(uid: uid).bytes) {
        home = try rootFolder.folder(path)
      } else {
        return nil
      }
    } catch {
      if error.errno == ENOENT { return nil }
      throw environment(error, "the trash of \(shown)")
    }
    guard home.status.uid == uid else {
      throw ApplyFailure(.refused, "the trash folder of uid \(uid) in \(shown) belongs to uid \(home.status.uid)")
    }
    return home
  }

  func name(_ text: String) throws(ApplyFailure) -> Name {
    guard let name = Name(text) else { throw ApplyFailure(.refused, "`\(text)` is no name for a file") }
    return name
  }

  func environment(_ error: SystemError, _ place: String) -> ApplyFailure {
    if error.errno == ELOOP || error.errno == ENOTDIR, error.call != "fsync" {
      return ApplyFailure(.refused, "\(place) is a link or no directory; look at it and remove it")
    }
    if error.isLackOfSpace, state == nil {
      return ApplyFailure(
        .environment,
        "\(place): \(error.text); give `--state DIR` on another volume for journal and lock, and nothing more is needed"
      )
    }
    let hint =
      switch error.errno {
      case EROFS: "; mount it writable first"
      case EACCES, EPERM: "; whoever applies needs to write there"
      case _: ""
      }
    return ApplyFailure(.environment, "\(place): \(error.text)\(hint)")
  }
}
