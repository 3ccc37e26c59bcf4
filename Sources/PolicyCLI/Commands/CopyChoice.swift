internal import ArgumentParser
internal import Glibc
internal import PolicyApply
internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport

/// What a list of archives, or of backups, says of one.
protocol CopyListing {
  var record: String { get }
  var root: ByteString { get }
  var path: ByteString { get }
  /// Its own folder.
  var folder: ByteString { get }
}

extension ArchiveListing: CopyListing {}
extension BackupListing: CopyListing {}

/// Finds the archive or backup that is meant by a record, by the path that a run had, or by its own folder.
struct CopyChoice<Listing: CopyListing> {
  struct Chosen {
    /// Absolute path of its own folder.
    let folder: ByteString
    /// `nil` where no journal here tells of it.
    let listing: Listing?
  }
  /// Behind "nothing … is", and the command that lists them.
  struct Words {
    let done: String
    let list: String
  }

  private let listings: [Listing]
  private let roots: [Root]
  private let words: Words

  /// `typed`: the items; where each is the folder of one, no root is needed.
  init(
    _ place: PlaceOptions, _ typed: [String], _ words: Words,
    list: ([Root], ApplyOptions) -> (items: [Listing], problems: [ApplyFailure])
  ) throws {
    self.words = words
    let isNamed = !place.root.isEmpty || place.policy != nil
    if !isNamed, !typed.isEmpty, typed.allSatisfy({ Self.folder($0) != nil }) {
      (listings, roots) = ([], [])
      return
    }
    roots = try place.resolve(near: typed.first).roots
    let (items, problems) = list(roots, place.options())
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
      "nothing that was at \(DisplayText.escape(typed)) is \(words.done)", help: "`\(words.list)` shows what is")
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

extension CopyChoice where Listing == ArchiveListing {
  init(archives place: PlaceOptions, _ typed: [String]) throws {
    try self.init(place, typed, Words(done: "archived", list: "policy archive list")) { roots, options in
      Archives.list(roots, options: options)
    }
  }
}

extension CopyChoice where Listing == BackupListing {
  init(backups place: PlaceOptions, _ typed: [String]) throws {
    try self.init(place, typed, Words(done: "backed up", list: "policy backup list")) { roots, options in
      let (items, _, problems) = Backups.list(roots, options: options)
      return (items, problems)
    }
  }
}
