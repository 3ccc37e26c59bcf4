internal import Foundation
internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport
internal import Testing

/// What `policy plan --format markdown` prints.
struct PlanMarkdownTests {
  @Test func `markdown of a plan names every action, and no cell ends early`() throws {
    let text = PlanMarkdown.render(try Scene.saved(Scene.everything()))
    #expect(text.hasPrefix("### What this policy does\n"))
    #expect(text.contains("\n**to trash: 3 runs, 15.0 GiB**\n"))
    #expect(text.contains("| purge | 7.0 GiB | `bob/old\\n\\u{202e}gnp` | `trash.purge_after` |\n"))
    #expect(text.contains("<details><summary>kept although a rule wanted them gone: 3 runs, 1 checkpoint</summary>"))
    #expect(text.contains("**not met**") && text.contains("<summary>checks</summary>"))
    for line in text.split(separator: "\n") where line.hasPrefix("| trash |") {
      #expect(line.components(separatedBy: " | ").count == 4, "\(line)")
    }
  }
}
