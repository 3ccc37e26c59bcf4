/// Did-you-mean: the known word that a mistyped one most likely means.
public enum Spelling {
  /// The nearest of `candidates`, `nil` when none is near. Deterministic: of equally near ones the first in byte order.
  ///
  /// The distance is Damerau–Levenshtein (adjacent letters swapped count once) in which look-alikes (`O` and `0`),
  /// upper and lower case, and `-` and `_` count a quarter.
  public static func nearest(_ word: String, among candidates: [String]) -> String? {
    let letters = Array(word.unicodeScalars)
    guard (1...maximumLength).contains(letters.count) else { return nil }
    var best: (word: String, distance: Int)?
    for candidate in candidates.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) where candidate != word {
      let other = Array(candidate.unicodeScalars)
      let longer = max(letters.count, other.count)
      let limit = longer <= 2 ? cheap : longer <= 4 ? whole : longer <= 8 ? 2 * whole : 3 * whole
      guard other.count <= maximumLength, abs(letters.count - other.count) * whole <= limit else { continue }
      let distance = distance(letters, other)
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.word
  }

  /// The characters by which `word` only looks like `meant`, in words: "letter O", "digit 0". Empty when the two differ
  /// by more than look-alikes.
  public static func lookAlikes(_ word: String, _ meant: String) -> [String] {
    let (left, right) = (Array(word.unicodeScalars), Array(meant.unicodeScalars))
    guard left.count == right.count else { return [] }
    var names: [String] = []
    for (a, b) in zip(left, right) where a != b {
      guard let skeleton = skeletons[a] ?? skeletonOfASCII(a), skeleton == skeletons[b] ?? skeletonOfASCII(b),
        !sameLetter(a, b)
      else { return [] }
      let name = describe(a)
      if !names.contains(name) { names.append(name) }
    }
    return names
  }

  private static let maximumLength = 64
  private static let whole = 4
  private static let cheap = 1

  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var before: [Int] = []
    var previous = Array(0...right.count).map { $0 * whole }
    for i in left.indices {
      var row = [(i + 1) * whole]
      for j in right.indices {
        let replaced = previous[j] + cost(left[i], right[j])
        var least = min(replaced, previous[j + 1] + whole, row[j] + whole)
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { least = min(least, before[j - 1] + whole) }
        row.append(least)
      }
      (before, previous) = (previous, row)
    }
    return previous[right.count]
  }

  private static func cost(_ left: Unicode.Scalar, _ right: Unicode.Scalar) -> Int {
    if left == right { return 0 }
    if sameLetter(left, right) { return cheap }
    if let a = skeletons[left] ?? skeletonOfASCII(left), a == skeletons[right] ?? skeletonOfASCII(right) {
      return cheap
    }
    let dashes: [Unicode.Scalar] = ["-", "_"]
    return dashes.contains(left) && dashes.contains(right) ? cheap : whole
  }

  private static func sameLetter(_ left: Unicode.Scalar, _ right: Unicode.Scalar) -> Bool {
    left.isASCII && right.isASCII && left.properties.lowercaseMapping == right.properties.lowercaseMapping
  }

  private static func skeletonOfASCII(_ scalar: Unicode.Scalar) -> Unicode.Scalar? { scalar.isASCII ? scalar : nil }

  /// Characters that are read as another one, and which.
  private static let skeletons: [Unicode.Scalar: Unicode.Scalar] = [
    "0": "O", "o": "O", "1": "l", "I": "l", "5": "S", "8": "B", "2": "Z",
    // Cyrillic
    "\u{430}": "a", "\u{435}": "e", "\u{43E}": "O", "\u{440}": "p", "\u{441}": "c", "\u{443}": "y", "\u{445}": "x",
    "\u{456}": "i", "\u{458}": "j", "\u{455}": "s", "\u{410}": "A", "\u{412}": "B", "\u{415}": "E", "\u{41A}": "K",
    "\u{41C}": "M", "\u{41D}": "H", "\u{41E}": "O", "\u{420}": "P", "\u{421}": "C", "\u{422}": "T", "\u{425}": "X",
    // Greek
    "\u{3BF}": "O", "\u{391}": "A", "\u{392}": "B", "\u{395}": "E", "\u{39C}": "M", "\u{39F}": "O", "\u{3A1}": "P",
    "\u{3B1}": "a", "\u{3C1}": "p", "\u{3BD}": "v",
  ]

  private static func describe(_ scalar: Unicode.Scalar) -> String {
    if scalar.isASCII {
      let isDigit = (48...57).contains(scalar.value)
      return isDigit ? "digit \(scalar)" : "letter \(scalar)"
    }
    let code = String(scalar.value, radix: 16, uppercase: true)
    let padded = String(repeating: "0", count: max(0, 4 - code.utf8.count)) + code
    let script =
      (0x400...0x4FF).contains(scalar.value) ? "Cyrillic " : (0x370...0x3FF).contains(scalar.value) ? "Greek " : ""
    return "\(script)letter \(scalar) (U+\(padded))"
  }
}
