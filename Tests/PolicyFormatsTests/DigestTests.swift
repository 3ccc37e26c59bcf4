internal import PolicyDigest
internal import Testing

@Suite struct DigestTests {
  /// Short messages of NIST's SHA256ShortMsg and the examples of FIPS 180-4.
  static let vectors: [(message: [UInt8], digest: String)] = [
    ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ([0xd3], "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"),
    ([0x11, 0xaf], "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98"),
    ([0xb4, 0x19, 0x0e], "dff2e73091f6c05e528896c4c831b9448653dc2ff043528f6769437bc7b975c2"),
    (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ]

  @Test(arguments: vectors.indices) func digestOfKnownMessage(_ index: Int) {
    let (message, digest) = Self.vectors[index]
    #expect(SHA256Digest.hex(of: message) == digest)
  }

  @Test func streamEqualsOneShotAtEverySplit() {
    let message = (0..<200).map { UInt8($0) }
    let whole = SHA256Digest.hash(message)
    var digest = SHA256Digest()
    for split in 0...message.count {
      digest.update(message[..<split])
      digest.update(Array(message[split...]))
      // The same value again: `finish` begins a new message.
      #expect(digest.finish() == whole)
    }
  }

  @Test func textIsDigestedAsUTF8() {
    var digest = SHA256Digest()
    digest.update("é")
    #expect(digest.finish() == SHA256Digest.hash([0xc3, 0xa9]))
  }

  @Test func hexadecimalRoundTrip() {
    let all = (0...255).map { UInt8($0) }
    #expect(Hexadecimal.decode(Hexadecimal.encode(all)) == all)
    #expect(Hexadecimal.encode([0, 0x0f, 0xa0, 0xff]) == "000fa0ff")
  }

  @Test(arguments: ["0", "0g", "AB", " 00", "é0"]) func hexadecimalRefuses(_ text: String) {
    #expect(Hexadecimal.decode(text) == nil)
  }

  /// RFC 4648 section 10, in lower case and without padding.
  @Test(arguments: [
    ("", ""), ("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foob", "mzxw6yq"), ("fooba", "mzxw6ytb"),
    ("foobar", "mzxw6ytboi"),
  ])
  func base32(_ text: String, _ encoded: String) { #expect(Base32.encode(text.utf8) == encoded) }
}
