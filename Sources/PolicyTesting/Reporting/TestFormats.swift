internal import PolicyFormats
internal import PolicyReport

/// A run of policy tests for other tools.
public enum TestFormats {
  /// `policy-tests/1.0`
  public static func json(_ report: TestReport) -> [UInt8] {
    let cases = report.files.flatMap { file in
      file.outcomes.map { outcome -> JSONValue in
        .object([
          "file": .string(file.path), "name": .string(outcome.test.name), "passed": .bool(outcome.passed),
          "difference": .array(outcome.difference.map { .string($0) }),
        ])
      }
    }
    let document: JSONObject = [
      "format": .string("policy-tests/1.0"), "cases": .array(cases), "count": .integer(Int64(report.count)),
      "failed": .integer(Int64(report.failed)), "policies": .array(report.policies.map { .object(policy($0)) }),
    ]
    return CanonicalJSON.encode(.object(document)) + [UInt8(ascii: "\n")]
  }

  private static func policy(_ policy: TestReport.Policy) -> JSONObject {
    var object: JSONObject = ["policy": .string(policy.path)]
    if let coverage = policy.coverage {
      object["coverage"] = .array(
        coverage.items.map { item in
          .object([
            "part": .string(item.part.rawValue), "id": .string(item.id), "subject": .string(item.subject),
            "seen": .array(item.seen.sorted().map { .string($0) }),
            "missing": .array(item.missing.map { .string($0) }),
          ])
        })
    }
    if let mutation = policy.mutation {
      object["mutants"] = .object([
        "noticed": .integer(Int64(mutation.killed)), "total": .integer(Int64(mutation.total)),
        "equivalent": .integer(Int64(mutation.equivalent)), "left_out": .integer(Int64(mutation.leftOut)),
        "survivors": .array(
          mutation.survivors.map { survivor in
            .object([
              "mutant": .string(survivor.mutant.name), "hint": .string(survivor.mutant.hint),
              "because": survivor.because.map { .string($0) } ?? .null,
            ])
          }),
      ])
    }
    return object
  }

  /// A suite a file, a case a case; then a suite a policy: its coverage, and each mutant that no case noticed.
  ///
  /// - Parameter minimum: least share of covered rules, in percent.
  public static func junit(_ report: TestReport, minimum: Int? = nil) -> String {
    var suites: [Suite] = report.files.map { file in
      Suite(
        name: file.path,
        entries: file.outcomes.map { outcome in
          Suite.Entry(
            name: outcome.test.name, message: "the plan is not as expected",
            failure: outcome.passed ? nil : outcome.difference.joined(separator: "\n"))
        })
    }
    for policy in report.policies {
      var entries: [Suite.Entry] = []
      if let coverage = policy.coverage {
        let (whole, all) = coverage.share(.rule)
        let isShort = minimum.map { whole * 100 < $0 * all } ?? false
        let missing = coverage.items.filter { !$0.isWhole }.map { item in
          "\(item.id)\(item.subject.isEmpty ? "" : " \(item.subject)"): never \(item.missing.joined(separator: ", "))"
        }
        entries.append(
          Suite.Entry(
            name: "coverage: rules \(whole) of \(all)", message: "less than \(minimum ?? 0)% of the rules are covered",
            failure: isShort ? missing.joined(separator: "\n") : nil))
      }
      if let mutation = policy.mutation {
        // Cases that fail notice nothing, and are no measure.
        let share = mutation.leftOut == 0 ? "noticed" : "noticed, no score: \(mutation.leftOut) that fail left out"
        entries.append(
          Suite.Entry(name: "mutants: \(mutation.killed) of \(mutation.total) \(share)", message: "", failure: nil))
        entries += mutation.unexplained.map { survivor in
          Suite.Entry(
            name: "mutant: \(survivor.mutant.name)", message: "no case notices this change",
            failure: "would show it: \(survivor.mutant.hint)")
        }
        entries += mutation.needless.map { entry in
          Suite.Entry(
            name: "survivors: \(entry.mutant)", message: "`survivors` names a mutant that does not survive",
            failure: entry.because)
        }
      }
      suites.append(Suite(name: policy.path, entries: entries))
    }
    let (count, failed) = suites.reduce((0, 0)) { ($0.0 + $1.entries.count, $0.1 + $1.failures) }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + "<testsuites name=\"policy test\" tests=\"\(count)\" failures=\"\(failed)\">\n"
      + suites.map(\.xml).joined() + "</testsuites>\n"
  }

  private struct Suite {
    struct Entry {
      let name: String
      let message: String
      /// `nil`: passed.
      let failure: String?
    }
    let name: String
    let entries: [Entry]
    var failures: Int { entries.count { $0.failure != nil } }

    var xml: String {
      let name = XMLText.escape(name)
      var text = "  <testsuite name=\"\(name)\" tests=\"\(entries.count)\" failures=\"\(failures)\">\n"
      for entry in entries {
        text += "    <testcase name=\"\(XMLText.escape(entry.name))\" classname=\"\(name)\""
        guard let failure = entry.failure else {
          text += "/>\n"
          continue
        }
        let message = XMLText.escape(entry.message)
        text += "><failure message=\"\(message)\">\(XMLText.escape(failure))</failure></testcase>\n"
      }
      return text + "  </testsuite>\n"
    }
  }
}
