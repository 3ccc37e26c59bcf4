internal import PolicyCore

/// Values of labels in the text format of Prometheus.
enum MetricLabel {
  /// UTF-8, with backslash, quote and line feed escaped; other control characters and stray bytes as this project writes
  /// them everywhere.
  static func escape(_ name: ByteString) -> String {
    DisplayText.escape(name).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  }
}
