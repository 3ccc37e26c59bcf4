import PolicyCore
import Testing

@testable import PolicyScan

/// What is read many bytes at a time, beside what reads one at a time.
struct PlainReadingTests {
  private static let cells = [
    "0", "1", "0.5", "0.50", "0.56004", "0.56003", "1.00000", "1.00001", "123", "100.5", "1023.45678", "0.123456789",
    "0.1234567891", "99999999", "12345678.", ".5", "-0.5", "-1", "-0", "1e-3", "5E+2", "nan", "inf", "-Infinity", "",
    " ", " 0.5", "0.5\r", "\t0.25 ", "1,5", "x", "0.5.5", "..", "1..5", "+1", "00012", "0x1p3", "123456789012345678",
    "1234567890123456789", "18446744073.709551615", "18446744073709551615", "99999999999.9999999", "0.0000001",
    "0.00000000000001", "\u{B}1", "1\u{0}", "½", "0\u{7F}5", "0/5", "0:5", "0.99999", "0.00000", "1 5",
  ]

  private static func cell(_ generator: inout SystemRandomNumberGenerator) -> String {
    switch generator.next() % 8 {
    case 0: return cells.randomElement(using: &generator) ?? ""
    case 1:
      let count = Int.random(in: 0...12, using: &generator)
      return String((0..<count).map { _ in "0123456789.-e ".randomElement(using: &generator) ?? "0" })
    case 2: return "\(Int.random(in: 0...1_200_000_000, using: &generator))"
    case 3: return "0.\(Int.random(in: 0...99, using: &generator))"
    case _: return "0.\(Int.random(in: 10_000...99_999, using: &generator))"
    }
  }

  @Test func plainNumbersAreThoseOfTheExactReader() throws {
    var generator = SystemRandomNumberGenerator()
    var plain = 0
    for round in 0..<(50_000 * longFactor) {
      let cell = round < Self.cells.count ? Self.cells[round] : Self.cell(&generator)
      let text = Array("0,\(cell),1".utf8)
      let place = 2..<(text.count - 2)
      // What stands before must not count, so a number is also read where there is little before it, and much.
      for padding in [0, 9] {
        let bytes = [UInt8](repeating: 57, count: padding) + text
        let number = unsafe bytes.withUnsafeBytes { bytes in
          unsafe bytes.baseAddress.map {
            unsafe FixedNumber.read($0, place.lowerBound + padding, place.upperBound + padding)
          } ?? FixedNumber.none
        }
        let exact = ExactDecimal(ascii: CSVTable.trimmed(text[place]))
        if number != FixedNumber.none {
          plain += 1
          #expect(exact == ExactDecimal("\(number)e-9"), "'\(cell)' is read as \(number)")
        } else if let exact, !exact.isNegative, cell.utf8.allSatisfy({ $0 == 46 || 48...57 ~= $0 }) {
          #expect(cell.utf8.count > 8, "'\(cell)' is not read")
        }
      }
    }
    #expect(plain > 10_000)
    print("plain numbers: \(plain) are what the exact reader makes of them")
  }

  @Test func columnsAreWhatTheirCellsAre() throws {
    var generator = SystemRandomNumberGenerator()
    var bests = 0
    for round in 0..<(3000 * longFactor) {
      let width = Int.random(in: 1...12, using: &generator)
      // Columns of which hardly anything is odd, and columns of which much is.
      let odd = [0, 0, 20, 3].randomElement(using: &generator) ?? 0
      let padding = round.isMultiple(of: 5) ? "    " : ""
      var lines = [(["epoch", "time"] + (0..<width).map { "column \($0)" }).joined(separator: ",")]
      for row in 0..<Int.random(in: 0...20, using: &generator) {
        let cells = (0...width).map { _ -> String in
          let isOdd = odd > 0 && Int.random(in: 0..<odd, using: &generator) == 0
          return padding
            + (isOdd ? Self.cell(&generator) : "0.\(Int.random(in: 10...99, using: &generator))0\(row % 3)")
        }
        lines.append((["\(row)"] + cells).joined(separator: ","))
      }
      let text = Array((lines.joined(separator: "\n") + "\n").utf8)
      guard case .success(let table) = CSVTable.read(text) else { continue }
      let types: [FactType] = [.ratio, .number, .int, .bytes]
      let metrics = (0..<width).map { column in
        MetricDeclaration(
          "m\(column)", types.randomElement(using: &generator) ?? .number, better: Bool.random() ? .higher : .lower,
          columns: ["column \(column)"])
      }
      let series = try #require(MetricSeries(table, metrics: metrics))
      for column in series.columns where !column.isEmpty {
        let cells = column.cells
        let exact = ColumnSummary(cells, column.metric)
        #expect(column.summary == exact, "\(String(decoding: text, as: UTF8.self))")
        #expect(
          column.firstRow == cells.firstIndex { $0 != .empty } && column.lastRow == cells.lastIndex { $0 != .empty })
        if exact.best != nil { bests += 1 }
      }
      #expect(series.longestEpoch == longest(table))
    }
    #expect(bests > 1000)
    print("columns: \(bests) bests are those of the exact numbers")
  }

  /// One number after the other, exactly.
  private func longest(_ table: CSVTable) -> Int64? {
    var (previous, longest): (Int64, Int64?) = (0, nil)
    for row in table.rows.indices {
      guard let epoch = table.cell(row, 0), ExactDecimal(ascii: epoch) != nil, let cell = table.cell(row, 1),
        let now = ExactDecimal(ascii: cell)?.scaled(1_000_000_000), now >= 0
      else { continue }
      longest = max(longest ?? 0, now >= previous ? now - previous : now)
      previous = now
    }
    return longest
  }
}
