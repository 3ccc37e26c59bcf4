/// Which version of this tool it is, for what it leaves behind.
public enum ToolVersion {
  /// As `policy --version` says it.
  public static let text = "0.1.0"
}
