internal import PolicyTestSupport
internal import Testing

/// Everything that people do wrong, and what disks do to them: the exact words, the exit status, and nothing changed.
struct TranscriptTests {
  @Test(arguments: Transcript.all("bad-policies")) func `bad policies`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("bad-roots")) func `bad roots and strange trees`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("bad-plans")) func `bad plans and snapshots`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("typing")) func `mistyped commands`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("terminals")) func `terminals and pipes`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("disks")) func `full and read-only disks`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("life")) func `life after apply`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("archives")) func `archives`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("backups")) func `backups`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("comparing")) func `comparing and explaining`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("simulate")) func `time that goes by`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("analysis")) func `what a policy means`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("testing")) func `cases, layout and schema`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("processes")) func `processes in bad surroundings`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("first")) func `first contact`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("schedule")) func `schedules and notices`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("users")) func `several users`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test(arguments: Transcript.all("report")) func `pages and metrics`(_ transcript: Transcript) throws {
    try transcript.play()
  }

  @Test func `no corpus is empty and no title stands twice`() {
    for file in [
      "bad-policies", "bad-roots", "bad-plans", "typing", "terminals", "disks", "life", "comparing", "simulate",
      "analysis", "testing", "processes", "archives", "backups", "first",
      "schedule", "users", "report",
    ] {
      let cases = Transcript.all(file)
      #expect(cases.count >= 5, "\(file)")
      #expect(Set(cases.map(\.title)).count == cases.count, "\(file)")
      #expect(cases.allSatisfy { !$0.steps.isEmpty }, "\(file)")
    }
  }
}
