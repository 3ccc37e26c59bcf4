internal import PolicyCore
internal import PolicyDiagnostics

/// P0360: watermarks that cannot work. P0361: a step that frees nothing when it is needed.
enum Watermarks {
  @Sendable static func findings(_ it: PolicyPlace) -> [Finding] {
    it.policy.pressures.flatMap { pressure in levels(pressure, it) + idleSteps(pressure, it) }
  }

  private static func levels(_ pressure: Pressure, _ it: PolicyPlace) -> [Finding] {
    guard pressure.high <= pressure.low else { return [] }
    let isEqual = pressure.high == pressure.low
    return [
      it.finding(
        nil,
        Diagnostic(
          "P0360", isEqual ? .warning : .error,
          isEqual ? "`\(pressure.id)` stops where it starts" : "`\(pressure.id)` starts below where it stops",
          at: it.clause(pressure.id, "low") ?? it.verb(pressure.id),
          caption: isEqual ? "as high as `high`" : "above `high`",
          labels: it.clause(pressure.id, "high").map { [.init($0, "acts from here")] } ?? [],
          notes: isEqual ? ["every run of the policy would free a little and stop"] : [],
          help: "write a `low` below `high`, such as `high: 90%` and `low: 80%`"))
    ]
  }

  private static func idleSteps(_ pressure: Pressure, _ it: PolicyPlace) -> [Finding] {
    let steps = it.entry(pressure.id)?.steps ?? []
    var findings: [Finding] = []
    var hasPurged = false
    for (index, step) in pressure.relieve.enumerated() {
      let span = steps.indices.contains(index) ? steps[index].verb : it.verb(pressure.id)
      switch step {
      case .purge: hasPurged = true
      case .trash:
        // The trash lies on the volume of what is trashed, always.
        if !hasPurged { findings.append(it.finding(nil, trashFreesNothing(pressure, span, it))) }
      case .archive:
        guard let target = it.policy.archive?.to, Self.isBelow(ByteString(target), pressure.volume) else { continue }
        findings.append(
          it.finding(
            nil,
            Diagnostic(
              "P0361", .warning, "this step may free nothing", at: span,
              caption: "packs runs away onto \(pressure.volume.displayText) itself",
              labels: it.map.clauses["archive.to"].map { [.init($0, "below \(pressure.volume.displayText)")] } ?? [],
              help: "archive to another volume; if another one is mounted there, accept this")))
      }
    }
    return findings
  }

  private static func trashFreesNothing(_ pressure: Pressure, _ span: SourceSpan?, _ it: PolicyPlace) -> Diagnostic {
    let wait = it.policy.trash.purgeAfter
    let volume = pressure.volume.displayText
    let place = it.map.clauses["trash.dir"] ?? it.map.clauses["trash.purge_after"]
    let days = wait.map { Quantity.words($0) }
    return Diagnostic(
      "P0361", .warning,
      days.map { "this step frees nothing for \($0)" } ?? "this step frees nothing until somebody purges", at: span,
      caption: "so moving things there leaves \(volume) as full as before",
      labels: place.map { [.init($0, "the trash is on \(volume) too")] } ?? [],
      notes: place == nil ? ["the trash is on the volume of what is trashed"] : [],
      help: "put `- purge: trash` before it, or archive to another volume")
  }

  /// Only where the path says so: what is mounted below a volume is another one.
  private static func isBelow(_ path: ByteString, _ volume: ByteString) -> Bool {
    volume != "/" && path.isAtOrBelow(volume)
  }
}

enum Quantity {
  /// "7 days", "36h".
  static func words(_ span: TimeSpan) -> String {
    let day = TimeSpan.days(1).nanoseconds
    guard span.nanoseconds > 0, span.nanoseconds.isMultiple(of: day) else { return span.spelled }
    return span.nanoseconds == day ? "1 day" : "\(span.nanoseconds / day) days"
  }
}
