public import PolicyCore
public import PolicyFormats

/// The audit log: what was done to what, why, by whom, for which plan.
public enum LogText {
  public static func render(_ lines: [(root: ByteString, entry: LogEntry)], style: TextStyle) -> String {
    guard !lines.isEmpty else { return "nothing was ever done here\n" }
    var text: [String] = []
    var open: (root: ByteString, run: JournalRun)?
    for (root, entry) in lines {
      if entry.event == .began, let run = entry.run {
        if !text.isEmpty { text.append("") }
        let plan = run.plan.map { ", plan \(Quantities.short($0))" } ?? ""
        text += style.heading(
          "\(Quantities.minute(entry.at))  \(DisplayText.escape(run.command)) by uid \(run.uid), "
            + DisplayText.escape(run.trigger) + plan, "")
        text += style.row(.init(text: "  in ", columns: 5), name: DisplayText.escape(root), nameColumns: 0, [])
        open = (root, run)
        continue
      }
      let isInside = open?.root == root && open?.run == entry.run
      text += line(entry, in: isInside ? nil : root, open?.run.plan, style)
    }
    return text.map(\.trimmedEnd).joined(separator: "\n") + "\n"
  }

  /// `root`: named where no heading above did.
  private static func line(
    _ entry: LogEntry, in root: ByteString?, _ plan: String?, _ style: TextStyle
  ) -> [String] {
    var parts: [String] = []
    if !entry.because.isEmpty { parts.append("for " + Phrases().reasons(entry.because)) }
    if let place = entry.destination { parts.append("as \(DisplayText.escape(place))") }
    if let reason = entry.reason { parts.append(DisplayText.escape(reason)) }
    if let status = entry.status { parts.append("status \(status)") }
    if let own = entry.plan, own != plan || root != nil { parts.append("plan \(Quantities.short(own))") }
    if root != nil { parts.append(Quantities.minute(entry.at)) }
    let details = parts.joined(separator: "; ")
    let event = DisplayText.pad(entry.event.rawValue, to: 9)
    let size = DisplayText.padLeft(entry.bytes.map(Quantities.size) ?? "", to: 9)
    guard let path = entry.path else {
      return style.row(.init(text: "  \(event)", columns: 11), name: "", nameColumns: 0, [details])
    }
    return style.row(
      .init(text: "  \(event) \(size)  ", columns: 23), name: DisplayText.escape(root?.joined(path) ?? path),
      nameColumns: 0, [details], below: 23)
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
