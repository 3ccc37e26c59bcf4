internal import PolicyCore

/// Splits all texts into classes that a set of globs and words cannot tell apart.
///
/// The patterns run side by side, as one automaton whose states are the sets of places each has reached; searching it
/// breadth first meets every class that a text can have, and the shortest texts of each first.
enum TextClasses {
  private enum Token: Equatable { case scalar(Unicode.Scalar), one, star, stars }
  private static let mostStates = 4_000
  private static let mostSamples = 4

  /// Texts by class: at least one for every class that any text is in. `slashes`: whether a text may hold `/`.
  static func samples(globs: [ByteString], words: [ByteString], slashes: Bool) throws(BudgetSpent) -> [[ByteString]] {
    let patterns = globs.map { tokens($0, wild: true) } + words.map { tokens($0, wild: false) }
    guard patterns.allSatisfy({ $0.count < 63 }) else { throw BudgetSpent() }
    var search = Search(patterns: patterns, alphabet: alphabet(patterns, slashes))
    return try search.run()
  }

  private static func tokens(_ pattern: ByteString, wild: Bool) -> [Token] {
    var tokens: [Token] = []
    for scalar in pattern.displayText.unicodeScalars {
      switch scalar {
      case "*" where wild:
        if tokens.last == .star || tokens.last == .stars {
          tokens[tokens.count - 1] = .stars
        } else {
          tokens.append(.star)
        }
      case "?" where wild: tokens.append(.one)
      default: tokens.append(.scalar(scalar))
      }
    }
    return tokens
  }

  /// Every character that a pattern names, the slash, and one that none names.
  private static func alphabet(_ patterns: [[Token]], _ slashes: Bool) -> [Unicode.Scalar] {
    var named: [Unicode.Scalar] = []
    for case .scalar(let scalar) in patterns.joined() where !named.contains(scalar) && scalar != "/" {
      named.append(scalar)
    }
    let other = "xyzabcdefghijklmnopqrstuvw0123456789-_".unicodeScalars.first { !named.contains($0) } ?? "\u{3042}"
    return [other] + named.sorted { $0.value < $1.value } + (slashes ? ["/"] : [])
  }

  private struct Search {
    let patterns: [[Token]]
    let alphabet: [Unicode.Scalar]

    mutating func run() throws(BudgetSpent) -> [[ByteString]] {
      var classes: [[Bool]] = []
      var samples: [[ByteString]] = []
      var visits: [[UInt64]: Int] = [:]
      let start = patterns.map { closed(1, $0) }
      var queue: [(state: [UInt64], text: String)] = [(start, "")]
      visits[start] = 1
      var next = 0
      while next < queue.count {
        let (state, text) = queue[next]
        next += 1
        let accepted = zip(state, patterns).map { $0 & (1 << UInt64($1.count)) != 0 }
        let place = classes.firstIndex(of: accepted) ?? classes.count
        if place == classes.count {
          classes.append(accepted)
          samples.append([])
        }
        if samples[place].count < TextClasses.mostSamples { samples[place].append(ByteString(text)) }
        for scalar in alphabet {
          let moved = zip(state, patterns).map { step($0, $1, scalar) }
          let seen = visits[moved] ?? 0
          // A state met again gives other texts of the same classes; a few are useful, the first is needed.
          guard seen == 0 || (seen < 3 && queue.count < 300) else { continue }
          guard visits.count < TextClasses.mostStates else { throw BudgetSpent() }
          visits[moved] = seen + 1
          queue.append((moved, text + String(Character(scalar))))
        }
      }
      return samples
    }

    /// Places reached without reading: a star may stand for nothing.
    private func closed(_ places: UInt64, _ pattern: [Token]) -> UInt64 {
      var places = places
      for (index, token) in pattern.enumerated() where token == .star || token == .stars {
        if places & (1 << UInt64(index)) != 0 { places |= 1 << UInt64(index + 1) }
      }
      return places
    }

    private func step(_ places: UInt64, _ pattern: [Token], _ scalar: Unicode.Scalar) -> UInt64 {
      guard places != 0 else { return 0 }
      var next: UInt64 = 0
      for (index, token) in pattern.enumerated() where places & (1 << UInt64(index)) != 0 {
        switch token {
        case .scalar(let wanted): if wanted == scalar { next |= 1 << UInt64(index + 1) }
        case .one: if scalar != "/" { next |= 1 << UInt64(index + 1) }
        case .star: if scalar != "/" { next |= 1 << UInt64(index) }
        case .stars: next |= 1 << UInt64(index)
        }
      }
      return closed(next, pattern)
    }
  }
}
