internal import PolicyCore
internal import PolicyFiles

/// Looks whether a run is as an earlier snapshot has it, with far fewer calls than reading it takes.
///
/// Every directory of it is looked at: a directory's ctime is that of the last name that was made, removed or renamed in
/// it. A folder is opened and listed only where more may lie in it than `KnownFiles`. Files are looked at but for two
/// kinds: pictures, and checkpoints that neither resuming needs nor a training that goes on would write. If one of these
/// alone was written in place, or only its owner, mode or times were changed, that is not seen here; what is applied is
/// compared with the disk in any case.
struct UnchangedWalk: TreeVisitor {
  static var countsEntries: Bool { true }

  private let earlier: EarlierTable
  private let known: EarlierRuns.Known
  private let files: KnownFiles?
  private let openFiles: OpenFiles
  private let rights: OwnRights?
  private(set) var isChanged = false
  private(set) var entries = 0
  /// The run's folders hold its known files and nothing else, and were looked at.
  private var areFoldersKnown = false
  /// Of the directory that is being looked at, relative to the root; and how long those above it are.
  private var path: [UInt8]
  private var lengths: [Int] = []
  private var pending: ArraySlice<UInt8>?

  private init(
    _ path: [UInt8], _ earlier: EarlierTable, _ known: EarlierRuns.Known, _ files: KnownFiles?, _ openFiles: OpenFiles,
    _ rights: OwnRights?
  ) {
    self.path = path
    self.earlier = earlier
    self.known = known
    self.files = files
    self.openFiles = openFiles
    self.rights = rights
  }

  /// How many entries there are where nothing has changed; `nil` where something may have.
  ///
  /// - Parameter directory: of which nothing has been read yet.
  static func entries(
    of directory: SharedDirectory, at path: [UInt8], _ earlier: EarlierTable, _ known: EarlierRuns.Known,
    _ files: KnownFiles?, _ openFiles: OpenFiles, _ rights: OwnRights?
  ) -> Int? {
    var walk = UnchangedWalk(path, earlier, known, files, openFiles, rights)
    do throws(SystemError) {
      _ = try TreeWalk.walk(fresh: directory, visitor: &walk)
    } catch {
      return nil
    }
    // The walk counts the run's own directory too.
    guard !walk.isChanged, Int64(walk.entries) == known.identity.entries else { return nil }
    return walk.entries + 1
  }

  mutating func enter(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, _ status: FileStatus
  ) -> Bool {
    if let pending {
      path.append(UInt8(ascii: "/"))
      path += pending
    }
    pending = nil
    let isTop = lengths.isEmpty
    lengths.append(path.count)
    entries += listing.count
    if isTop, !isSame(status) || isHeld(directory, listing) { isChanged = true }
    if !isTop, isNestedRun, isHeld(directory, listing) { isChanged = true }
    if !isAsOld(status) || status.mountID != known.identity.mountID { isChanged = true }
    for index in listing.indices where !isChanged && listing.typeHint(index) != .directory {
      if !isUnchanged(listing, index, directory, status) { isChanged = true }
    }
    // Of a network volume a folder that is not opened may be remembered as it was.
    if isTop, !isChanged, let rights, let files, Int64(entries + files.count) == known.identity.entries {
      if areUnchanged(files, listing, directory, status, rights) { areFoldersKnown = true } else { isChanged = true }
      entries += files.count
    }
    return false
  }

  /// Whether nothing has changed in folders of the run that hold the known files and nothing else.
  private func areUnchanged(
    _ files: KnownFiles, _ listing: DirectoryListing, _ directory: borrowing DirectoryDescriptor, _ run: FileStatus,
    _ rights: OwnRights
  ) -> Bool {
    for index in listing.indices where listing.typeHint(index) == .directory {
      guard let folder = try? directory.status(listing, index), folder.type == .directory, isAsOld(folder),
        folder.device == run.device, folder.mountID == known.identity.mountID,
        rights.surelySearch(folder, in: run) || directory.maySearch(listing, index)
      else { return false }
    }
    return files.allSatisfy { file, inode in
      if openFiles.contains(device: run.device, inode: inode) { return false }
      if known.areFinished, !Self.isLast(file) { return true }
      guard let status = try? directory.status(inside: file), status.type == .regular, status.inode == inode,
        status.device == run.device, status.mountID == known.identity.mountID
      else { return false }
      return isAsOld(status) && status.links == 1
        && (rights.surelyRead(status, in: run) || directory.mayRead(inside: file))
    }
  }

