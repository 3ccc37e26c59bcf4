import Testing

@testable import PolicyScan

@Suite("ends of cells") struct CellEndsTests {
  /// What the fast ways must find, byte for byte.
  private static func plain(_ bytes: [UInt8], from start: Int) -> [UInt32] {
    bytes.indices.filter { $0 >= start && (bytes[$0] == UInt8(ascii: ",") || bytes[$0] == UInt8(ascii: "\n")) }
      .map { UInt32($0) }
  }

  @Test(arguments: CellEnds.widths)
  func areFoundWithVectorsOfEveryWidth(_ width: Int) {
    var state = UInt64(width + 1)
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    var most = 0
    for round in 0..<4000 {
      let (start, size) = (random(4), random(700))
      // From nearly none to nothing but commas.
      let share = round % 101
      let bytes = (0..<size + start).map { _ -> UInt8 in
        if random(100) < share { return random(8) == 0 ? UInt8(ascii: "\n") : UInt8(ascii: ",") }
        return random(500) == 0 ? 0 : UInt8(random(256))
      }
      let found = CellEnds(bytes, from: start, width: width)
      #expect(found.places == Self.plain(bytes, from: start))
      #expect(found.lineFeeds == bytes[start...].count { $0 == UInt8(ascii: "\n") })
      #expect(found.holdsNUL == bytes[start...].contains(0))
      most = max(most, found.places.count)
    }
    #expect(most > 500)
  }
}
