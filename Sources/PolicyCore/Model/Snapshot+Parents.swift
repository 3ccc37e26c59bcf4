extension Snapshot {
  /// Sets `parent` of every entity from the paths: the innermost run of the same root and tier that holds it.
  package mutating func linkParents() {
    var parents = [Int?](repeating: nil, count: entities.count)
    do {
      let all = entities.span
      var runs: [Int: [Int]] = [:]
      for index in all.indices where all[index].kind == .run { runs[all[index].root, default: []].append(index) }
      var search = RunSearch(runs: [])
      var root: Int?
      for index in all.indices {
        if root != all[index].root {
          root = all[index].root
          search = RunSearch(runs: runs[all[index].root] ?? [])
        }
        // Neighbours mostly lie in the same directory, and so in the same run.
        if index > 0, Entity.areNeighbours(all[index - 1], all[index]) {
          parents[index] = parents[index - 1]
        } else {
          parents[index] = search.innermost(around: all[index].pathBytes, all[index].tier, all)
        }
      }
    }
    for index in parents.indices { entities[index].parent = parents[index] }
  }
}

/// Finds runs of one root by their paths.
private struct RunSearch {
  /// In order of their paths; tiers of one path stand side by side.
  let runs: [Int]
  /// Where the last search ended: the next one mostly ends there, or a little behind.
  private var last = 0

  init(runs: [Int]) { self.runs = runs }

  /// The run whose directory holds a path, or the nearest above that.
  mutating func innermost(
    around path: ArraySlice<UInt8>, _ tier: Tier, _ entities: borrowing Span<Entity>
  ) -> Int? {
    if path.isEmpty { return nil }
    let bytes = path.span
    var end = bytes.count
    while end > 0 {
      end -= 1
      while end > 0, bytes[end] != UInt8(ascii: "/") { end -= 1 }
      if let run = run(at: bytes.extracting(0..<end), tier, entities) { return run }
    }
    return nil
  }

  /// The run of exactly this path.
  private mutating func run(
    at path: borrowing Span<UInt8>, _ tier: Tier, _ entities: borrowing Span<Entity>
  ) -> Int? {
    var (low, high) = (0, runs.count)
    var guess = last
    for _ in 0..<3 where guess >= low && guess < high {
      if entities[runs[guess]].isBefore(path) { low = guess + 1 } else { high = guess }
      guess = low
    }
    while low < high {
      let middle = (low + high) / 2
      if entities[runs[middle]].isBefore(path) { low = middle + 1 } else { high = middle }
    }
    last = low
    while low < runs.count, entities[runs[low]].isAt(path) {
      if entities[runs[low]].tier == tier { return runs[low] }
      low += 1
    }
    return nil
  }
}
