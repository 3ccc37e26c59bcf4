internal import PolicyCore
internal import Testing

struct ExactDecimalTests {
  @Test(arguments: [
    ("0", "0"), ("-0", "0"), ("0.7e-2", "0.007"), ("007", "7"), ("1e3", "1000"), ("0.8100", "0.81"),
    ("-12.50", "-12.5"), ("1E+2", "100"), ("1000000000000000000000000000000000000000000", "1e42"),
    ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
  ])
  func `reads and spells numbers`(text: String, spelled: String) {
    #expect(ExactDecimal(text)?.description == spelled)
  }

  @Test(arguments: [
    "", "-", ".5", "5.", "1e", "1e+", "nan", "inf", "0x1p3", "1_000", " 1", "1 ", "+1", "1,5", "١", "1e9999",
    "123456789012345678901234567890123456789",
  ])
  func `refuses what is no decimal number`(text: String) { #expect(ExactDecimal(text) == nil) }

  @Test func `percent is exact`() {
    #expect(ExactDecimal("0.7")?.percent == ExactDecimal("0.007"))
    #expect(ExactDecimal("80")?.percent == ExactDecimal("0.8"))
  }

  @Test(arguments: [
    ("0.1", "0.2"), ("-1", "0"), ("-2", "-1"), ("0.81234", "0.8124"), ("9", "10"), ("0.999", "1"), ("1e-400", "1e-399"),
    ("-0.5", "0.00001"), ("99999999999999999999999999999999999999", "1e38"), ("0", "1e-500"),
  ])
  func `orders by value`(low: String, high: String) throws {
    let (a, b) = (try #require(ExactDecimal(low)), try #require(ExactDecimal(high)))
    #expect(a < b)
    #expect(!(b < a))
    #expect(a != b)
  }

  @Test func `scales and rounds towards zero`() {
    #expect(ExactDecimal("0.9")?.scaled(100) == 90)
    #expect(ExactDecimal("0.333")?.scaled(10) == 3)
    #expect(ExactDecimal("1.5")?.scaled(1 << 30) == 1_610_612_736)
    #expect(ExactDecimal("1e10")?.scaled(.max) == nil)
    #expect(ExactDecimal("0.5")?.scaled(.max) == Int64.max / 2)
  }
}
