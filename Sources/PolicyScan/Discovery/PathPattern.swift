internal import PolicyCore

/// A glob over paths, with named captures: `*` and `?` stop at slashes, `**` does not, `{user}` takes one or more bytes
/// of one component. `a/**` matches `a` itself too, and `**/a` an `a` at the top.
///
/// Matching remembers which (token, position) pairs have failed, so its cost is bounded by their product whatever the
/// pattern. Where several ways match, captures are as short as possible, from left to right.
struct PathPattern: Hashable {
  enum Token: Hashable {
    case literal(UInt8)
    case anyByte
    case anyInComponent
    case anything
    /// One or more bytes of one component; only digits for a number.
    case capture(String, digits: Bool)
  }

  let tokens: [Token]

  /// `numeric` names the captures that stand for digits only.
  init(_ text: ByteString, numeric: Set<String> = []) {
    var tokens: [Token] = []
    var rest = text.bytes[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "*"):
        if rest.first == byte {
          while rest.first == byte { rest = rest.dropFirst() }
          tokens.append(.anything)
        } else {
          tokens.append(.anyInComponent)
        }
      case UInt8(ascii: "?"): tokens.append(.anyByte)
      case UInt8(ascii: "\\"):
        tokens.append(.literal(rest.popFirst() ?? byte))
      case UInt8(ascii: "{"):
        if let end = rest.firstIndex(of: UInt8(ascii: "}")) {
          let name = String(decoding: rest[..<end], as: UTF8.self)
          tokens.append(.capture(name, digits: numeric.contains(name)))
          rest = rest[(end + 1)...]
        } else {
          tokens.append(.literal(byte))
        }
      default: tokens.append(.literal(byte))
      }
    }
    self.tokens = tokens
  }

  func matches(_ path: [UInt8]) -> Bool { captures(path) != nil }

  /// The captured texts by name, or `nil` where the path does not match.
  func captures(_ path: [UInt8]) -> [String: ByteString]? {
    var search = Search(tokens: tokens, path: path)
    guard search.run(0, 0) else { return nil }
    var result: [String: ByteString] = [:]
    for (name, range) in search.found { result[name] = ByteString(path[range]) }
    return result
  }

  private struct Search {
    let tokens: [Token]
    let path: [UInt8]
    var found: [(String, Range<Int>)] = []
    private var failed: Set<Int> = []

    init(tokens: [Token], path: [UInt8]) {
      self.tokens = tokens
      self.path = path
    }

    private static let slash = UInt8(ascii: "/")

    /// Depth is bounded by the number of tokens: runs of bytes are loops, not calls.
    mutating func run(_ firstToken: Int, _ firstPlace: Int) -> Bool {
      var (token, place) = (firstToken, firstPlace)
      while token < tokens.count {
        switch tokens[token] {
        case .literal(let byte):
          if place == path.count, byte == Self.slash, token + 2 == tokens.count, tokens[token + 1] == .anything {
            return true
          }
          guard place < path.count, path[place] == byte else { return false }
          (token, place) = (token + 1, place + 1)
        case .anyByte:
          guard place < path.count, path[place] != Self.slash else { return false }
          (token, place) = (token + 1, place + 1)
        case .anyInComponent: return spread(token, place, from: 0) { $0 != Self.slash }
        case .anything:
          // `**/a` also matches `a`.
          if token + 1 < tokens.count, tokens[token + 1] == .literal(Self.slash),
            place == 0 || path[place - 1] == Self.slash, attempt(token + 2, place)
          {
            return true
          }
          return spread(token, place, from: 0) { _ in true }
        case .capture(_, let digits):
          return spread(token, place, from: 1) { byte in
            digits ? (48...57).contains(byte) : byte != Self.slash
          }
        }
      }
      return place == path.count
    }

    private mutating func spread(_ token: Int, _ place: Int, from least: Int, _ fits: (UInt8) -> Bool) -> Bool {
      var end = place
      for _ in 0..<least {
        guard end < path.count, fits(path[end]) else { return false }
        end += 1
      }
      while true {
        let mark = found.count
        if case .capture(let name, _) = tokens[token] { found.append((name, place..<end)) }
        if attempt(token + 1, end) { return true }
        found.removeSubrange(mark...)
        guard end < path.count, fits(path[end]) else { return false }
        end += 1
      }
    }

    private mutating func attempt(_ token: Int, _ place: Int) -> Bool {
      let key = token * (path.count + 1) + place
      if failed.contains(key) { return false }
      if run(token, place) { return true }
      failed.insert(key)
      return false
    }
  }
}
