import PolicyCore
import Testing

@testable import PolicyScan

struct ByteScanTests {
  /// Sixteen bytes at a time must count as one at a time does.
  @Test func countsCellsOfAnyLine() {
    var generator = SystemRandomNumberGenerator()
    var tried = 0
    for length in Array(0...70) + [255 * 16 - 1, 255 * 16, 255 * 16 + 17, 9000] {
      for odds in [0, 2, 10] {
        let bytes = (0..<length + 8).map { _ in UInt8(odds > 0 && generator.next() % UInt64(odds) == 0 ? 44 : 49) }
        let line = 3..<(3 + length)
        #expect(ByteScan.cellCount(bytes, line) == 1 + bytes[line].count { $0 == 44 })
        guard length > 0 else { continue }
        var holed = bytes
        holed[line.lowerBound + Int(generator.next() % UInt64(length))] = 0
        #expect(ByteScan.cellCount(holed, line) == 0)
        tried += 1
      }
    }
    #expect(ByteScan.cellCount([UInt8](repeating: 44, count: 70_000), 0..<70_000) == 70_001)
    print("cells counted in \(tried) lines")
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
