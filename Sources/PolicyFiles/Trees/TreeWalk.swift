internal import CLinux
internal import Glibc
internal import PolicyDigest

/// Why an entry was not entered or not read.
public enum SkippedEntry: Hashable, Sendable {
  case mount
  case unreadable(SystemError)
}

extension SystemError: Hashable {
  public func hash(into hasher: inout Hasher) {
    hasher.combine(errno)
    hasher.combine(call)
  }
}

/// What happens to a subdirectory.
public enum Descent: Sendable {
  case enter
  /// As though it were not there.
  case skip
}

/// Who is told of everything that a walk meets. Entries come in byte order of their names, a directory's files and
/// subdirectories in one sequence, a subdirectory completely before its next sibling.
public protocol TreeVisitor {
  /// Whether all entries are counted afterwards, and the walk means nothing where the count is not the expected one. Then a
  /// listing for which the kernel left room is taken for whole, without being asked for more.
  static var countsEntries: Bool { get }
  /// A directory was opened and listed. True when it takes part in sums and digest: then every entry is looked at; else
  /// only subdirectories are.
  mutating func enter(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, _ status: FileStatus
  ) -> Bool
  /// Whether a subdirectory of the directory entered last is walked.
  mutating func descent(_ listing: DirectoryListing, _ index: Int) -> Descent
  /// An entry that is no directory.
  mutating func visit(_ listing: DirectoryListing, _ index: Int, _ status: FileStatus)
  mutating func skipped(_ listing: DirectoryListing, _ index: Int, _ reason: SkippedEntry)
  /// A directory is done. `summary` is meaningful when `enter` asked for it.
  mutating func leave(_ summary: TreeSummary)
}

extension TreeVisitor {
  public static var countsEntries: Bool { false }
  public mutating func enter(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, _ status: FileStatus
  ) -> Bool { true }
  public mutating func descent(_ listing: DirectoryListing, _ index: Int) -> Descent { .enter }
  public mutating func visit(_ listing: DirectoryListing, _ index: Int, _ status: FileStatus) {}
  public mutating func skipped(_ listing: DirectoryListing, _ index: Int, _ reason: SkippedEntry) {}
  public mutating func leave(_ summary: TreeSummary) {}
}

/// A walk over a whole tree with descriptors: no path is ever resolved twice, no link followed, no mount entered.
///
/// The stack is a list, not the machine's, and at most `openLevels` directories are open, the deepest ones: a level that
/// was closed is opened again as `..` of its child and must then be the same inode, else (somebody moved it) the rest
/// of it counts as unreadable. A tree of any depth costs two descriptors more than that.
public enum TreeWalk {
  /// Few, so that 32 descriptors in all are enough.
  static let openLevels = 12

  /// Walks `root`, which is closed at the end. The error is for the root; all others are counted and reported.
  public static func walk<Visitor: TreeVisitor>(
    _ root: consuming DirectoryDescriptor, visitor: inout Visitor
  ) throws(SystemError) -> TreeSummary {
    try walk(fresh: SharedDirectory(root), visitor: &visitor)
  }

  /// Walks a directory that somebody else holds open, from its beginning.
  package static func walk<Visitor: TreeVisitor>(
    _ root: SharedDirectory, visitor: inout Visitor
  ) throws(SystemError) -> TreeSummary {
    try root.directory.rewind()
    return try walk(fresh: root, visitor: &visitor)
  }

  /// The same of one of which nothing has been read yet.
  package static func walk<Visitor: TreeVisitor>(
    fresh root: SharedDirectory, visitor: inout Visitor
  ) throws(SystemError) -> TreeSummary {
    let first = try Level(root, isCounted: Visitor.countsEntries)
    first.isSummed = visitor.enter(first)
    var levels = [first]
    while let level = levels.last {
      if let index = level.nextEntry() {
        if let child = step(level, index, &visitor) {
          levels.append(child)
          if levels.count > openLevels { levels[levels.count - 1 - openLevels].open = nil }
        }
        continue
      }
      let summary = level.summary()
      visitor.leave(summary)
      levels.removeLast()
      guard let parent = levels.last else { return summary }
      parent.absorb(level, summary)
      if parent.open == nil { parent.reopen(from: level) }
    }
    throw SystemError(errno: EINVAL, call: "walk")
  }