  private func isSame(_ status: FileStatus) -> Bool {
    let identity = known.identity
    return status.device == identity.device && status.inode == identity.inode && status.uid == identity.uid
      && status.born == identity.born?.nanoseconds && status.changed == identity.changed.nanoseconds
      && status.modified == identity.modified.nanoseconds
  }

  private var isNestedRun: Bool { isAmong(known.nested, path) }

  private func isHeld(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing) -> Bool {
    listing.holds(TrainingLock.fileName) || ((try? directory.isLockedByAnother()) ?? true)
  }

  /// ctime cannot be set, and everything of the run was older.
  private func isAsOld(_ status: FileStatus) -> Bool {
    status.changed <= known.identity.newestChanged.nanoseconds
  }

  private func isUnchanged(
    _ listing: DirectoryListing, _ index: Int, _ directory: borrowing DirectoryDescriptor, _ folder: FileStatus
  ) -> Bool {
    if openFiles.contains(device: folder.device, inode: listing.inode(index)) { return false }
    guard listing.typeHint(index) == nil || !isTrusted(listing.bytes(index)) else { return true }
    guard let status = try? directory.status(listing, index), status.type != .directory else { return false }
    // Whoever took the earlier snapshot may have read more than we may.
    if status.type == .regular, rights?.surelyRead(status, in: folder) != true, !directory.mayRead(listing, index) {
      return false
    }
    // Where the directory counts inodes otherwise, open files could not be told.
    return isAsOld(status) && status.inode == listing.inode(index) && status.links == 1
      && !openFiles.contains(status)
  }

  private func isTrusted(_ name: ArraySlice<UInt8>) -> Bool {
    if Self.isPicture(name) { return true }
    guard known.areFinished, !Self.isLast(name) else { return false }
    // A run has few, so they need no searching.
    return known.checkpoints.contains { earlier.isAt($0, name, in: path) }
  }

  private static func isPicture(_ name: ArraySlice<UInt8>) -> Bool {
    func ends(in letters: StaticString) -> Bool {
      let count = letters.utf8CodeUnitCount
      guard name.count > count else { return false }
      let start = name.endIndex - count
      return letters.withUTF8Buffer { letters in
        for place in 0..<count where unsafe name[start + place] != letters[place] { return false }
        return true
      }
    }
    return ends(in: ".png") || ends(in: ".jpg") || ends(in: ".jpeg")
  }

  private static let last = Array("last".utf8)

  private static func isLast(_ name: ArraySlice<UInt8>) -> Bool {
    guard name.count >= last.count else { return false }
    return (name.startIndex...(name.endIndex - last.count)).contains {
      name[$0] == last[0] && name[$0..<($0 + last.count)].elementsEqual(last)
    }
  }

  private func isAmong(_ places: Range<Int>, _ path: [UInt8]) -> Bool {
    if places.isEmpty { return false }
    let place = earlier.first(places, notBefore: path, guess: places.lowerBound)
    return place < places.upperBound && earlier.isAt(place, path)
  }

  mutating func descent(_ listing: DirectoryListing, _ index: Int) -> Descent {
    if isChanged || areFoldersKnown { return .skip }
    pending = listing.bytes(index)
    return .enter
  }

  mutating func skipped(_ listing: DirectoryListing, _ index: Int, _ reason: SkippedEntry) { isChanged = true }

  mutating func leave(_ summary: TreeSummary) {
    lengths.removeLast()
    if let length = lengths.last { path.removeSubrange(length...) }
  }
}
