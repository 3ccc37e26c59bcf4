public import PolicyCore
public import PolicyFormats

/// The audit log: what was done to what, why, by whom, for which plan.
public enum LogText {
  public static func render(_ lines: [(root: ByteString, entry: LogEntry)], style: TextStyle) -> String {
    guard !lines.isEmpty else { return "nothing was ever done here\n" }
    var text: [String] = []
    var open: (root: ByteString, run: JournalRun)?
    // Checkpoints of one directory that went together share a line, all of them named.
    let groups = Folding.groups(lines) { first, line in
      first.root == line.root && first.entry.kind == .checkpoint && line.entry.kind == .checkpoint
        && first.entry.event == line.entry.event && first.entry.run == line.entry.run
        && first.entry.plan == line.entry.plan && first.entry.because == line.entry.because
        && first.entry.path?.parent == line.entry.path?.parent && first.entry.reason == line.entry.reason
        && first.entry.destination == nil && line.entry.destination == nil
    }
    for group in groups {
      let (root, entry) = group[0]
      if entry.event == .began, let run = entry.run {
        if !text.isEmpty { text.append("") }
        let plan = run.plan.map { ", plan \(Quantities.short($0))" } ?? ""
        text += style.heading(
          "\(Quantities.minute(entry.at))  \(DisplayText.escape(run.command)) by \(actor(run)), "
            + DisplayText.escape(run.trigger) + plan, "")
        text += style.row(.init(text: "  in ", columns: 5), name: DisplayText.escape(root), nameColumns: 0, [])
        open = (root, run)
        continue
      }
      let isInside = open?.root == root && open?.run == entry.run
      text += line(group.map(\.entry), in: isInside ? nil : root, isInside ? open?.run.plan : nil, style)
    }
    return text.map(\.trimmedEnd).joined(separator: "\n") + "\n"
  }

  /// `root`: named where no heading above did. `plan`: said by the heading.
  private static func line(
    _ entries: [LogEntry], in root: ByteString?, _ plan: String?, _ style: TextStyle
  ) -> [String] {
    let entry = entries[0]
    var parts: [String] = []
    if entries.count > 1 { parts.append(Folding.names(entries.compactMap(\.path), most: .max)) }
    if !entry.because.isEmpty { parts.append("for " + Phrases().reasons(entry.because)) }
    if let place = entry.destination {
      parts.append("\(entry.event == .archived || entry.event == .saved ? "in" : "as") \(DisplayText.escape(place))")
    }
    if let reason = entry.reason { parts.append(DisplayText.escape(reason)) }
    if let delegate = entry.delegate { parts.append("as uid \(delegate), whose own journal does not say so") }
    if let status = entry.status { parts.append("status \(status)") }
    if let own = entry.plan, own != plan || root != nil { parts.append("plan \(Quantities.short(own))") }
    if root != nil { parts.append("at \(Quantities.minute(entry.at))") }
    let details = parts.joined(separator: "; ")
    let event = DisplayText.pad(entry.event.rawValue, to: 9)
    let bytes = entries.compactMap(\.bytes)
    let size = DisplayText.padLeft(bytes.isEmpty ? "" : Quantities.size(bytes.sum), to: 9)
    let paths = entries.compactMap(\.path).map { root?.joined($0) ?? $0 }
    guard let path = paths.first else {
      return style.row(.init(text: "  \(event)", columns: 11), name: "", nameColumns: 0, [details])
    }
    return style.row(
      .init(text: "  \(event) \(size)  ", columns: 23),
      name: paths.count > 1 ? Folding.title(paths) : DisplayText.escape(path), nameColumns: 0, [details], below: 23)
  }

  private static func actor(_ run: JournalRun) -> String {
    run.uid != 0 && run.notes.contains("by root") ? "root as uid \(run.uid)" : "uid \(run.uid)"
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
        object["command"] = .string(run.command)
        if run.uid != 0, run.notes.contains("by root") { object["by_root"] = true }
      }
      if let delegate = entry.delegate { object["delegate_uid"] = .integer(Int64(delegate)) }
      object["rules"] = .array(entry.because.map { .string($0.rule) })
      return CanonicalJSON.encode(.object(object)) + [UInt8(ascii: "\n")]
    }
  }
}
