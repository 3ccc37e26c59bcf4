internal import PolicyCore

extension Timestamp {
  /// To the second, as people read it in a message.
  var words: String { Timestamp(nanoseconds: nanoseconds / 1_000_000_000 * 1_000_000_000).rfc3339 }

  /// The first whole second that is not before this.
  var wordsRoundedUp: String {
    let (end, overflow) = nanoseconds.addingReportingOverflow(999_999_999)
    return overflow ? rfc3339 : Timestamp(nanoseconds: end).words
  }
}
