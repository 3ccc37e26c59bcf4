internal import PolicyCore

/// What conditions ask about one fact, and the regions that follow from it.
struct Domain {
  let type: FactType
  let isOptional: Bool
  private var constants: [Constant] = []
  private var globs: [ByteString] = []
  private var elements: [ByteString] = []
  private var ages: [Int64] = []

  init(type: FactType, isOptional: Bool) {
    self.type = type
    self.isOptional = isOptional
  }

  mutating func cut(at constant: Constant, isAge: Bool) {
    if case .duration(let span) = constant, isAge {
      ages.append(span.nanoseconds)
    } else if !constants.contains(constant) {
      constants.append(constant)
    }
  }

  mutating func cut(by glob: Glob) { if !globs.contains(glob.pattern) { globs.append(glob.pattern) } }
  mutating func cut(byElement element: ByteString) { if !elements.contains(element) { elements.append(element) } }

  /// Every value that the fact can have is in exactly one; `missing` only where it can be.
  ///
  /// - Parameter mostElements: of a set, the rest is left out: good for trying, not for proving. `nil` to give up instead.
  func regions(
    _ name: String, mostElements: Int? = nil
  ) throws(BudgetSpent) -> (regions: [Region], texts: TextClasses?) {
    var texts: TextClasses?
    var regions: [Region]
    switch type {
    case .bool: regions = [.known(.bool(true)), .known(.bool(false))]
    case .enumeration(let members): regions = members.map { .known(.text(ByteString($0))) }
    case .string:
      if globs.isEmpty, constants.isEmpty, !["name", "path", "host", "root"].contains(name) {
        // Any text will do, so one that people know.
        let text = name == "user" ? "alice" : name == "project" ? "detection" : "some-" + name
        regions = [.known(.text(ByteString(text)))]
        break
      }
      let words = constants.compactMap { if case .text(let text) = $0 { text } else { nil } }
      let shape: TextClasses.Shape = name == "name" ? .name : name == "path" ? .path : .text
      let classes = try TextClasses(globs: globs, words: words, shape)
      texts = classes
      regions = classes.samples.map { .known(.text($0[0])) }
    case .stringSet:
      let elements = mostElements.map { Array(self.elements.prefix($0)) } ?? self.elements
      guard elements.count <= 7 else { throw BudgetSpent() }
      regions = (0..<(1 << elements.count)).map { chosen in
        .members(elements.indices.filter { chosen & (1 << $0) != 0 }.map { elements[$0] }.sorted())
      }
    case .time: regions = stamps()
    case .bytes:
      let cuts = constants.compactMap { if case .bytes(let count) = $0 { count } else { nil } }
      regions = Self.whole(cuts, 0...Int64.max).map { .known(.bytes(Self.example($0, step: 1 << 30))) }
    case .duration:
      let cuts = constants.compactMap { if case .duration(let span) = $0 { span.nanoseconds } else { nil } }
      regions = Self.whole(cuts, Int64.min...Int64.max).map {
        .known(.duration(TimeSpan(nanoseconds: Self.example($0, step: TimeSpan.hours(1).nanoseconds))))
      }
    case .int:
      regions = Self.whole(wholeCuts, 0...Int64.max).map { .known(.number(ExactDecimal(Self.example($0, step: 1)))) }
    case .number: regions = try decimals(from: nil, to: nil)
    case .ratio: regions = try decimals(from: .zero, to: ExactDecimal(1))
    }
    if isOptional { regions.append(.missing) }
    if !Self.alwaysReadable.contains(name) { regions.append(.unreadable) }
    return (regions, texts)
  }

  /// Facts that are where a thing stands, and by what it was recognised: nothing has to be read for them.
  private static let alwaysReadable: Set<String> = ["name", "path", "host", "root", "layout"]

  // MARK: - Whole numbers

  private var numbers: [ExactDecimal] {
    constants.compactMap { if case .number(let number) = $0 { number } else { nil } }
  }

  /// Whole numbers at and around the constants; a fraction cuts between its neighbours.
  private var wholeCuts: [Int64] {
    numbers.flatMap { number -> [Int64] in
      if let whole = number.wholeNumber { return [whole] }
      guard !number.isNegative, let below = number.scaled(1), below < .max else { return [] }
      return [below, below + 1]
    }
  }

  /// The cuts, and what lies between them.
  static func whole(_ cuts: [Int64], _ range: ClosedRange<Int64>) -> [ClosedRange<Int64>] {
    var parts: [ClosedRange<Int64>] = []
    var low = range.lowerBound
    for cut in Set(cuts).sorted() where range.contains(cut) {
      if low < cut { parts.append(low...(cut - 1)) }
      parts.append(cut...cut)
      guard cut < range.upperBound else { return parts }
      low = cut + 1
    }
    parts.append(low...range.upperBound)
    return parts
  }

  /// A value that reads well: a step inside the lower end, or the middle.
  static func example(_ range: ClosedRange<Int64>, step: Int64) -> Int64 {
    if range.lowerBound == range.upperBound { return range.lowerBound }
    let low = max(range.lowerBound, range.contains(0) ? 0 : range.lowerBound)
    let stepped = low.addingReportingOverflow(step)
    if !stepped.overflow, stepped.partialValue < range.upperBound { return stepped.partialValue }
    return low + (range.upperBound - low) / 2
  }

  /// Ages and absolute times together: the two are joined only by `now`, which a snapshot is free to choose.
  private func stamps() -> [Region] {
    let times = constants.compactMap { if case .time(let stamp) = $0 { stamp.nanoseconds } else { nil } }
    return Self.whole(ages, 0...Int64.max).flatMap { age in
      Self.whole(times, Int64.min...Int64.max).map { .stamp(age: age, time: $0) }
    }
  }

  // MARK: - Decimals

  private func decimals(from low: ExactDecimal?, to high: ExactDecimal?) throws(BudgetSpent) -> [Region] {
    var cuts: [ExactDecimal] = []
    for number in numbers.sorted() where cuts.last != number {
      if let low, number < low { continue }
      if let high, number > high { continue }
      cuts.append(number)
    }
    var regions: [Region] = []
    var last = low
    // Whether `last` itself has been taken by the region before.
    var isTaken = false
    for cut in cuts {
      if last.map({ $0 < cut }) ?? true { regions.append(try Self.between(last, cut, isTaken)) }
      regions.append(.known(.number(cut)))
      last = cut
      isTaken = true
    }
    if let high {
      if last.map({ $0 < high }) ?? true { regions.append(try Self.between(last, high, isTaken)) }
    } else {
      regions.append(try Self.between(last, nil, isTaken))
    }
    return regions
  }

  private static func between(
    _ low: ExactDecimal?, _ high: ExactDecimal?, _ isTaken: Bool
  ) throws(BudgetSpent) -> Region {
    let middle: ExactDecimal? =
      switch (low, high) {
      case (nil, nil): .zero
      case (let low?, nil): low.adding(ExactDecimal(1))
      case (nil, let high?): high.adding(ExactDecimal("-1") ?? .zero)
      case (let low?, let high?): low.adding(high)?.half
      }
    // A value that needs more digits than are exact cannot stand for its region.
    guard let middle, low.map({ $0 < middle }) ?? true, high.map({ middle < $0 }) ?? true else { throw BudgetSpent() }
    return .known(.number(middle))
  }
}
