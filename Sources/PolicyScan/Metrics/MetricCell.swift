internal import PolicyCore

/// What one cell of a metric column holds.
enum MetricCell: Equatable {
  /// `place` is where the number stands in the source; empty for one that was computed.
  case number(ExactDecimal, place: Place)
  /// Nothing was written here: an earlier or later row speaks for the series.
  case empty
  /// NaN or infinite: the value of this row is that there is none.
  case undefined
  /// Neither a number nor one of the words for none.
  case garbage

  /// Numbers are read strictly: `nan`, `0x1p3` and `1,5` are none.
  init(_ text: ArraySlice<UInt8>) {
    if let number = ExactDecimal(ascii: text) {
      self = .number(number, place: Place(text))
    } else if text.isEmpty {
      self = .empty
    } else {
      self = Self.isUndefined(text) ? .undefined : .garbage
    }
  }

  /// The same for bytes in place.
  init(_ bytes: borrowing Span<UInt8>, _ place: Place) {
    let range = Int(place.start)..<Int(place.end)
    if let number = ExactDecimal(ascii: bytes.extracting(range)) {
      self = .number(number, place: place)
    } else {
      self.init(range.map { bytes[$0] }[...])
    }
  }

  private static func isUndefined(_ text: ArraySlice<UInt8>) -> Bool {
    let sign = text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+") ? 1 : 0
    let word = text.dropFirst(sign).map { (65...90).contains($0) ? $0 + 32 : $0 }
    return ["nan", "inf", "infinity"].contains { $0.utf8.elementsEqual(word) }
  }

  /// Bytes of the source, as two integers: a cell that held a slice would cost a reference count each time it is read.
  struct Place: Equatable {
    let start: Int32
    let end: Int32

    init(_ text: ArraySlice<UInt8>) {
      start = Int32(clamping: text.startIndex)
      end = Int32(clamping: text.endIndex)
    }

    init(_ range: Range<Int>) {
      start = Int32(clamping: range.lowerBound)
      end = Int32(clamping: range.upperBound)
    }

    private init() { (start, end) = (0, 0) }
    static let none = Place()
  }

  /// The number as it was written, or the canonical text of a computed one.
  func text(in source: [UInt8]) -> String? {
    guard case .number(let number, let place) = self else { return nil }
    if place == .none { return number.description }
    return String(decoding: source[Int(place.start)..<Int(place.end)], as: UTF8.self)
  }

  var number: ExactDecimal? { if case .number(let value, _) = self { value } else { nil } }
}
