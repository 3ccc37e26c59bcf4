internal import PolicyCore
internal import PolicyFormats

/// Finds an entity of a snapshot and everything in it, for the journal: `never` asks about it as long as it is trash.
struct SnapshotContents {
  private let encoder: EntityEncoder
  /// Live entities by root path, sorted by path bytes.
  private let byRoot: [ByteString: [Entity]]
  /// Paths of the live runs by root path.
  private let runs: [ByteString: Set<ByteString>]

  init(_ snapshot: Snapshot, schema: FactSchema) {
    encoder = EntityEncoder(schema: schema)
    var table: [ByteString: [Entity]] = [:]
    for entity in snapshot.entities where entity.tier == .live {
      table[snapshot.roots[entity.root].path, default: []].append(entity)
    }
    runs = table.mapValues { entities in Set(entities.lazy.filter { $0.kind == .run }.map(\.path)) }
    byRoot = table.mapValues { $0.sorted { $0.path < $1.path } }
  }

  /// Paths of the runs that it lies in, outermost first; empty for a run that is itself the root.
  func runs(around action: Action) -> [ByteString] {
    guard let runs = runs[action.root] else { return [] }
    let path = action.path.bytes
    let ends = [0] + path.indices.filter { path[$0] == UInt8(ascii: "/") }
    return ends.map { ByteString(path[..<$0]) }.filter { runs.contains($0) && $0 != action.path }
  }

  /// The item itself first, then what lies in it by path.
  func json(of action: Action) -> [JSONValue] {
    guard let entities = byRoot[action.root] else { return [] }
    var (low, high) = (0, entities.count)
    while low < high {
      let middle = (low + high) / 2
      if entities[middle].path < action.path { low = middle + 1 } else { high = middle }
    }
    var result: [Entity] = []
    for entity in entities[low...] {
      guard entity.path.bytes.starts(with: action.path.bytes) else { break }
      // `exp1-b` sorts between `exp1` and `exp1/weights`, and is not in it.
      guard entity.path.isAtOrBelow(action.path) else { continue }
      if entity.path == action.path, entity.kind != action.kind { continue }
      result.append(entity)
    }
    return result.map { encoder.encode($0) }
  }
}
