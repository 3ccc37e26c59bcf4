internal import PolicyCore

/// Splits all texts into classes that a set of globs and words cannot tell apart.
///
/// The patterns run side by side, as one automaton whose states are the sets of places each has reached; searching it
/// breadth first meets every class that a text can have, and the shortest texts of each first.
struct TextClasses: Sendable {
  private enum Token: Equatable { case scalar(Unicode.Scalar), one, star, stars }
  private static let mostStates = 4_000
  private static let mostSamples = 4
  /// One for the thing, the others for its rivals.
  private static let mostPaths = 8

  /// What a text may be. A path's classes are those of any text, with texts that are paths for examples where there
  /// are some: the shortest text of `a/**` that `a/*` does not match is `a//`, which no run is called.
  enum Shape { case name, text, path }

  /// Texts by class: at least one for every class that any text is in.
  let samples: [[ByteString]]
  private let search: Search

  init(globs: [ByteString], words: [ByteString], _ shape: Shape) throws(BudgetSpent) {
    let patterns = globs.map { Self.tokens($0, wild: true) } + words.map { Self.tokens($0, wild: false) }
    guard patterns.allSatisfy({ $0.count < 63 }) else { throw BudgetSpent() }
    var search = Search(patterns: patterns, alphabet: Self.alphabet(patterns, shape != .name))
    try search.run()
    var samples = search.samples
    if shape == .path {
      var paths = Search(patterns: patterns, alphabet: search.alphabet, classes: search.classes)
      // Examples only: where the search for them grows too large, those found are enough.
      do { try paths.run() } catch {}
      paths.stretch()
      samples = zip(samples, paths.samples).map { any, paths in paths + any.filter { !paths.contains($0) } }
    }
    // The empty text is some class's shortest one; people's names are not empty.
    self.samples = samples.map { $0.filter { !$0.isEmpty } + $0.filter(\.isEmpty) }
    self.search = search
  }

  /// The class of a text.
  func place(of text: ByteString) -> Int? { search.place(of: text.displayText) }

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

  /// Where a reader of a path stands: names between single slashes, none of them `.` or `..`.
  private enum PathState: UInt64 {
    case start, name, dot, dots, slash

    func after(_ scalar: Unicode.Scalar) -> PathState? {
      if scalar == "/" { return self == .name ? .slash : nil }
      switch (self, scalar) {
      case (.start, "."), (.slash, "."): return .dot
      case (.dot, "."): return .dots
      case (.start, _), (.name, _), (.dot, _), (.dots, _), (.slash, _): return .name
      }
    }
  }

  private struct Search: Sendable {
    let patterns: [[Token]]
    let alphabet: [Unicode.Scalar]
    /// Classes met so far: which patterns match.
    private(set) var classes: [[Bool]]
    private(set) var samples: [[ByteString]]
    /// Looks for nothing but paths, in classes that are known.
    private let isForPaths: Bool

    init(patterns: [[Token]], alphabet: [Unicode.Scalar], classes: [[Bool]]? = nil) {
      self.patterns = patterns
      self.alphabet = alphabet
      isForPaths = classes != nil
      self.classes = classes ?? []
      samples = self.classes.map { _ in [] }
    }

    mutating func run() throws(BudgetSpent) {
      let most = isForPaths ? TextClasses.mostPaths : TextClasses.mostSamples
      var visits: [[UInt64]: Int] = [:]
      let start = patterns.map { closed(1, $0) } + (isForPaths ? [PathState.start.rawValue] : [])
      var queue: [(state: [UInt64], text: String)] = [(start, "")]
      visits[start] = 1
      var next = 0
      while next < queue.count {
        let (state, text) = queue[next]
        next += 1
        if !isForPaths || PathState(rawValue: state[patterns.count]) == .name {
          let accepted = accepted(state)
          let place = classes.firstIndex(of: accepted) ?? classes.count
          if place == classes.count {
            classes.append(accepted)
            samples.append([])
          }
          if samples[place].count < most { samples[place].append(ByteString(text)) }
        }
        for scalar in alphabet {
          var moved = zip(state, patterns).map { step($0, $1, scalar) }
          if isForPaths {
            guard let reached = PathState(rawValue: state[patterns.count])?.after(scalar) else { continue }
            moved.append(reached.rawValue)
          }
          let seen = visits[moved] ?? 0
          // A state met again gives other texts of the same classes; a few are useful, the first is needed.
          guard seen == 0 || (seen < (isForPaths ? most : 3) && queue.count < 300) else { continue }
          guard visits.count < TextClasses.mostStates else { throw BudgetSpent() }
          visits[moved] = seen + 1
          queue.append((moved, text + String(Character(scalar))))
        }
      }
    }

    private func accepted(_ state: [UInt64]) -> [Bool] {
      zip(state, patterns).map { $0 & (1 << UInt64($1.count)) != 0 }
    }

    func place(of text: String) -> Int? {
      var state = patterns.map { closed(1, $0) }
      for scalar in text.unicodeScalars { state = zip(state, patterns).map { step($0, $1, scalar) } }
      return classes.firstIndex(of: accepted(state))
    }

    /// More paths of each class, from those that were found: longer names where that makes no difference.
    mutating func stretch() {
      guard let letter = alphabet.first else { return }
      for place in samples.indices {
        guard let text = samples[place].last?.displayText.unicodeScalars else { continue }
        for position in (1...max(1, text.count)).reversed() {
          for count in 1...TextClasses.mostPaths where samples[place].count < TextClasses.mostPaths {
            let middle = String(repeating: Character(letter), count: count)
            let longer = String(text.prefix(position)) + middle + String(text.dropFirst(position))
            let path = ByteString(longer)
            if self.place(of: longer) == place, !samples[place].contains(path) { samples[place].append(path) }
          }
        }
      }
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
