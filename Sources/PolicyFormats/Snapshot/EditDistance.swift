/// Did-you-mean for keys of snapshots.
enum EditDistance {
  /// The closest of `words`, when it is close enough for a slip of the fingers; the first of equals.
  static func nearest(_ word: String, among words: [String]) -> String? {
    let limit = max(1, word.utf8.count / 3)
    guard word.utf8.count <= 64 else { return nil }
    var best: (word: String, distance: Int)?
    for candidate in words {
      let distance = between(Array(word.utf8), Array(candidate.utf8))
      if distance <= limit, distance < best?.distance ?? Int.max { best = (candidate, distance) }
    }
    return best?.word
  }

  /// Insertions, removals, replacements and swaps of neighbours; words that differ in case alone are the same, so that
  /// `map50` leads to `mAP50`.
  private static func between(_ left: [UInt8], _ right: [UInt8]) -> Int {
    func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }
    if left.map(lower) == right.map(lower) { return 0 }
    var (before, row) = ([Int](), Array(0...right.count))
    for (i, a) in left.enumerated() {
      var next = [i + 1]
      for (j, b) in right.enumerated() {
        var cost = min(row[j] + (a == b ? 0 : 1), row[j + 1] + 1, next[j] + 1)
        if i > 0, j > 0, a == right[j - 1], left[i - 1] == b { cost = min(cost, before[j - 1] + 1) }
        next.append(cost)
      }
      (before, row) = (row, next)
    }
    return row[right.count]
  }
}
