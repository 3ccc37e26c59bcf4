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
    // A file that is no run's, where nothing says of which root it could be.
    if !isNamed, let odd = typed.first, Self.folder(odd) == nil, place.nearest(odd) == nil {
      try Self.refuseFile(odd, words)
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
    if let folder = Self.folder(typed) {
      return Chosen(folder: folder, listing: listings.last { $0.folder == folder })
    }
    try Self.refuseFile(typed, words)
    Console.complain(
      "nothing that was at \(DisplayText.escape(typed)) is \(words.done)", help: "`\(words.list)` shows what is")
    throw ExitStatus.nothingChecked.code
  }

  /// The folder itself where a manifest lies in it; of a file, such as the archive's own, the one around it.
  private static func folder(_ typed: String) -> ByteString? {
    let place = Surroundings.absolute(ByteString(typed))
    let folder = isFile(place) ? RoomEstimate.parent(place) : place
    return isFile(folder.appending(ByteString(ArchivePlace.manifest))) ? folder : nil
  }

  private static func refuseFile(_ typed: String, _ words: Words) throws {
    guard isFile(Surroundings.absolute(ByteString(typed))) else { return }
    Console.complain(
      "`\(DisplayText.escape(typed))` cannot be compared with anything: no \(ArchivePlace.manifest) lies beside it",
      help: "name the folder that holds both, as `\(words.list)` shows it")
    throw ExitStatus.nothingChecked.code
  }

  private static func isFile(_ path: ByteString) -> Bool {
    var status = stat()
    return unsafe lstat(path.bytes.map { CChar(bitPattern: $0) } + [0], &status) == 0
      && status.st_mode & S_IFMT == S_IFREG
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
