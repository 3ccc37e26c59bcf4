internal import PolicyCore
internal import Testing

struct TimestampTests {
  @Test(arguments: [
    "1970-01-01T00:00:00Z", "2000-02-29T12:34:56Z", "2027-01-15T08:00:00.5Z", "1999-12-31T23:59:59.000000001Z",
    "1900-03-01T00:00:00Z", "2261-12-31T23:59:59Z",
  ])
  func `writes what it reads`(text: String) { #expect(Timestamp(text)?.rfc3339 == text) }

  /// What a file system says of times before 1677 and after 2262 is these; a snapshot with one must be readable.
  @Test(arguments: [Int64.min, .min + 1, -1, 0, .max - 1, .max]) func `the ends of time come back`(nanoseconds: Int64) {
    let stamp = Timestamp(nanoseconds: nanoseconds)
    #expect(Timestamp(stamp.rfc3339) == stamp)
  }

  @Test func `dates mean midnight`() {
    #expect(Timestamp("2026-01-01") == Timestamp("2026-01-01T00:00:00Z"))
    #expect(Timestamp("2026-01-01T08:30Z") == Timestamp("2026-01-01T08:30:00Z"))
  }

  @Test(arguments: [
    "", "2026-13-01", "2026-02-29", "2026-1-1", "2026-01-01T08:00:00", "2026-01-01T24:00:00Z",
    "2026-01-01T08:00:00+01:00",
    "2026-01-01 08:00:00Z", "3000-01-01", "2026-01-01T08:00:00.Z", "x2026-01-01",
  ])
  func `refuses other spellings`(text: String) { #expect(Timestamp(text) == nil) }

  @Test func `every day of two centuries has one name`() throws {
    var expected = try #require(Timestamp("1950-01-01")).nanoseconds
    for year in 1950..<2150 {
      for month in 1...12 {
        for day in 1...31 {
          let text = "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
          guard let stamp = Timestamp(text) else { continue }
          #expect(stamp.nanoseconds == expected, "\(text)")
          #expect(stamp.rfc3339 == text + "T00:00:00Z")
          expected += 86_400_000_000_000
        }
      }
    }
    #expect(Timestamp(nanoseconds: expected).rfc3339 == "2150-01-01T00:00:00Z")
  }

  @Test func `spans are spelled in the language's units`() {
    #expect(TimeSpan.days(14).spelled == "14d")
    #expect(TimeSpan.hours(36).spelled == "1d12h")
    #expect(TimeSpan.seconds(0).spelled == "0s")
    #expect(TimeSpan.seconds(90_061).spelled == "1d1h1m1s")
    #expect(TimeSpan.seconds(90_061).approximate == "1d1h")
    #expect(TimeSpan.days(30).approximate == "30d")
  }
}
