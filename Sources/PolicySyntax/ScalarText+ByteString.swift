public import PolicyCore
public import PolicyYAML

extension ScalarText {
  /// The value as the core holds text.
  public var text: ByteString { ByteString(bytes) }
}
