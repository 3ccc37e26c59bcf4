internal import PolicyCore
internal import PolicyFiles

/// Finds the runs of a root, and sums up what is in each: one walk after the other over pieces of it.
///
/// Below a run everything takes part in its sums and digest; above and beside runs only directories are looked at. Runs
/// are searched for everywhere but in hidden and excluded directories.
struct TreeScan: TreeVisitor {
  /// What became of the directory where a walk began.
  struct Top {
    var isRun = false
    var containsRun = false
    var isReadable = true
    /// Outermost directories below without any run.
    var unrecognised: [ByteString] = []
  }

  private struct Frame {
    /// Length of the directory's path.
    let length: Int
    let isRun: Bool
    /// Runs are looked for in it.
    let isSearched: Bool
    var containsRun = false
    /// Outermost directories below without any run, as long as none is found here.
    var unrecognised: [ByteString] = []
  }

  private let reader: RunReader
  private let excluded: [PathPattern]
  private let openFiles: OpenFiles
  private let files = FileSummaries()
  private let root: Int
  private(set) var assembly: EntityAssembly
  private(set) var unreadable: [ReportedPlace] = []
  private(set) var unrecognised: [ReportedPlace] = []

  // Of the walk that goes on, or has just ended.
  private(set) var top = Top()
  /// Directories that this walk leaves to others; paths relative to the root.
  private(set) var left: [[UInt8]] = []
  private(set) var entries = 0
  private(set) var runCount = 0
  private var isShared = false
  private var isAtRoot = true

  /// Path of the directory that is being looked at, relative to the root.
  private var path: [UInt8] = []
  private var pending: (name: ArraySlice<UInt8>, isSearched: Bool)?
  private var frames: [Frame] = []
  private var runs: [OpenRun] = []

  /// A run that the walk is inside of; a draft is too large to be moved about.
  private final class OpenRun {
    var draft: RunDraft
    /// Length of its path.
    let length: Int
    init(_ draft: RunDraft, _ length: Int) { (self.draft, self.length) = (draft, length) }
  }

  init(reader: RunReader, assembly: EntityAssembly, excluded: [ByteString], openFiles: OpenFiles) {
    self.reader = reader
    self.assembly = assembly
    self.excluded = excluded.map { PathPattern($0) }
    self.openFiles = openFiles
    root = assembly.root
  }

  /// A walk is about to begin, at a directory above the runs or at a run. Where the work is `isShared`, directories above
  /// the runs leave those below them to others.
  mutating func begin(_ path: [UInt8], isShared: Bool) {
    self.path = path
    self.isShared = isShared
    isAtRoot = path.isEmpty
    (pending, frames, runs, left, top, entries, runCount) = (nil, [], [], [], Top(), 0, 0)
  }

  /// The walk that was to begin is not needed: the run is as it was.
  mutating func takeOver(_ known: EarlierRuns.Known, entries: Int) {
    self.entries += entries
    runCount += 1 + known.nested.count
    top = Top(isRun: true)
  }

  private func pathOf(_ name: ArraySlice<UInt8>) -> [UInt8] {
    path.isEmpty ? Array(name) : path + [UInt8(ascii: "/")] + name
  }

  /// The part of a path below a run.
  private static func below(_ run: Int, _ path: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    path.dropFirst(run == 0 ? 0 : run + 1)
  }

  mutating func enter(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, _ status: FileStatus
  ) -> Bool {
    let isSearched = pending?.isSearched ?? true
    entries += 1
    if let pending { path = pathOf(pending.name) }
    pending = nil
    var isRun = false
    if isSearched, let draft = reader.read(directory, listing, status, path: ByteString(path)) {
      runs.append(OpenRun(draft, path.count))
      runCount += 1
      isRun = true
    }
    frames.append(Frame(length: path.count, isRun: isRun, isSearched: isSearched))
    return !runs.isEmpty
  }

  mutating func descent(_ listing: DirectoryListing, _ index: Int) -> Descent {
    let name = listing.bytes(index)
    let isHidden = listing.isHidden(index)
    // Our own folders are part of nothing, even where the root itself is a run.
    if isAtRoot, frames.count == 1, isHidden, name.starts(with: ".policy".utf8) { return .skip }
    var isSearched = frames.last?.isSearched ?? true
    if isSearched, isHidden || (!excluded.isEmpty && isExcluded(name)) { isSearched = false }
    if !isSearched, runs.isEmpty { return .skip }
    if isShared, runs.isEmpty {
      left.append(pathOf(name))
      return .skip
    }
    pending = (name, isSearched)
    return .enter
  }

  private func isExcluded(_ name: ArraySlice<UInt8>) -> Bool {
    let path = pathOf(name)
    return excluded.contains { $0.matches(path) }
  }

