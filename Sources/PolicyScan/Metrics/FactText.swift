internal import PolicyCore
internal import PolicyFormats

/// Turns the text of a source into a fact of a declared type; what the type does not allow is unreadable.
enum FactText {
  static func fact(_ text: ArraySlice<UInt8>, _ type: FactType) -> Fact {
    switch type {
    case .int, .number, .ratio, .bytes:
      let cell = MetricCell(text)
      guard case .number(let number, _) = cell else {
        return cell == .garbage ? .unreadable : .missing
      }
      guard type.admits(cell) else { return .unreadable }
      if type == .number || type == .ratio { return .value(.number(String(decoding: text, as: UTF8.self))) }
      return number.wholeNumber.map { .value(.integer($0)) } ?? .unreadable
    case .duration:
      // Sources count seconds.
      guard let number = ExactDecimal(ascii: text), !number.isNegative,
        let nanoseconds = number.scaled(1_000_000_000)
      else { return .unreadable }
      return .value(.integer(nanoseconds))
    case .time:
      return Timestamp(String(decoding: text, as: UTF8.self)).map { .value(.integer($0.nanoseconds)) } ?? .unreadable
    case .bool:
      switch String(decoding: text, as: UTF8.self).lowercased() {
      case "true": return .value(.bool(true))
      case "false": return .value(.bool(false))
      case _: return .unreadable
      }
    case .string: return text.isEmpty ? .missing : .value(.text(ByteString(text)))
    case .enumeration(let members):
      let isMember = members.contains { $0.utf8.elementsEqual(text) }
      return isMember ? .value(.text(ByteString(text))) : .unreadable
    case .stringSet: return .value(.set([ByteString(text)]))
    }
  }

  static func fact(_ value: JSONValue, _ type: FactType) -> Fact {
    switch value {
    case .null: .missing
    case .bool(let flag): type == .bool ? .value(.bool(flag)) : .unreadable
    case .integer(let number): fact(Array(String(number).utf8)[...], type)
    case .decimal(let text): fact(Array(text.utf8)[...], type)
    case .string(let text): fact(Array(text.utf8)[...], type)
    case .array, .object, .encoded: .unreadable
    }
  }

  static func number(_ value: FactValue) -> ExactDecimal? {
    switch value {
    case .number(let text): ExactDecimal(text)
    case .integer(let number): ExactDecimal(number)
    case .bool, .text, .set: nil
    }
  }
}
