/// Why bytes are no JSON text, and where.
public struct JSONError: Error, Equatable, Sendable {
  /// Byte offset of the fault; the end of the input where something is missing.
  public let offset: Int
  /// Lower case, no full stop, fit for a message.
  public let message: String
  public init(offset: Int, message: String) {
    self.offset = offset
    self.message = message
  }
}