  /// Looks at one entry; a directory that is to be walked comes back opened.
  private static func step<Visitor: TreeVisitor>(
    _ level: Level, _ index: Int, _ visitor: inout Visitor
  ) -> Level? {
    guard let directory = level.open else {
      level.addUnreadable(index)
      visitor.skipped(level.listing, index, .unreadable(SystemError(errno: ESTALE, call: "open")))
      return nil
    }
    let listing = level.listing
    let hint = listing.typeHint(index)
    do throws(SystemError) {
      // A directory is opened first and looked at then: one call less, and no race between the two.
      if hint != .directory {
        let status = try directory.directory.status(listing, index)
        if status.type != .directory {
          guard level.isSummed else { return nil }
          if status.isOnAnotherMount(than: level.status) {
            level.addMount(index)
            visitor.skipped(listing, index, .mount)
          } else {
            level.add(index, status)
            visitor.visit(listing, index, status)
          }
          return nil
        }
      }
      if visitor.descent(listing, index) == .skip { return nil }
      let child = try Level(
        SharedDirectory(directory.directory.open(listing, index)), isCounted: Visitor.countsEntries)
      child.indexInParent = index
      child.isSummed = visitor.enter(child)
      return child
    } catch {
      if error.errno == EXDEV {
        level.addMount(index)
        visitor.skipped(listing, index, .mount)
      } else {
        level.addUnreadable(index)
        visitor.skipped(listing, index, .unreadable(error))
      }
      return nil
    }
  }
}

extension TreeVisitor {
  fileprivate mutating func enter(_ level: Level) -> Bool {
    guard let open = level.open else { return false }
    return enter(open.directory, level.listing, level.status)
  }
}

/// One directory on the stack of a walk.
private final class Level {
  var open: SharedDirectory?
  let listing: DirectoryListing
  let status: FileStatus
  var isSummed = false
  var indexInParent = 0
  private var next = 0
  private var sums = TreeSums()
  private var tuples = TupleBuffer()
  private var digest: SHA256Digest?
  private let resolution: PathResolution

  /// - Parameter isCounted: see `TreeVisitor.countsEntries`.
  init(_ open: SharedDirectory, isCounted: Bool) throws(SystemError) {
    self.open = open
    resolution = open.directory.resolution
    status = try open.directory.status()
    listing = try DirectoryListing.read(open.directory.rawValue, isCounted: isCounted)
  }

  /// Of a directory that takes no part in sums only what may be a directory, unless it was lost and everything left in it is.
  func nextEntry() -> Int? {
    if !isSummed, open != nil { while next < listing.count, listing.isSurelyNoDirectory(next) { next += 1 } }
    guard next < listing.count else { return nil }
    next += 1
    return next - 1
  }

  func add(_ index: Int, _ status: FileStatus) {
    sums.add(status)
    tuples.append(name: listing.bytes(index), status, digest: nil)
    flush(above: 16_384)
  }

  func addUnreadable(_ index: Int) {
    sums.addUnreadable()
    tuples.append(name: listing.bytes(index), nil, digest: nil)
  }

  func addMount(_ index: Int) {
    sums.addUnreadable()
    sums.containsMount = true
    tuples.append(name: listing.bytes(index), nil, digest: nil)
  }

  func absorb(_ child: Level, _ summary: TreeSummary) {
    guard isSummed else { return }
    sums.add(child.status)
    sums.absorb(child.sums)
    tuples.append(name: listing.bytes(child.indexInParent), child.status, digest: summary.digest)
    flush(above: 16_384)
  }

  private func flush(above limit: Int) {
    guard tuples.bytes.count > limit else { return }
    if digest == nil { digest = SHA256Digest() }
    digest?.update(tuples.bytes)
    tuples.removeAll()
  }

  func summary() -> TreeSummary {
    guard isSummed else { return TreeSummary(directory: status, sums: sums, digest: []) }
    flush(above: -1)
    let bytes = digest?.finish() ?? []
    digest = nil
    return TreeSummary(directory: status, sums: sums, digest: bytes)
  }

  /// Opens this level again as the parent of a child that is still open.
  func reopen(from child: Level) {
    guard let below = child.open else { return }
    let result = unsafe policy_openat(
      below.directory.rawValue, "..", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
    guard result >= 0 else { return }
    let candidate = SharedDirectory(DirectoryDescriptor(owning: result, resolution: resolution))
    guard let now = try? candidate.directory.status(), now.isSameObject(as: status), now.mountID == status.mountID
    else { return }
    open = candidate
  }
}
