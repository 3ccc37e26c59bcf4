internal import PolicyCore

/// What one cell of a metric column holds.
enum MetricCell: Equatable {
  case number(ExactDecimal, text: ArraySlice<UInt8>)
  /// Nothing was written here: an earlier or later row speaks for the series.
  case empty
  /// NaN or infinite: the value of this row is that there is none.
  case undefined
  /// Neither a number nor one of the words for none.
  case garbage

  /// Numbers are read strictly: `nan`, `0x1p3` and `1,5` are none.
  init(_ text: ArraySlice<UInt8>) {
    if let number = ExactDecimal(ascii: text) {
      self = .number(number, text: text)
    } else if text.isEmpty {
      self = .empty
    } else {
      self = Self.isUndefined(text) ? .undefined : .garbage
    }
  }

  private static func isUndefined(_ text: ArraySlice<UInt8>) -> Bool {
    let sign = text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+") ? 1 : 0
    let word = text.dropFirst(sign).map { (65...90).contains($0) ? $0 + 32 : $0 }
    return ["nan", "inf", "infinity"].contains { $0.utf8.elementsEqual(word) }
  }

  var number: ExactDecimal? { if case .number(let value, _) = self { value } else { nil } }
}
