import PolicyFiles
import Testing

struct NameTests {
  @Test(arguments: ["", ".", "..", "a/b", "/", "a\u{0}b"])
  func refusesWhatIsNoName(_ text: String) { #expect(Name(text) == nil) }

  @Test(arguments: ["a", "...", ".a", "a b", "-rf", "\n", "exp\u{1B}[31m"])
  func acceptsNames(_ text: String) { #expect(Name(text)?.bytes == Array(text.utf8)) }

  @Test func keepsBytesThatAreNoText() { #expect(Name([0xFF, 0xFE])?.bytes == [0xFF, 0xFE]) }

  @Test(arguments: ["/a", "a/", "a//b", "a/./b", "a/../b", ".."])
  func refusesWhatIsNoRelativePath(_ text: String) { #expect(RelativePath(Array(text.utf8)) == nil) }

  @Test func splitsPaths() throws {
    let path = try #require(RelativePath(Array("a/b/c".utf8)))
    #expect(path.names.map { String(decoding: $0.bytes, as: UTF8.self) } == ["a", "b", "c"])
    #expect(path.bytes == Array("a/b/c".utf8))
    #expect(path.split?.last == Name("c"))
    #expect(RelativePath([UInt8]())?.names.isEmpty == true)
  }
}
