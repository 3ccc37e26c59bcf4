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
        "equivalent": .integer(Int64(mutation.equivalent)),
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

  /// A suite a file, a case a case.
  public static func junit(_ report: TestReport) -> String {
    var suites = ""
    for file in report.files {
      let name = XMLText.escape(file.path)
      suites +=
        "  <testsuite name=\"\(name)\" tests=\"\(file.outcomes.count)\" failures=\"\(file.outcomes.count { !$0.passed })\">\n"
      for outcome in file.outcomes {
        let head = "    <testcase name=\"\(XMLText.escape(outcome.test.name))\" classname=\"\(name)\""
        if outcome.passed {
          suites += head + "/>\n"
        } else {
          let text = XMLText.escape(outcome.difference.joined(separator: "\n"))
          suites += head + "><failure message=\"the plan is not as expected\">\(text)</failure></testcase>\n"
        }
      }
      suites += "  </testsuite>\n"
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + "<testsuites name=\"policy test\" tests=\"\(report.count)\" failures=\"\(report.failed)\">\n\(suites)</testsuites>\n"
  }
}
