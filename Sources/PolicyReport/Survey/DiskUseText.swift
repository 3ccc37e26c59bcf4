internal import PolicyCore
internal import PolicyFormats

/// What fills a disk, on one screen; and the same as JSON.
public enum DiskUseText {
  /// - Parameters:
  ///   - policy: the file whose rules were asked; `nil` for those that `policy init` would write.
  ///   - place: how to name the roots again: ` --root runs`.
  public static func render(_ use: DiskUse, policy: String?, place: String, style: TextStyle) -> String {
    let page = DiskUsePage(use: use, style: style)
    let sections = [
      page.volumes(), page.whole(), page.users(), page.frameworks(), page.ages(), page.reliefs(policy),
      page.next(policy, place),
    ]
    return sections.filter { !$0.isEmpty }.map { section in
      section.map(\.trimmedEnd).joined(separator: "\n") + "\n"
    }.joined(separator: "\n")
  }

  /// `policy-usage/1.0`
  public static func json(_ use: DiskUse, policy: String?) -> [UInt8] {
    let survey = use.survey
    func sum(_ sum: TreeSurvey.Sum) -> JSONValue {
      .object(["count": .integer(Int64(sum.count)), "bytes": .integer(sum.bytes)])
    }
    func table(_ name: String, _ rows: [(name: ByteString, sum: TreeSurvey.Sum)]) -> JSONValue {
      .array(
        rows.map { row in
          var object: JSONObject = ["count": .integer(Int64(row.sum.count)), "bytes": .integer(row.sum.bytes)]
          object.set(name, name: row.name)
          if name == "user" { object["would_free"] = .integer(use.freedByUser[row.name] ?? 0) }
          return .object(object)
        })
    }
    func words(_ name: String, _ rows: [(name: String, sum: TreeSurvey.Sum)]) -> JSONValue {
      table(name, rows.map { (ByteString($0.name), $0.sum) })
    }
    let aging = FactSchema.states.compactMap { state in
      survey.aging[state].map { sums in
        JSONValue.object(["state": .string(state), "by_age": .array(sums.map(sum))])
      }
    }
    var document: JSONObject = [
      "format": .string("policy-usage/1.0"), "now": .string(survey.now.rfc3339),
      "policy": policy.map { .string($0) } ?? .null,
      "roots": .array(
        survey.roots.map { root in
          var object = JSONObject()
          object.set("host", name: root.host)
          object.set("path", name: root.path)
          return .object(object)
        }),
      "volumes": .array(
        use.volumes.map { volume in
          var object: JSONObject = ["size": .integer(volume.size), "used": .integer(volume.used)]
          object.set("path", name: volume.path)
          return .object(object)
        }),
      "runs": sum(survey.runs), "checkpoints": sum(survey.checkpoints), "archived": sum(survey.archived),
      "trash": sum(survey.trash), "next_purge": survey.nextPurge.map { .string($0.rfc3339) } ?? .null,
      "users": table("user", survey.users), "layouts": words("layout", survey.layouts),
      "roles": words("role", survey.roles), "states": words("state", survey.states),
      "age_bounds_days": .array(TreeSurvey.ages.map { .integer($0) }), "ages": .array(aging),
    ]
    document["would_free"] = .object([
      "bytes": .integer(use.freed),
      "rules": .array(
        use.reliefs.map { relief in
          .object([
            "rule": .string(relief.rule), "bytes": .integer(relief.bytes),
            "runs": .integer(Int64(relief.kinds.count { $0 == .run })),
            "checkpoints": .integer(Int64(relief.kinds.count { $0 == .checkpoint })),
          ])
        }),
    ])
    return CanonicalJSON.encode(.object(document)) + [UInt8(ascii: "\n")]
  }
}
