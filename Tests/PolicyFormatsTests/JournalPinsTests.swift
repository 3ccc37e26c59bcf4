import PolicyCore
import PolicyFormats
import Testing

@Suite struct JournalPinsTests {
  static let pin = Pin(
    kind: .run, path: ByteString([0x61, 0xFE]), device: 1, inode: .max, born: Timestamp(nanoseconds: 9),
    at: Timestamp(nanoseconds: 1_000_000_000), because: "the paper\nneeds it")

  @Test func pinsComeBack() throws {
    let list = PinList([Self.pin])
    #expect(try PinsCodec.decode(PinsCodec.encode(list)) == list)
    #expect(try PinsCodec.decode([]) == PinList())
  }

  @Test func aPinBindsTheInodeAndItsBirth() {
    let list = PinList([Self.pin])
    #expect(list.pin(device: 1, inode: .max, born: Timestamp(nanoseconds: 9)) != nil)
    #expect(list.pin(device: 1, inode: .max, born: nil) != nil)
    #expect(list.pin(device: 1, inode: .max, born: Timestamp(nanoseconds: 8)) == nil)
    #expect(list.pin(device: 2, inode: .max, born: Timestamp(nanoseconds: 9)) == nil)
  }

  @Test func pinningTwiceKeepsOne() {
    var list = PinList([Self.pin])
    var again = Self.pin
    again.because = "still"
    list.add(again)
    #expect(list.pins == [again])
    let first = list.remove(device: 1, inode: .max, born: nil)
    let second = list.remove(device: 1, inode: .max, born: nil)
    #expect(first && !second)
    #expect(list.pins.isEmpty)
  }

  @Test func aBrokenFileIsNotAnEmptyOne() throws {
    let bytes = PinsCodec.encode(PinList([Self.pin]))
    for length in 1..<(bytes.count - 1) where bytes[length - 1] != UInt8(ascii: "\n") {
      let cut = Array(bytes.prefix(length))
      let isWholeHeader = length == (bytes.firstIndex(of: UInt8(ascii: "\n")) ?? 0)
      if isWholeHeader { continue }
      #expect(throws: PinsCodec.Unreadable.self) { try PinsCodec.decode(cut) }
    }
  }

  @Test func trashInfoHasTheLayoutOfTheSpecification() throws {
    let info = TrashInfoText(
      path: ByteString(Array("/data/runs/a b".utf8) + [0xFF, 0x0A]), deletedAt: Timestamp(nanoseconds: 1_500_000_000),
      record: "yooglgic-0-2", kind: .run, plan: "sha256:ab", rules: ["stale", "old ones"])
    let text = String(decoding: info.encode(), as: UTF8.self)
    #expect(
      text == """
        [Trash Info]
        Path=/data/runs/a%20b%FF%0A
        DeletionDate=1970-01-01T00:00:01
        X-Policy-Record=yooglgic-0-2
        X-Policy-Kind=run
        X-Policy-Plan=sha256:ab
        X-Policy-Rules=stale old%20ones

        """)
    var whole = info
    whole.deletedAt = Timestamp(nanoseconds: 1_000_000_000)
    #expect(TrashInfoText.decode(info.encode()) == whole)
  }

  @Test(arguments: [
    "Path=a%2Fb", "Path=/a/../b", "Path=/a%00", "Path=/a%2", "Path=/a\nPath=/b", "DeletionDate=x",
  ])
  func aHostileInfoFileIsNotBelieved(_ line: String) {
    let good = ["Path=/a", "DeletionDate=2027-01-15T08:00:00", "X-Policy-Record=r", "X-Policy-Kind=run"]
    let key = line.prefix { $0 != "=" }
    let lines = ["[Trash Info]"] + good.filter { !$0.hasPrefix(key + "=") } + [line]
    #expect(TrashInfoText.decode(Array((["[Trash Info]"] + good).joined(separator: "\n").utf8)) != nil)
    #expect(TrashInfoText.decode(Array(lines.joined(separator: "\n").utf8)) == nil)
  }
}
