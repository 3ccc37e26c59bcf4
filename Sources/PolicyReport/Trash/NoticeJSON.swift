public import PolicyCore
internal import PolicyFormats

/// `policy-notice/1.0`: how an apply went, for programs that tell people.
public enum NoticeJSON {
  /// Items left alone that are listed; all are counted.
  private static let most = 50

  /// `complaint`: what was said to be wrong, where there is no more to tell.
  public static func render(
    _ summary: ApplySummary?, complaint: String? = nil, status: Int32, meaning: String, policy: String?,
    host: ByteString, roots: [ByteString],
    trigger: String, command: String = "apply"
  ) -> [UInt8] {
    let items = summary?.items ?? []
    var sums: [String: (count: Int64, bytes: Int64)] = [:]
    for item in items where item.isDone {
      let sum = sums[item.verb] ?? (0, 0)
      sums[item.verb] = (sum.count + 1, sum.bytes &+ item.bytes)
    }
    var done = JSONObject()
    for (verb, sum) in sums.sorted(by: { $0.key < $1.key }) {
      done[verb] = .object(["count": .integer(sum.count), "bytes": .integer(sum.bytes)])
    }
    let left = items.filter { !$0.isDone }
    var document: JSONObject = [
      "format": .string("policy-notice/1.0"), "command": .string(command), "status": .integer(Int64(status)),
      "meaning": .string(meaning), "trigger": .string(trigger), "policy": policy.map { .string($0) } ?? .null,
      "plan": summary?.plan.map { .string($0) } ?? .null,
      "message": (summary?.message ?? complaint).map { .string($0) } ?? .null,
      "notes": .array((summary?.notes ?? []).map { .string($0) }), "done": .object(done),
      "left_count": .integer(Int64(left.count)),
    ]
    document["left"] = .array(
      left.prefix(most).map { item in
        var object: JSONObject = [
          "verb": .string(item.verb), "kind": .string(item.kind.rawValue), "bytes": .integer(item.bytes),
          "reason": item.reason.map { .string($0) } ?? .null,
        ]
        object.set("path", name: item.path)
        return .object(object)
      })
    document["freed_now"] = .integer(summary?.freedNow ?? 0)
    document["freed_later"] = .integer(summary?.freedLater ?? 0)
    document["purge_from"] = summary?.purgeFrom.map { .string($0.rfc3339) } ?? .null
    document["roots"] = .array(roots.map { .string($0.displayText) })
    document.set("host", name: host)
    return CanonicalJSON.encode(.object(document)) + [UInt8(ascii: "\n")]
  }
}
