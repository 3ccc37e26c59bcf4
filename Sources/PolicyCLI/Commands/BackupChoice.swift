internal import ArgumentParser
internal import Glibc
internal import PolicyApply
internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport

/// Finds the backup that is meant by a record, by the path that a run had, or by the backup's own folder.
struct BackupChoice {
  struct Chosen {
    /// Absolute path of the backup's own folder.
    let folder: ByteString
    /// `nil` where no journal here tells of it.
    let listing: BackupListing?
  }

  private let listings: [BackupListing]
  private let roots: [Root]

  /// `typed`: the items; where each is the folder of a backup, no root is needed.
  init(_ place: PlaceOptions, _ typed: [String]) throws {
    let isNamed = !place.root.isEmpty || place.policy != nil
    if !isNamed, !typed.isEmpty, typed.allSatisfy({ Self.folder($0) != nil }) {
      (listings, roots) = ([], [])
      return
    }
    roots = try place.resolve(near: typed.first).roots
    let (items, _, problems) = Backups.list(roots, options: place.options())
    for problem in problems { Console.complain(DisplayText.escape(problem.message)) }
    if items.isEmpty, let worst = problems.map(\.status.rawValue).max() { throw ExitCode(worst) }
    listings = items
  }

  var all: [Chosen] { listings.map { Chosen(folder: $0.folder, listing: $0) } }

  /// The newest one of a path. Ends the command where there is none.
  func find(_ typed: String) throws -> Chosen {
    if let listing = listings.first(where: { $0.record == typed }) {
      return Chosen(folder: listing.folder, listing: listing)
    }
    let readings = TypedPath.readings(typed)
    let places =
      readings.map(Surroundings.absolute)
      + roots.flatMap { root in readings.map { Surroundings.absolute(root.path.appending($0)) } }
    for place in places {
      if let listing = listings.last(where: { $0.root.appending($0.path) == place || $0.folder == place }) {
        return Chosen(folder: listing.folder, listing: listing)
      }
    }
    if let folder = Self.folder(typed) { return Chosen(folder: folder, listing: nil) }
    Console.complain(
      "nothing that was at \(DisplayText.escape(typed)) is backed up", help: "`policy backup list` shows what is")
    throw ExitStatus.nothingChecked.code
  }

  /// The folder itself where a manifest lies in it.
  private static func folder(_ typed: String) -> ByteString? {
    let folder = Surroundings.absolute(ByteString(typed))
    var status = stat()
    let manifest = folder.appending(ByteString(ArchivePlace.manifest)).bytes.map { CChar(bitPattern: $0) } + [0]
    return unsafe lstat(manifest, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? folder : nil
  }
}
