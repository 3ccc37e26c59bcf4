internal import PolicyCore

/// What the folders of a tree say of people and projects, where they say it of every run.
struct TreePlaces {
  /// Patterns for `scan.user` and `scan.project`.
  private(set) var user: ByteString?
  private(set) var project: ByteString?
  /// How many people `user` tells apart.
  private(set) var people: Int?
  /// How many folders stand first in the paths of runs.
  private(set) var folders = 0

  init(_ snapshot: Snapshot) {
    let runs = snapshot.entities.filter { $0.kind == .run && $0.tier == .live }
    let paths = runs.map { $0.path.components }
    guard !paths.isEmpty, paths.allSatisfy({ $0.count > 1 }) else { return }
    let first = Set(paths.compactMap(\.first))
    folders = first.count
    let owners = Set(runs.map { $0.facts.fact("user") })
    var above: ByteString = ""
    // Folders say whose a run is only where the account does not.
    if owners.count == 1, first.count > 1, let mark = Self.mark(first) {
      user = ByteString("\(mark){user}/**")
      people = first.count
      above = ByteString("\(mark)*/")
    }
    let depth = user == nil ? 0 : 1
    guard paths.allSatisfy({ $0.count > depth + 1 }) else { return }
    // As many projects as runs are no projects, but names.
    let projects = Set(paths.map { Array($0.prefix(depth + 1)) })
    if projects.count > 1, projects.count * 2 <= paths.count {
      project = ByteString(above.bytes + Array("{project}/**".utf8))
    }
  }

  /// The account is what counts.
  mutating func forgetUsers() { (user, people) = (nil, nil) }

  /// `user_` or `user-`, where every one of the folders begins so.
  private static func mark(_ folders: Set<ByteString>) -> String? {
    ["user_", "user-"].first { mark in
      folders.allSatisfy { $0.bytes.starts(with: mark.utf8) && $0.count > mark.utf8.count }
    }
  }
}
