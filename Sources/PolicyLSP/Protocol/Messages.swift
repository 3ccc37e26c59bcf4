internal import PolicyFormats

/// What the server says, in the shapes of the protocol.
enum Messages {
  enum ErrorCode: Int64 {
    case parseError = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case serverNotInitialized = -32002
    case requestFailed = -32803
  }

  static func result(_ id: JSONValue, _ value: JSONValue) -> JSONValue {
    .object(["jsonrpc": .string("2.0"), "id": id, "result": value])
  }

  static func error(_ id: JSONValue, _ code: ErrorCode, _ message: String) -> JSONValue {
    .object([
      "jsonrpc": .string("2.0"), "id": id,
      "error": .object(["code": .integer(code.rawValue), "message": .string(message)]),
    ])
  }

  static func notification(_ method: String, _ params: JSONObject) -> JSONValue {
    .object(["jsonrpc": .string("2.0"), "method": .string(method), "params": .object(params)])
  }
}

extension JSONValue {
  subscript(_ key: String) -> JSONValue? { if case .object(let object) = self { object[key] } else { nil } }
  var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }
  var text: String? { stringValue }
  var whole: Int? { if case .integer(let number) = self { Int(exactly: number) } else { nil } }
}
