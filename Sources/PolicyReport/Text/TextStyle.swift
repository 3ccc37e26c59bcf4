/// How text is laid out: the width of the terminal, and whether it shows colour. Nothing is said by colour alone.
public struct TextStyle: Sendable, Equatable {
  /// Columns; at least 40.
  public var width: Int
  public var color: Bool

  public init(width: Int = 80, color: Bool = false) {
    self.width = max(40, width)
    self.color = color
  }

  package enum Ink: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case blue = "34"
  }

  package func paint(_ text: String, _ ink: Ink) -> String {
    color && !text.isEmpty ? "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m" : text
  }
}
