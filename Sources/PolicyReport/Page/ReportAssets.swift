internal import CReportPage

/// The page around the data, as its source files have it, so that the program can write it wherever it is installed.
enum ReportAssets {
  static let page = text(REPORT_PAGE_HTML)
  static let style = text(REPORT_PAGE_STYLE)
  static let script = text(REPORT_PAGE_SCRIPT)
  /// What a browser may load and run: this style, this script, and nothing from anywhere.
  static let security = text(REPORT_PAGE_SECURITY)

  private static func text(_ part: report_page_part) -> String { unsafe String(cString: report_page_text(part)) }
}
