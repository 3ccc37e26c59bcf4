internal import PolicyCore
internal import PolicyFormats

/// JSON Lines: one object a line, of which the wanted members become cells. What is no object is no row.
struct JSONRows: LineReader {
  /// What numbers a row, from the values of `keys` (`nil` for those that it lacks).
  typealias Numbering = @Sendable ([Int64?]) -> Int64?

  var assembly: SeriesAssembly
  let keys: [[UInt8]]
  let number: Numbering

  init(_ assembly: SeriesAssembly, keys: [String], number: @escaping Numbering = { $0.first ?? nil }) {
    self.assembly = assembly
    self.keys = keys.map { Array($0.utf8) }
    self.number = number
  }

  mutating func takeEnormousLine() { assembly.badRows += 1 }

  mutating func take(_ bytes: [UInt8], _ line: Range<Int>, isWhole: Bool) {
    var cursor = JSONCursor(bytes, at: line.lowerBound, isLine: true)
    var values = [Int64?](repeating: nil, count: keys.count)
    do throws(JSONError) {
      try read(&cursor, &values)
      guard cursor.peek() == nil || cursor.index >= line.upperBound else { throw cursor.unexpected("the end") }
    } catch {
      assembly.dropRow()
      // An object that ends is whole whether or not its line is.
      if isWhole { assembly.badRows += 1 } else { assembly.droppedHalfLine = true }
      return
    }
    if let number = number(values) {
      assembly.endRow(number)
    } else {
      assembly.dropRow()
      assembly.badRows += 1
    }
  }

  /// One object: cells and the values of the keys.
  mutating func read(_ cursor: inout JSONCursor, _ values: inout [Int64?]) throws(JSONError) {
    try cursor.members { (cursor, key) throws(JSONError) in
      if let place = keys.firstIndex(where: { cursor.matches(key, $0) }) {
        values[place] = try cursor.wholeNumber()
        return
      }
      let wanted = assembly.sources.indices.filter { cursor.matches(key, assembly.sources[$0].key) }
      guard !wanted.isEmpty else { return try cursor.skipValue() }
      if cursor.peek() == UInt8(ascii: "[") {
        for source in wanted where assembly.sources[source].element == nil { assembly.add(source, .garbage) }
        try cursor.elements { (cursor, index) throws(JSONError) in
          let here = wanted.filter { assembly.sources[$0].element == index }
          if here.isEmpty { try cursor.skipValue() } else { try addCell(&cursor, here) }
        }
      } else {
        try addCell(&cursor, wanted)
      }
    }
  }

  private mutating func addCell(_ cursor: inout JSONCursor, _ sources: [Int]) throws(JSONError) {
    let next = cursor.peek()
    guard next != UInt8(ascii: "["), next != UInt8(ascii: "{") else {
      try cursor.skipValue()
      for source in sources { assembly.add(source, .garbage) }
      return
    }
    let scalar = try cursor.scalar()
    for source in sources {
      switch scalar {
      case .number(let range): assembly.add(source, cursor.bytes[range])
      case .undefined: assembly.add(source, .undefined)
      case .null: assembly.add(source, .empty)
      // Some writers put NaN into quotes.
      case .text(let raw):
        let isNone = MetricCell(cursor.value(of: raw)[...]) == .undefined
        assembly.add(source, isNone ? .undefined : .garbage)
      case .bool: assembly.add(source, .garbage)
      }
    }
  }
}
