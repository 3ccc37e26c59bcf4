internal import PolicyCore

/// Words that are part of the grammar and therefore neither facts nor constants.
enum Keyword: String, CaseIterable {
  case and, or, not, `in`, `is`, missing, matches, has
  case `true`, `false`
}

struct ConditionToken {
  enum Kind: Equatable {
    /// `mAP50-95`, `last.mAP50`, `run.user`; with `age` and words that are enum members or strings.
    case name(String)
    case keyword(Keyword)
    /// A word that begins with a digit; what it says depends on its unit.
    case number([UInt8])
    case string([UInt8])
    /// Without the `$`.
    case param(String)
    case comparison(Comparison)
    case coalesce
    case open, close, openList, closeList, comma
    /// Text that a message has been written about already.
    case mistake
    case end
  }

  var kind: Kind
  /// In the value of the scalar.
  var range: Range<Int>
}
