internal import PolicyFormats
internal import Testing

@Suite struct JSONTests {
  /// Text, and its one spelling: RFC 8785's rules for keys and escapes.
  @Test(arguments: [
    ("null", "null"), (" [ ] ", "[]"), ("{ }", "{}"), ("[true,false]", "[true,false]"),
    ("{\"b\":1,\"a\":2}", "{\"a\":2,\"b\":1}"),
    ("\"\\u0041\\/\\u00e9\"", "\"A/é\""),
    ("\"\\b\\t\\n\\f\\r\\\"\\\\\"", "\"\\b\\t\\n\\f\\r\\\"\\\\\""),
    ("\"\\u0000\\u001F\\u007f\"", "\"\\u0000\\u001f\u{7f}\""),
    ("\"\\u2028\"", "\"\u{2028}\""),
    ("\"\\ud83d\\ude02\"", "\"😂\""),
    ("-9223372036854775808", "-9223372036854775808"), ("9223372036854775807", "9223372036854775807"),
    // Above U+FFFF a key sorts by its surrogates, before U+FB33.
    (
      "{\"\\ufb33\":1,\"\\ud83d\\ude00\":2,\"\\u20ac\":3,\"\\r\":4,\"1\":5,\"\\u0080\":6,\"\\u00f6\":7}",
      "{\"\\r\":4,\"1\":5,\"\u{80}\":6,\"ö\":7,\"€\":3,\"😀\":2,\"\u{fb33}\":1}"
    ),
    ("{\"a\":{\"z\":[1,{\"y\":2,\"x\":3}],\"aa\":null}}", "{\"a\":{\"aa\":null,\"z\":[1,{\"x\":3,\"y\":2}]}}"),
  ])
  func canonicalSpelling(_ text: String, _ expected: String) throws {
    let value = try JSONReader.parse(text)
    let encoded = CanonicalJSON.text(value)
    #expect(Array(encoded.utf8) == Array(expected.utf8))
    #expect(try JSONReader.parse(encoded) == value)
  }

  @Test(arguments: [
    ("1", JSONValue.integer(1)), ("-0", .decimal("-0")), ("0", .integer(0)), ("1.0", .decimal("1.0")),
    ("1e2", .decimal("1e2")), ("0.10", .decimal("0.10")), ("9223372036854775808", .decimal("9223372036854775808")),
    ("-9223372036854775809", .decimal("-9223372036854775809")),
    ("99999999999999999999999999", .decimal("99999999999999999999999999")), ("-1.5E-3", .decimal("-1.5E-3")),
  ])
  func numbersKeepTheirValue(_ text: String, _ expected: JSONValue) throws {
    #expect(try JSONReader.parse(text) == expected)
    #expect(CanonicalJSON.text(expected) == text)
  }

