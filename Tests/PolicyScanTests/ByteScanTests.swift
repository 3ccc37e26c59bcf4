import PolicyCore
import Testing

@testable import PolicyScan

struct ByteScanTests {
  /// Sixty-four bytes at a time must find what one at a time finds.
  @Test func findsTheEndsOfAllCells() {
    var generator = SystemRandomNumberGenerator()
    var tried = 0
    for length in Array(0...200) + [255 * 16 - 1, 255 * 16, 255 * 16 + 17, 9000] {
      for odds in [0, 1, 2, 10] {
        for start in [0, 3] {
          var bytes = (0..<length + start).map { _ in
            odds > 0 && generator.next() % UInt64(odds) == 0
              ? [44, 10].randomElement(using: &generator) ?? 44 : UInt8(49)
          }
          let isHoled = length > 0 && generator.next() % 2 == 0
          if isHoled { bytes[start + Int(generator.next() % UInt64(length))] = 0 }
          let found = CellEnds(bytes, from: start)
          let expected = bytes.indices.filter { $0 >= start && (bytes[$0] == 44 || bytes[$0] == 10) }
          #expect(found.places.map { Int($0) } == expected)
          #expect(found.lineFeeds == expected.count { bytes[$0] == 10 } && found.holdsNUL == isHoled)
          tried += 1
        }
      }
    }
    print("ends of cells found in \(tried) texts")
  }

  @Test func readsNumbersAsTheGeneralReaderDoes() {
    let texts = [
      "", "-", ".", "0", "-0", "0.", ".5", "1.5", "1..5", "1.5.", "-1.50", "007", "1e3", "1E-3", "+1", "nan", "0x1",
      " 1",
      "123456789012345678", "1234567890123456789", "0.00000000000000001", "0.0000000000000000000001",
      "9999999999.99999999",
      "100000000000000000000", "--1", "1-", "12345678901234567890123456789012345678",
    ]
    for text in texts {
      let bytes = Array(text.utf8)
      #expect(ExactDecimal(ascii: bytes[...]) == ExactDecimal(parsing: bytes), "\(text)")
    }
  }

  @Test func ratiosAndOrder() throws {
    let texts = [
      "0", "1", "1.0", "0.999", "1.0000000000000000000001", "-0.1", "0.00000000000000000000001", "2", "1e-30", "100",
    ]
    let numbers = try texts.map { try #require(ExactDecimal($0)) }
    let one = ExactDecimal(1)
    for number in numbers {
      #expect(number.isRatio == (!(number < .zero) && !(one < number)), "\(number)")
      for other in numbers {
        let opposite = try #require(number.multiplied(by: ExactDecimal(-1)))
        let difference = try #require(other.adding(opposite))
        #expect((number < other) == (!difference.isNegative && difference != .zero), "\(number) < \(other)")
      }
    }
  }
}