  mutating func visit(_ listing: DirectoryListing, _ index: Int, _ status: FileStatus) {
    entries += 1
    guard let last = runs.indices.last else { return }
    let name = listing.bytes(index)
    runs[last].draft.own.add(status)
    let isTop = frames.last?.isRun ?? false
    if status.type == .symlink, isTop, Self.isCheckpointFolder(name) {
      runs[last].draft.isIncomplete = true
      runs[last].draft.notes.append(
        ScanNote(
          code: "linked-weights", text: "\(EscapedText.of(Array(name))) is a symbolic link and was not followed"))
    }
    guard status.type == .regular else { return }
    let isOpen = openFiles.contains(status) || Self.isKeptByNFS(name)
    if isOpen { runs[last].draft.hasOpenFile = true }
    if isTop, Self.isEndPlot(name) {
      runs[last].draft.plotsAt = max(runs[last].draft.plotsAt ?? .min, status.modified)
    }
    addCheckpoint(name, status, isOpen: isOpen)
  }

  private static func isCheckpointFolder(_ name: ArraySlice<UInt8>) -> Bool {
    name.elementsEqual("weights".utf8) || name.elementsEqual("checkpoints".utf8)
  }

  /// What an NFS client calls a removed file that a process, perhaps of another host, still has open: `.nfs` and 24 hex
  /// digits. No `/proc` of this host can tell.
  private static func isKeptByNFS(_ name: ArraySlice<UInt8>) -> Bool {
    guard name.count == 28, name.starts(with: ".nfs".utf8) else { return false }
    return name.dropFirst(4).allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  private static func isEndPlot(_ name: ArraySlice<UInt8>) -> Bool {
    name.elementsEqual("results.png".utf8)
      || name.starts(with: "confusion_matrix".utf8) && name.suffix(4).elementsEqual(".png".utf8)
  }

  mutating func skipped(_ listing: DirectoryListing, _ index: Int, _ reason: SkippedEntry) {
    pending = nil
    let place = ByteString(pathOf(listing.bytes(index)))
    let words: String
    switch reason {
    case .mount: words = "another file system is mounted here"
    case .unreadable(let error): words = error.text
    }
    unreadable.append(ReportedPlace(root: root, path: place, reason: words))
    for run in runs.indices { runs[run].draft.isIncomplete = true }
    if let last = runs.indices.last {
      runs[last].draft.notes.append(
        ScanNote(
          code: reason == .mount ? "contains-mount" : "unreadable-entry",
          text: "\(EscapedText.of(place.lastComponent.bytes)): \(words)"))
    }
  }

  mutating func leave(_ summary: TreeSummary) {
    guard let frame = frames.popLast() else { return }
    if frame.isRun, let run = runs.popLast() {
      assembly.add(run.draft, summary)
    } else if !runs.isEmpty {
      addDirectoryCheckpoint(summary)
    }
    let own = ByteString(path)
    path.removeSubrange((frames.last?.length ?? 0)...)
    guard let parent = frames.indices.last else {
      top = Top(isRun: frame.isRun, containsRun: frame.containsRun, unrecognised: frame.unrecognised)
      return
    }
    if frame.isRun || frame.containsRun { frames[parent].containsRun = true }
    guard runs.isEmpty, !frame.isRun else { return }
    if frame.containsRun { report(frame.unrecognised) } else { frames[parent].unrecognised.append(own) }
  }

  private mutating func addCheckpoint(_ file: ArraySlice<UInt8>, _ status: FileStatus, isOpen: Bool) {
    guard let last = runs.indices.last else { return }
    var below = Array(Self.below(runs[last].length, path[...]))
    if !below.isEmpty { below.append(UInt8(ascii: "/")) }
    below += file
    guard let name = checkpointName(below, of: last, isDirectory: false) else { return }
    // Begun and never written: it neither counts as the newest nor can it be removed for an older one.
    if status.size == 0 {
      runs[last].draft.hasEmptyCheckpoint = true
      runs[last].draft.notes.append(
        ScanNote(
          code: "empty-checkpoint", text: "\(EscapedText.of(below)) is empty and counts as no checkpoint"))
      return
    }
    let path = ByteString(pathOf(file))
    runs[last].draft.checkpoints.append(
      CheckpointDraft(path: path, name: name, summary: files.summary(of: status), isOpen: isOpen))
  }

  /// Some frameworks write a checkpoint as a directory.
  private mutating func addDirectoryCheckpoint(_ summary: TreeSummary) {
    guard let last = runs.indices.last else { return }
    let below = Array(Self.below(runs[last].length, path[...]))
    guard let name = checkpointName(below, of: last, isDirectory: true) else { return }
    runs[last].draft.checkpoints.append(
      CheckpointDraft(path: ByteString(path), name: name, summary: summary, isOpen: false))
  }

  private func checkpointName(_ below: [UInt8], of run: Int, isDirectory: Bool) -> CheckpointName? {
    guard var name = runs[run].draft.layout.checkpoint(below, isDirectory: isDirectory) else { return nil }
    if !runs[run].draft.roles.isEmpty, let role = runs[run].draft.roles[ByteString(below)] { name.role = role }
    return name
  }

  private mutating func report(_ paths: [ByteString]) {
    unrecognised += paths.map { ReportedPlace(root: root, path: $0, reason: "no layout recognises it") }
  }
}
