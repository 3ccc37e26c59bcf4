import Foundation
import PolicyDiagnostics
import PolicyYAML

/// As much of JSON Schema, draft 7, as our schema uses. An unknown keyword fails loudly, so that the schema cannot grow
/// past what is tested.
struct SchemaValidator {
  let root: [String: Any]

  static let annotations: Set<String> = ["$schema", "title", "description", "definitions"]

  func accepts(_ value: Any) -> Bool { accepts(value, root) }

  private func accepts(_ value: Any, _ schema: [String: Any]) -> Bool {
    schema.allSatisfy { keyword, wanted in Self.annotations.contains(keyword) || holds(keyword, wanted, value, schema) }
  }

  private func list(_ value: Any) -> [[String: Any]] { value as? [[String: Any]] ?? [] }

  private func holds(_ keyword: String, _ wanted: Any, _ value: Any, _ schema: [String: Any]) -> Bool {
    let object = value as? [String: Any]
    let items = value as? [Any]
    let text = value as? String
    switch keyword {
    case "$ref":
      let name = (wanted as? String ?? "").replacing("#/definitions/", with: "")
      guard let found = (root["definitions"] as? [String: Any])?[name] as? [String: Any] else { return false }
      return accepts(value, found)
    case "type":
      let types = wanted as? [String] ?? [wanted as? String ?? ""]
      return types.contains { Self.isA($0, value) }
    case "enum": return (wanted as? [Any] ?? []).contains { Self.equal($0, value) }
    case "pattern":
      return text.map { $0.range(of: wanted as? String ?? "", options: .regularExpression) != nil } ?? true
    case "minLength": return text.map { $0.count >= wanted as? Int ?? 0 } ?? true
    case "minimum":
      return (value as? Double ?? (value as? Int).map(Double.init)).map { $0 >= Double(wanted as? Int ?? 0) } ?? true
    case "maximum":
      return (value as? Double ?? (value as? Int).map(Double.init)).map { $0 <= Double(wanted as? Int ?? 0) } ?? true
    case "minItems": return items.map { $0.count >= wanted as? Int ?? 0 } ?? true
    case "maxItems": return items.map { $0.count <= wanted as? Int ?? 0 } ?? true
    case "items": return items.map { $0.allSatisfy { accepts($0, wanted as? [String: Any] ?? [:]) } } ?? true
    case "minProperties": return object.map { $0.count >= wanted as? Int ?? 0 } ?? true
    case "required":
      return object.map { object in (wanted as? [String] ?? []).allSatisfy { object[$0] != nil } } ?? true
    case "properties":
      guard let object else { return true }
      return (wanted as? [String: Any] ?? [:]).allSatisfy { name, inner in
        object[name].map { accepts($0, inner as? [String: Any] ?? [:]) } ?? true
      }
    case "patternProperties": return true
    case "propertyNames":
      return object.map { $0.keys.allSatisfy { accepts($0, wanted as? [String: Any] ?? [:]) } } ?? true
    case "additionalProperties":
      guard let object else { return true }
      let known = Set((schema["properties"] as? [String: Any] ?? [:]).keys)
      let isFree = (schema["patternProperties"] as? [String: Any])?["^x-"] != nil
      let others = object.filter { !known.contains($0.key) && !(isFree && $0.key.hasPrefix("x-")) }
      if let inner = wanted as? [String: Any] { return others.values.allSatisfy { accepts($0, inner) } }
      return others.isEmpty
    case "dependencies":
      guard let object else { return true }
      return (wanted as? [String: Any] ?? [:]).allSatisfy { name, needed in
        guard object[name] != nil else { return true }
        if let names = needed as? [String] { return names.allSatisfy { object[$0] != nil } }
        return accepts(object, needed as? [String: Any] ?? [:])
      }
    case "anyOf": return list(wanted).contains { accepts(value, $0) }
    case "oneOf": return list(wanted).count { accepts(value, $0) } == 1
    case "not": return !accepts(value, wanted as? [String: Any] ?? [:])
    default: preconditionFailure("the schema uses `\(keyword)`, which is not tested")
    }
  }

  private static func isA(_ type: String, _ value: Any) -> Bool {
    switch type {
    case "object": value is [String: Any]
    case "array": value is [Any]
    case "string": value is String
    case "boolean": value is Bool && !(value is Int && !(value is Bool))
    case "integer": value is Int && !(value is Bool)
    case "number": (value is Int || value is Double) && !(value is Bool)
    default: false
    }
  }

  private static func equal(_ left: Any, _ right: Any) -> Bool {
    if let a = left as? String, let b = right as? String { return a == b }
    if let a = left as? Int, let b = right as? Int { return a == b }
    return false
  }
}

/// What a YAML tool makes of a file: plain scalars have the types of the core schema.
enum CoreYAML {
  static func value(_ node: YAMLNode) -> Any {
    switch node.content {
    case .sequence(let items): return items.map { value($0) }
    case .mapping(let pairs):
      return Dictionary(
        pairs.map { (value($0.key) as? String ?? "\(value($0.key))", value($0.value)) },
        uniquingKeysWith: { first, _ in first })
    case .scalar(let scalar):
      let text = String(decoding: scalar.bytes, as: UTF8.self)
      guard scalar.style == .plain else { return text }
      if text == "true" || text == "false" { return text == "true" }
      if text.isEmpty || text == "~" || text == "null" { return NSNull() }
      if let whole = Int(text) { return whole }
      if text.contains("."), text.allSatisfy({ $0.isNumber || $0 == "." || $0 == "-" }), let number = Double(text) {
        return number
      }
      return text
    }
  }
}
