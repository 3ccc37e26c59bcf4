internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// What is found where a planned item should be, and whether it may be moved.
struct ItemLook {
  /// Why it stays.
  struct Refusal: Error {
    let reason: String
    /// The error of the system behind it, when there is one: some stop everything.
    let cause: SystemError?
    init(_ reason: String, cause: SystemError? = nil) {
      self.reason = reason
      self.cause = cause
    }

    /// The journal believes it in the trash, and it is not there.
    static func taken(_ record: String) -> Refusal {
      Refusal("it is not in the trash any more, somebody took it by hand; `policy recover --give-up \(record)`")
    }
  }

  let store: OwnerStore
  /// How long regular files must have been quiet.
  let grace: TimeSpan
  /// `nil` where a pin is no reason against it.
  let pins: PinWatch?

  /// A found item; holds its lock, and those of the runs that it lies in, while it lives.
  final class Found {
    let parent: Folder
    let name: Name
    let summary: TreeSummary
    private let directory: LockedFolder?
    private let file: LockedFile?
    private let runs: [LockedFolder]

    init(
      parent: Folder, name: Name, summary: TreeSummary, directory: LockedFolder?, file: LockedFile?,
      runs: [LockedFolder]
    ) {
      self.parent = parent
      self.name = name
      self.summary = summary
      self.directory = directory
      self.file = file
      self.runs = runs
    }

    /// Summarises what lies in a folder under a name: mostly it itself, moved there, which is open already.
    func lookAgain(_ folder: Folder, _ name: Name) throws(SystemError) -> TreeSummary {
      let status = try folder.directory.status(name)
      guard let own = directory?.folder, status.isSameObject(as: own.status),
        !status.isOnAnotherMount(than: folder.status)
      else { return try TreeSummary.of(folder.directory, name) }
      return try TreeSummary.of(own.shared)
    }
  }

  /// Steps down to a path and compares what is there with what was planned. `runs` are the paths of those it lies in: a
  /// training locks its run, never its checkpoints, and may have begun since the roots were looked at.
  func look(at path: ByteString, expected: Identity, within runs: [ByteString] = []) throws(Refusal) -> Found {
    do {
      var around: [LockedFolder] = []
      for run in runs {
        guard let place = RelativePath(run.bytes) else { throw Refusal("its path cannot be used") }
        guard let locked = try LockedFolder(try store.root.folder(place)) else {
          throw Refusal("the run that it lies in is locked by a running process")
        }
        around.append(locked)
      }
      let (parent, name) = try store.place(path)
      var (opened, failure): (Folder?, SystemError?)
      if expected.type == .directory {
        do throws(SystemError) { opened = try parent.folder(name) } catch { failure = error }
      }
      let status = if let opened { opened.status } else { try parent.directory.status(name) }
      if let difference = expected.difference(from: status) { throw Refusal(difference) }
      if status.isOnAnotherMount(than: parent.status) {
        throw Refusal("another file system is mounted there")
      }
      // The lock comes first: whoever honours it then writes nothing while the tree is read.
      var (directory, file): (LockedFolder?, LockedFile?)
      switch status.type {
      case .directory:
        // Its status has told of nothing else in its place.
        if let failure { throw failure }
        let folder = if let opened { opened } else { try parent.folder(name) }
        guard folder.status.isSameObject(as: status) else { throw Refusal("it was replaced while it was looked at") }
        directory = try LockedFolder(folder)
      case .regular:
        file = try LockedFile(try parent.directory.openFile(name))
      case .symlink, .other: throw Refusal("it is neither a directory nor a plain file")
      }
      if directory == nil, file == nil { throw Refusal("it is locked by a running process") }
      let summary =
        if let directory { try TreeSummary.of(directory.folder.shared) } else {
          try TreeSummary.of(parent.directory, name)
        }
      if let reason = check(summary, expected) { throw Refusal(reason) }
      if let reason = try pins?.holds(path, summary.status) { throw Refusal(reason) }
      return Found(parent: parent, name: name, summary: summary, directory: directory, file: file, runs: around)
    } catch let refusal as Refusal {
      throw refusal
    } catch let error as SystemError {
      throw Refusal(error.sentence, cause: error)
    } catch {
      throw Refusal("it cannot be looked at")
    }
  }

  private func check(_ summary: TreeSummary, _ expected: Identity) -> String? {
    if summary.containsMount { return "another file system is mounted inside it" }
    if summary.unreadable > 0 { return "something in it cannot be read (\(summary.unreadable))" }
    if let newest = summary.newestFileModified {
      let quiet = store.clock.now().since(Timestamp(nanoseconds: newest))
      if quiet == nil || quiet.map({ $0 < grace }) == true {
        return "it is being written: a file in it changed less than \(grace.spelled) ago"
      }
    }
    if summary.digestText != expected.treeDigest || summary.entries != expected.entries {
      return "something in it changed since it was planned"
    }
    return nil
  }
}
