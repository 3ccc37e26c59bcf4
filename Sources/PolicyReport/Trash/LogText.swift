public import PolicyCore
public import PolicyFormats

/// The audit log: what was done to what, why, by whom, for which plan.
public enum LogText {
  public static func render(_ lines: [(root: ByteString, entry: LogEntry)], style: TextStyle) -> String {
    guard !lines.isEmpty else { return "nothing was ever done here\n" }
    var text: [String] = []
    for (root, entry) in lines {
      let head = "\(Quantities.minute(entry.at))  \(DisplayText.pad(entry.event.rawValue, to: 9))  "
      let indent = String(repeating: " ", count: 30)
      let details = Self.details(entry)
      guard let path = entry.path else {
        text += DisplayText.wrap(details, to: style.width - 30).enumerated().map { ($0 == 0 ? head : indent) + $1 }
        continue
      }
      let slash = root.bytes.last == UInt8(ascii: "/") ? "" : "/"
      text.append(head + DisplayText.escape(root) + slash + DisplayText.escape(path))
      text += DisplayText.wrap(details, to: style.width - 30).map { indent + $0 }
    }
    return text.map(\.trimmedEnd).joined(separator: "\n") + "\n"
  }

  private static func details(_ entry: LogEntry) -> String {
    var parts: [String] = []
    if let bytes = entry.bytes { parts.append(Quantities.size(bytes)) }
    if !entry.because.isEmpty { parts.append("for " + entry.because.map(Phrases.reason).joined(separator: "; ")) }
    if let place = entry.destination { parts.append("as \(DisplayText.escape(place))") }
    if let reason = entry.reason { parts.append(DisplayText.escape(reason)) }
    if let run = entry.run, entry.event == .began { parts.append("\(run.command) by uid \(run.uid), \(run.trigger)") }
    if let status = entry.status { parts.append("status \(status)") }
    if let plan = entry.plan { parts.append("plan \(Quantities.short(plan))") }
    return parts.joined(separator: "; ")
  }

  /// One JSON object a line.
  public static func json(_ lines: [(root: ByteString, entry: LogEntry)]) -> [UInt8] {
    lines.flatMap { root, entry -> [UInt8] in
      var object: JSONObject = ["at": .string(entry.at.rfc3339), "event": .string(entry.event.rawValue)]
      object.set("root", name: root)
      if let path = entry.path { object.set("path", name: path) }
      if let place = entry.destination { object.set("destination", name: place) }
      if let kind = entry.kind { object["kind"] = .string(kind.rawValue) }
      if let bytes = entry.bytes { object["bytes"] = .integer(bytes) }
      if let record = entry.record { object["record"] = .string(record) }
      if let plan = entry.plan { object["plan"] = .string(plan) }
      if let reason = entry.reason { object["reason"] = .string(reason) }
      if let status = entry.status { object["status"] = .integer(status) }
      if let run = entry.run {
        object["trigger"] = .string(run.trigger)
        object["uid"] = .integer(Int64(run.uid))
      }
      object["rules"] = .array(entry.because.map { .string($0.rule) })
      return CanonicalJSON.encode(.object(object)) + [UInt8(ascii: "\n")]
    }
  }
}
