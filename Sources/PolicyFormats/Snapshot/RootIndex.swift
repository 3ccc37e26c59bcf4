internal import PolicyCore

/// Finds the root that a line names; the one before is tried first.
struct RootIndex {
  private struct Place: Hashable {
    let host: ByteString
    let path: ByteString
  }
  private let roots: [Root]
  private let places: [Place: Int]
  /// Roots by path alone, where no other host has the same path.
  private var only: [ByteString: Int] = [:]
  private var last: (path: ByteString, host: ByteString?, index: Int)?

  init(_ roots: [Root]) {
    self.roots = roots
    places = Dictionary(
      roots.enumerated().map { (Place(host: $0.element.host, path: $0.element.path), $0.offset) },
      uniquingKeysWith: { first, _ in first })
    var ambiguous: Set<ByteString> = []
    for (index, root) in roots.enumerated() {
      if only.updateValue(index, forKey: root.path) != nil { ambiguous.insert(root.path) }
    }
    only = only.filter { !ambiguous.contains($0.key) }
  }

  /// `nil` for a root that the header lacks, and for a path of several hosts without a host.
  mutating func index(_ path: ByteString, host: ByteString?) -> Int? {
    if let last, last.path == path, last.host == host { return last.index }
    guard let index = host.map({ places[Place(host: $0, path: path)] }) ?? only[path] else { return nil }
    last = (path, host, index)
    return index
  }
}