  @Test(arguments: [
    ("", 0), (" ", 1), ("nul", 0), ("nulll", 4), ("[1,]", 3), ("[1 2]", 3), ("{\"a\":1,}", 7), ("{a:1}", 1),
    ("{\"a\" 1}", 5), ("{\"a\":1,\"a\":2}", 7), ("01", 0), ("-", 1), ("1.", 2), (".5", 0), ("+1", 0), ("1e", 2),
    ("\"abc", 4), ("\"\t\"", 1), ("\"\\x\"", 1), ("\"\\u12g4\"", 1), ("\"\\ud800\"", 1), ("\"\\ud800\\u0041\"", 1),
    ("\"\\udc00\"", 1), ("[1", 2), ("{", 1), ("1 1", 2), ("NaN", 0), ("Infinity", 0), ("/* */1", 0), ("'a'", 0),
    ("\u{feff}1", 0), ("[1]]", 3), ("0x10", 1), ("{\"é\":1,\"\\u00e9\":2}", 8),
  ])
  func refusedWithItsPlace(_ text: String, _ offset: Int) {
    #expect {
      try JSONReader.parse(text)
    } throws: { error in
      (error as? JSONError)?.offset == offset
    }
  }

  @Test(
    arguments: [
      [0x80], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
      [0xF5, 0x80, 0x80, 0x80], [0xC3], [0xE2, 0x82], [0xFF],
    ] as [[UInt8]])
  func refusesWhatIsNoUTF8(_ bytes: [UInt8]) {
    #expect(throws: JSONError(offset: 2, message: "is not UTF-8")) {
      try JSONReader.parse([0x22, 0x61] + bytes + [0x22])
    }
  }

  @Test func composedAndDecomposedKeysDiffer() throws {
    let object = try JSONReader.parse("{\"\\u00e9\":1,\"e\\u0301\":2}")
    #expect(object["\u{e9}"] == 1)
    #expect(object["e\u{301}"] == 2)
    #expect(JSONValue.string("\u{e9}") != JSONValue.string("e\u{301}"))
    // The Kelvin sign is canonically equal to K.
    #expect(try JSONReader.parse("{\"\\u212a\":1}")["K"] == nil)
  }

  @Test func depthIsBounded() throws {
    let limit = JSONReader.maximumDepth
    let deepest = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
    #expect(throws: Never.self) { try JSONReader.parse(deepest) }
    #expect(throws: JSONError(offset: limit, message: "is nested more than \(limit) deep")) {
      try JSONReader.parse("[" + deepest + "]")
    }
    #expect(throws: JSONError.self) { try JSONReader.parse(String(repeating: "{\"a\":", count: 1_000_000)) }
  }

  @Test(arguments: [15, 16, 17, 5000]) func duplicateInObjectOfAnySize(_ count: Int) throws {
    let members = (0..<count).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
    #expect(try JSONReader.parse("{\(members)}").objectValue?.members.count == count)
    #expect(throws: JSONError.self) { try JSONReader.parse("{\(members),\"k\(count / 2)\":0}") }
  }

  @Test func objectsSetAndRemoveMembers() {
    var object: JSONObject = ["a": 1, "b": 2]
    object["a"] = 3
    object["b"] = nil
    object["c"] = nil
    #expect(object == ["a": 3])
  }

  /// Every value that the generator makes is read back from its canonical bytes, which are canonical.
  @Test func generatedValuesRoundTrip() throws {
    var random = SeededGenerator(seed: 11)
    for _ in 0..<3000 {
      let value = random.json(depth: 4)
      let bytes = CanonicalJSON.encode(value)
      let again = try JSONReader.parse(bytes)
      #expect(again == value)
      #expect(CanonicalJSON.encode(again) == bytes)
    }
  }

  /// Cut or changed anywhere, a text is refused or means something: never a trap, and what is accepted round-trips.
  @Test func damageAtEveryByte() throws {
    let text = Array("{\"a\":[1,-2.5e3,\"x\\u00e9\\ud83d\\ude00é\",true,null],\"b\":{\"c\":\"\\n\"}}".utf8)
    var (executions, accepted) = (0, 0)
    for index in text.indices {
      for byte in UInt8.min...UInt8.max {
        var damaged = text
        damaged[index] = byte
        executions += 1
        guard let value = try? JSONReader.parse(damaged) else { continue }
        accepted += 1
        #expect(try JSONReader.parse(CanonicalJSON.encode(value)) == value)
      }
      #expect(throws: JSONError.self) { try JSONReader.parse(Array(text[..<index])) }
    }
    print("JSON damage: \(executions) executions, \(accepted) still JSON")
    #expect(accepted > 0)
  }

  @Test func keysStandInTheOrderOfTheirCodeUnits() {
    let parts = ["", "a", "b", "\u{7F}", "é", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}"]
    let keys = parts.flatMap { first in parts.flatMap { second in parts.map { first + second + $0 } } }
    for left in keys {
      for right in parts + [keys[keys.count / 2], left + "a"] {
        #expect(CanonicalJSON.precedes(left, right) == left.utf16.lexicographicallyPrecedes(right.utf16))
        #expect(CanonicalJSON.precedes(right, left) == right.utf16.lexicographicallyPrecedes(left.utf16))
      }
    }
  }

  @Test func anEncodedValueIsTheOneThatItEncodes() throws {
    let value: JSONValue = ["b": [1, "x"], "a": ["c": nil]]
    let encoded = JSONValue.encoded(CanonicalJSON.encode(value))
    #expect(encoded == value && value == encoded && encoded == encoded && encoded != "x")
    #expect(CanonicalJSON.text(["k": encoded]) == CanonicalJSON.text(["k": value]))
    #expect(try JSONReader.parse(CanonicalJSON.encodeAsBuilt(value)) == value)
  }

  @Test func whatIsPassedOnIsTheSameAndIsReadAsStrictly() throws {
    let texts = [
      #"{"a":[1,{"b":"x]"}],"c":{"a":[]},"d":[{"a":[true,null]}]}"#, #"{"a":{"a":[-1.5e3,"\u00e9"]}}"#,
      #"{"a": [ 1 , [ ] ] }"#,
    ]
    for text in texts {
      let value = try JSONReader.parse(text)
      let passed = try JSONReader.parse(Array(text.utf8), passingOn: "a")
      #expect(try JSONReader.parse(CanonicalJSON.encode(passed)) == value)
    }
    let first = try JSONReader.parse(Array(texts[0].utf8), passingOn: "a")
    #expect(first["a"]?.arrayValue?.last == .encoded(Array(#"{"b":"x]"}"#.utf8)))
    let wrong = [
      #"{"a":[1,]}"#, #"{"a":[{"b"}]}"#, #"{"a":[{"b":1,}]}"#, #"{"a":["x]}"#, #"{"a":[01]}"#, #"{"a":[tru]}"#,
      #"{"a":[1 2]}"#,
      #"{"a":[[}]]}"#, #"{"a":["# + String(repeating: "[", count: 300), #"{"a":["\ud800"]}"#,
    ]
    for text in wrong {
      #expect(throws: JSONError.self, "\(text)") { try JSONReader.parse(Array(text.utf8), passingOn: "a") }
    }
  }
}
