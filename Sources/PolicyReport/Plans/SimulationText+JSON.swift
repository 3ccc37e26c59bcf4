internal import PolicyCore
internal import PolicyFormats

extension SimulationText {
  /// `policy-simulation/1.0`, canonical.
  public static func json(_ report: SimulationReport) -> [UInt8] {
    var object: JSONObject = [
      "format": .string("policy-simulation/1.0"), "from": .string(report.from.rfc3339),
      "to": .string(report.to.rfc3339), "ticks": .integer(Int64(report.ticks)), "end": stock(report.end),
    ]
    object["policy"] = report.policy.map { .string($0) } ?? .null
    object["every"] = report.every.map { .string($0.spelled) } ?? .null
    object["steps"] = .array(report.steps.map(step))
    object["watermarks"] = .array(report.watermarks.map(watermark))
    object["sequel"] = report.sequel.map(sequel) ?? .null
    return CanonicalJSON.encode(.object(object)) + [UInt8(ascii: "\n")]
  }

  private static func step(_ step: SimulationReport.Step) -> JSONValue {
    var object: JSONObject = [
      "at": .string(step.at.rfc3339), "after": stock(step.after), "freed": .integer(step.freed),
    ]
    object["actions"] = .array(step.actions.map(action))
    object["refused"] = strings(step.refusals)
    object["unmet"] = .array(
      step.unmet.map { unmet in
        .object([
          "want": .string(unmet.want.rawValue), "id": .string(unmet.id), "usage": .integer(unmet.usage),
          "target": .integer(unmet.target),
          "group": .array(
            unmet.group.map { .object(["fact": .string($0.fact), "value": .string(DisplayText.escape($0.value))]) }),
        ])
      })
    return .object(object)
  }

  private static func action(_ action: Action) -> JSONValue {
    var object: JSONObject = [
      "verb": .string(action.verb.rawValue), "kind": .string(action.kind.rawValue), "bytes": .integer(action.bytes),
    ]
    object.set("host", name: action.host)
    object.set("root", name: action.root)
    object.set("path", name: action.path)
    object["rules"] = strings(action.because.map(\.rule))
    if action.tier == .archived { object["tier"] = .string(action.tier.rawValue) }
    if let record = action.record { object["record"] = .string(record) }
    if let target = action.target { object["to"] = .string(target) }
    return .object(object)
  }

  private static func stock(_ stock: SimulationReport.Stock) -> JSONValue {
    var object: JSONObject = [
      "runs": .integer(Int64(stock.runs)), "checkpoints": .integer(Int64(stock.checkpoints)),
      "bytes": .integer(stock.bytes), "in_use": .integer(stock.inUse),
      "trash": .object(["count": .integer(Int64(stock.trashed)), "bytes": .integer(stock.trashedBytes)]),
    ]
    object["volumes"] = .array(
      stock.volumes.map { volume in
        var object: JSONObject = ["size": .integer(volume.size), "used": .integer(volume.used)]
        object.set("host", name: volume.host)
        object.set("path", name: volume.path)
        return .object(object)
      })
    return .object(object)
  }

  private static func watermark(_ mark: SimulationReport.Watermark) -> JSONValue {
    var object: JSONObject = [
      "id": .string(mark.id), "low": .integer(mark.low), "was_low": .bool(mark.wasLow),
      "at": mark.at.map { .string($0.rfc3339) } ?? .null,
    ]
    object.set("host", name: mark.volume.host)
    object.set("volume", name: mark.volume.path)
    return .object(object)
  }

  private static func sequel(_ sequel: SimulationReport.Sequel) -> JSONValue {
    var object: JSONObject = [
      "runs": .integer(Int64(sequel.runs)), "checkpoints": .integer(Int64(sequel.checkpoints)),
      "bytes": .integer(sequel.bytes), "last": sequel.last.map { .string($0.rfc3339) } ?? .null,
      "followed_until": sequel.followedUntil.map { .string($0.rfc3339) } ?? .null,
    ]
    object["stays"] = .array(
      sequel.stays.map { group in
        var object: JSONObject = [
          "why": .string(group.why.rawValue), "runs": .integer(Int64(group.runs)),
          "checkpoints": .integer(Int64(group.checkpoints)), "bytes": .integer(group.bytes),
        ]
        object["rules"] = strings(group.rules)
        return .object(object)
      })
    return .object(object)
  }

  private static func strings(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }
}
