/// Facts of every entity of one kind, decoded once, because every rule asks about every row.
///
/// A row of a column holds what `BoundFact` reads of it in one of three forms, or sends back to that: nothing else decides
/// what a condition gets to see.
struct FactColumns {
  enum Form: UInt8 {
    /// A number that stands in the order of the values; see `SortKey`.
    case ordered
    /// The place of a reading that many rows have: a word, missing, unreadable.
    case listed
    /// Neither: the entity is asked itself.
    case single
  }

  /// Where the entities stand; rows are counted through all of them.
  let ranges: [Range<Int>]
  let rows: Int
  let facts: [BoundFact]
  /// One column behind the other.
  private(set) var forms: [Form]
  private(set) var values: [Int64]
  private var lists: [ReadingList]
  private var words: ShortTexts
  private let quick: [PlainKeys]

  init(_ facts: [BoundFact], of kind: EntityKind, _ reader: FactReader) {
    ranges = reader.ranges(of: kind)
    rows = ranges.reduce(0) { $0 + $1.count }
    self.facts = facts
    lists = facts.map { ReadingList($0.absent) }
    words = ShortTexts(columns: facts.count)
    quick = facts.map { PlainKeys($0.type, reader.now) }
    forms = [Form](repeating: .listed, count: rows * facts.count)
    values = [Int64](repeating: 0, count: rows * facts.count)
    if !facts.isEmpty { decode(reader) }
  }

  func place(of fact: BoundFact) -> Int? { facts.firstIndex { $0.reference.name == fact.reference.name } }

  /// What the rows of a column that are `listed` point to.
  func readings(_ column: Int) -> [Reading] { lists[column].readings }

  private mutating func decode(_ reader: FactReader) {
    let all = reader.entities
    let entities = all.span
    var plans = ColumnPlans(facts)
    var row = 0
    for entity in ranges.joined() {
      decode(entities[entity], row, &plans, reader.now)
      row += 1
    }
  }

  // Inlined, it would copy the entity, and count its references.
  @inline(never)
  private mutating func decode(
    _ entity: borrowing Entity, _ row: Int, _ plans: inout ColumnPlans, _ now: Timestamp
  ) {
    let steps = plans.steps(entity)
    let isDecoded = entity.withFacts { bytes, start in
      // Where something is unreadable, each fact is asked by its name.
      guard bytes[start] == 0 else { return false }
      var position = start + 1
      for step in steps {
        let column = Int(plans.columns[step])
        if column >= 0 { put(bytes, position, column, row, now) }
        PackedSpan.skipValue(bytes, &position)
      }
      return true
    }
    if !isDecoded { for column in facts.indices { put(facts[column].reading(of: entity, now: now), column, row) } }
  }

  @inline(__always)
  private mutating func put(
    _ bytes: borrowing Span<UInt8>, _ position: Int, _ column: Int, _ row: Int, _ now: Timestamp
  ) {
    let place = column * rows + row
    switch bytes[position] {
    // Absent, as every row is at first.
    case PackedCell.none: return
    case PackedCell.text:
      let word = ShortText(bytes, at: position + 1)
      if let word, let known = words.value(of: word, column) {
        values[place] = known
        return
      }
      put(facts[column].reading(bytes, at: position, now), column, row)
      if let word, forms[place] == .listed { words.remember(word, column, values[place]) }
    case let head:
      if let key = quick[column].key(bytes, position, head) {
        (forms[place], values[place]) = (.ordered, key)
      } else {
        put(facts[column].reading(bytes, at: position, now), column, row)
      }
    }
  }

  private mutating func put(_ reading: Reading, _ column: Int, _ row: Int) {
    let place = column * rows + row
    if case .known(let constant) = reading, constant.isOrdered {
      let key = SortKey(constant)
      (forms[place], values[place]) = (key == nil ? .single : .ordered, key?.value ?? 0)
    } else if let listed = lists[column].place(of: reading) {
      (forms[place], values[place]) = (.listed, Int64(listed))
    } else {
      forms[place] = .single
    }
  }
}

/// What to take from the values of an entity, by its shape: few shapes take turns.
private struct ColumnPlans {
  private let names: [String]
  private var shapes: [(shape: ObjectIdentifier, steps: Range<Int>)] = []
  /// For each value of a shape up to the last that is wanted, its column here, or −1.
  private(set) var columns: [Int32] = []
  private static let mostShapes = 16

  init(_ facts: [BoundFact]) { names = facts.map(\.reference.name) }

  @inline(__always)
  mutating func steps(_ entity: borrowing Entity) -> Range<Int> {
    let wanted = entity.traits().shape
    for place in shapes.indices where shapes[place].shape == wanted {
      let steps = shapes[place].steps
      if place > 0 { shapes.swapAt(place, place - 1) }
      return steps
    }
    return add(entity.shape, wanted)
  }

  private mutating func add(_ shape: FactShape, _ wanted: ObjectIdentifier) -> Range<Int> {
    if shapes.count == Self.mostShapes {
      shapes.removeAll(keepingCapacity: true)
      columns.removeAll(keepingCapacity: true)
    }
    let start = columns.count
    for (column, name) in names.enumerated() {
      guard let place = shape.column(name) else { continue }
      while columns.count <= start + place { columns.append(-1) }
      columns[start + place] = Int32(column)
    }
    shapes.append((wanted, start..<columns.count))
    return start..<columns.count
  }
}

/// The different readings of a column that are no numbers.
private struct ReadingList {
  private(set) var readings: [Reading]
  private var places: [Reading: Int]
  private static let mostReadings = 4096

  init(_ first: Reading) {
    readings = [first]
    places = [first: 0]
  }

  /// `nil` where there are too many: a fact that is another one in each row is not worth a list.
  mutating func place(of reading: Reading) -> Int? {
    if let place = places[reading] { return place }
    guard readings.count < Self.mostReadings else { return nil }
    places[reading] = readings.count
    readings.append(reading)
    return readings.count - 1
  }
}
