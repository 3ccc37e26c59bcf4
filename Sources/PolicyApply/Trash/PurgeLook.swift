internal import PolicyFiles
internal import Synchronization

/// What lies in the trash just before it is purged: all of it looked at, on two threads where there is much.
struct PurgeLook: Sendable {
  struct Place: Sendable {
    let index: Int
    let files: Folder
    let name: Name
  }

  /// `nil` where something else is said.
  var summary: TreeSummary?
  /// Its folders.
  var folders: Set<FolderMark> = []
  /// Why it stays, and the error behind it, where there is one.
  var reason: String?
  var cause: SystemError?

  /// One answer a place; `nil` where nothing is there.
  static func look(_ places: [Place], uid: UInt32) -> [Result<PurgeLook?, SystemError>] {
    let found = Mutex([Result<PurgeLook?, SystemError>](repeating: .success(nil), count: places.count))
    Lanes.each(places.count) { number in
      let result: Result<PurgeLook?, SystemError>
      do throws(SystemError) {
        result = .success(try look(places[number].files, places[number].name, uid))
      } catch {
        result = .failure(error)
      }
      found.withLock { $0[number] = result }
      return true
    }
    var results = found.withLock { $0 }
    for number in results.indices {
      guard case .success(let found?) = results[number], found.reason == RemovalObstacle.open else { continue }
      // A file with a name in two items may have been open here, by the other thread.
      results[number] = Result { () throws(SystemError) in
        try look(places[number].files, places[number].name, uid)
      }
    }
    return results
  }

  private static func look(_ files: Folder, _ name: Name, _ uid: UInt32) throws(SystemError) -> PurgeLook? {
    guard let status = try files.statusIfThere(name) else { return nil }
    let mount = "another file system is mounted in it"
    if status.isOnAnotherMount(than: files.status) { return PurgeLook(reason: mount) }
    guard status.type == .directory else {
      if try files.directory.isOpenElsewhere(name) { return PurgeLook(reason: RemovalObstacle.open) }
      return PurgeLook(summary: TreeSummary(file: status))
    }
    var obstacle = RemovalObstacle(uid: uid)
    let summary = try TreeWalk.walk(files.directory.open(name), visitor: &obstacle)
    if summary.containsMount { return PurgeLook(reason: mount) }
    if let reason = obstacle.reason { return PurgeLook(reason: reason, cause: obstacle.cause) }
    if summary.unreadable > 0 { return PurgeLook(reason: "something in it cannot be read") }
    return PurgeLook(summary: summary, folders: obstacle.folders)
  }
}
