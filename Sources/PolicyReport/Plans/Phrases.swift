internal import PolicyCore

/// Reasons, near misses and holders as short phrases.
enum Phrases {
  /// `finished, 30d old, mAP50 0.71`
  static func readings(_ readings: [FactReading]) -> String {
    let states = readings.filter { $0.fact == "state" || $0.fact == "run.state" }
    return (states + readings.filter { !states.contains($0) }).map(reading).joined(separator: ", ")
  }

  static func reading(_ reading: FactReading) -> String {
    let value = DisplayText.escape(reading.value)
    switch (reading.fact, reading.value) {
    case (_, "missing"): return "no \(reading.fact)"
    case (_, "unreadable"): return "unreadable \(reading.fact)"
    case ("state", _), ("run.state", _): return value
    case ("age", _): return "\(value) old"
    case ("bytes", _), ("run.bytes", _): return Int64(value).map(Quantities.size) ?? value
    case ("pinned", "true"), ("referenced", "true"), ("in_use", "true"), ("resumable", "true"): return reading.fact
    case ("pinned", "false"), ("referenced", "false"), ("in_use", "false"), ("resumable", "false"):
      return "not \(reading.fact)"
    default: return "\(reading.fact) \(value)"
    }
  }

  static func reason(_ reason: Reason) -> String {
    var text = reason.rule
    if let usage = reason.usage, let limit = reason.limit {
      let group = reason.group.map { DisplayText.escape($0.value) }.joined(separator: ", ")
      text += ": \(group.isEmpty ? "all" : group) at \(Quantities.size(usage)), allowed \(Quantities.size(limit))"
      if !reason.readings.isEmpty { text += "; " + readings(reason.readings) }
    } else if !reason.readings.isEmpty {
      text += ": " + readings(reason.readings)
    }
    if let words = reason.text { text += " (\(DisplayText.escape(words)))" }
    return text
  }

  /// Those that tell how far away a keep was; that a name is not the one of a list is no near miss.
  static func nearMisses(_ misses: [NearMiss]) -> String {
    misses.filter { miss in
      miss.rank != nil || !miss.missing.isEmpty
        || miss.readings.contains {
          !["name", "path", "tags", "run.name", "run.path", "run.tags", "role"].contains($0.fact)
        }
    }.map(nearMiss).joined(separator: "; ")
  }

  static func nearMiss(_ miss: NearMiss) -> String {
    if let rank = miss.rank, let size = miss.of {
      return "\(miss.rule) \(ordinal(rank)) of \(size) (keeps \(miss.keeps ?? 0))"
    }
    if !miss.missing.isEmpty { return "\(miss.rule): no \(miss.missing.joined(separator: ", "))" }
    return miss.readings.isEmpty ? miss.rule : "\(miss.rule): \(readings(miss.readings))"
  }

  static func holder(_ holder: Held.Holder) -> String {
    var text = holder.rule
    if let rank = holder.rank, let size = holder.of { text += " \(ordinal(rank)) of \(size)" }
    if !holder.unknown.isEmpty { text += " (\(holder.unknown.joined(separator: ", ")) not known)" }
    if let via = holder.via { text += " (by \(DisplayText.escape(via)))" }
    return text
  }

  static func ordinal(_ number: Int) -> String {
    let suffix =
      switch (number % 10, number % 100) {
      case (_, 11...13): "th"
      case (1, _): "st"
      case (2, _): "nd"
      case (3, _): "rd"
      default: "th"
      }
    return "\(number)\(suffix)"
  }
}
