/// What differs between two runs of one command: times of day and digests. Everything else on a page must be exact.
enum Volatile {
  /// The same line with a `0` for each digit of a time, and a `#` for each of a digest.
  static func masked(_ line: String) -> String {
    var words: [String] = []
    for word in line.split(separator: " ", omittingEmptySubsequences: false) {
      let shape = String(word.map { $0.isASCII && $0.isNumber ? "0" : $0 })
      let core = shape.trimmingPrefix("(").prefix { $0 != "," && $0 != ";" && $0 != ")" }
      words.append(times.contains(String(core)) ? shape : String(word))
    }
    var masked = words.joined(separator: " ")
    for digest in digests(masked) {
      masked = masked.replacing(digest, with: String(repeating: "#", count: digest.count))
    }
    return masked
  }

  /// The digests in a text, short or whole, each once, in the order in which they appear.
  static func digests(_ text: String) -> [String] {
    var found: [String] = []
    for word in text.split(whereSeparator: { !($0.isASCII && ($0.isLetter || $0.isNumber)) }) {
      let isDigest =
        (word.count == 12 || word.count == 64) && word.allSatisfy { $0.isHexDigit && !$0.isUppercase }
        && word.contains(where: \.isNumber)
      if isDigest, !found.contains(String(word)) { found.append(String(word)) }
    }
    return found
  }

  private static let times = [
    "0000-00-00", "00:00Z", "00:00:00Z", "0000-00-00T00:00Z", "0000-00-00T00:00:00Z",
  ]
}
