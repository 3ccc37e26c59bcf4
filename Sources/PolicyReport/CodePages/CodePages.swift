internal import CCodePages

/// What each code means: the pages of Docs/Diagnostics.
public enum CodePages {
  /// Sorted.
  public static let codes: [String] = (0..<code_page_count()).map { index in
    unsafe String(cString: code_page_code(index))
  }

  /// The page of a code, as it is written in Markdown.
  public static func page(of code: String) -> String? {
    guard let index = codes.firstIndex(of: code) else { return nil }
    return unsafe String(cString: code_page_text(Int32(index)))
  }

  /// One line about a code.
  public static func title(of code: String) -> String? {
    guard let first = page(of: code)?.split(separator: "\n").first, let colon = first.firstRange(of: ": ") else {
      return nil
    }
    return String(first[colon.upperBound...])
  }

  /// The families that codes come in, by their first digits.
  public static func family(of code: String) -> String {
    switch code.prefix(3) {
    case "P00": "YAML and structure"
    case "P01": "conditions"
    case "P02": "names and types"
    case "P03": "what a policy means"
    default: "snapshots, plans and cases"
    }
  }
}
