internal import PolicyCore

/// A path in the arguments of a run: a model that it started from, or a training that it goes on with.
struct Reference {
  /// Index of the run among the entities of its root.
  let run: Int
  let path: ByteString

  private static let keys = ["model", "resume", "weights", "pretrained", "teacher"]
  /// No argument file names a longer one.
  static let longestPath = 4096

  static func of(_ draft: RunDraft, run: Int) -> [Reference] {
    let named = keys.compactMap { draft.arguments?[$0] } + draft.references
    return named.compactMap { value in
      guard value.count <= longestPath else { return nil }
      let path = value.bytes.map { $0 == UInt8(ascii: "\\") ? UInt8(ascii: "/") : $0 }
      return path.contains(UInt8(ascii: "/")) ? Reference(run: run, path: ByteString(path)) : nil
    }
  }
}

/// A run that others pointed into when an earlier snapshot was taken.
struct CarriedReference {
  /// Index of the root.
  let root: Int
  let path: ByteString
  let identity: Identity
}

/// Finds the runs that the arguments of others point into.
///
/// A relative path was relative to a working directory that nobody recorded, so it is tried from every directory above
/// the run that names it: too many runs marked is safe, one too few is not.
struct ReferenceIndex {
  private var runs: [ByteString: Int] = [:]
  private let entities: [Entity]
  private let roots: [Root]

  init(_ entities: [Entity], _ roots: [Root]) {
    self.entities = entities
    self.roots = roots
    for (index, entity) in entities.enumerated() where entity.kind == .run { runs[absolute(entity)] = index }
  }

  private func absolute(_ entity: Entity) -> ByteString {
    let root = roots[entity.root].path.bytes
    return RootCheck.normalised(ByteString(root + [47] + entity.path.bytes))
  }

  /// Indices of the runs that something of another run points into.
  func referenced(by references: [Reference]) -> Set<Int> {
    var found: Set<Int> = []
    for reference in references {
      let own = absolute(entities[reference.run])
      guard own.count <= Reference.longestPath else { continue }
      if reference.path.bytes.first == 47 {
        mark(reference.path, except: own, &found)
        continue
      }
      var base = own.bytes
      while true {
        mark(ByteString(base + [47] + reference.path.bytes), except: own, &found)
        guard let slash = base.lastIndex(of: 47) else { break }
        base.removeSubrange(slash...)
      }
    }
    return found
  }

  /// Those that are still there.
  func referenced(_ carried: [CarriedReference]) -> Set<Int> {
    Set(
      carried.compactMap { reference in
        let path = RootCheck.normalised(ByteString(roots[reference.root].path.bytes + [47] + reference.path.bytes))
        guard let run = runs[path], let now = entities[run].identity, now.device == reference.identity.device,
          now.inode == reference.identity.inode
        else { return nil }
        return run
      })
  }

  /// Marks every run that lies at or above a path, but not the one that names it.
  private func mark(_ path: ByteString, except own: ByteString, _ found: inout Set<Int>) {
    var parts: [ByteString] = []
    for part in path.components where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    var prefix: [UInt8] = []
    for part in parts {
      prefix += [47] + part.bytes
      let candidate = ByteString(prefix)
      if candidate != own, let index = runs[candidate] { found.insert(index) }
    }
  }
}
