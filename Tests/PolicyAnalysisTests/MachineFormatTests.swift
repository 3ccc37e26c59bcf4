import Foundation
import PolicyAnalysis
import PolicyDiagnostics
import PolicyReport
import PolicyTestSupport
import Testing

/// What other programs rely on in the SARIF of every recorded finding; `make soak` holds it against the official schema.
@Suite struct MachineFormatTests {
  struct Log: Decodable {
    let version: String
    let runs: [Run]
  }
  struct Run: Decodable {
    let tool: Tool
    let results: [Found]
  }
  struct Tool: Decodable { let driver: Driver }
  struct Driver: Decodable { let rules: [Rule] }
  struct Rule: Decodable { let id: String }
  struct Found: Decodable {
    let ruleId: String
    let ruleIndex: Int
    let level: String
    let message: Text
    let locations: [Location]
    let relatedLocations: [Location]?
  }
  struct Text: Decodable { let text: String }
  struct Location: Decodable { let physicalLocation: Place }
  struct Place: Decodable {
    let artifactLocation: Artifact
    let region: Region?
  }
  struct Artifact: Decodable { let uri: String }
  struct Region: Decodable {
    let startLine, startColumn, endLine, endColumn, byteOffset, byteLength: Int
  }

  @Test(arguments: FindingTests.names) func sarifPointsAtTheText(_ name: String) throws {
    let (analysis, sources, earlier) = try FindingTests.analyze(name)
    let diagnostics = earlier + analysis.diagnostics
    let report = DiagnosticReport(file: "\(name).yaml", diagnostics: diagnostics, sources: sources)
    let log = try JSONDecoder().decode(Log.self, from: Data(DiagnosticSARIF.render([report]) { _ in "a title" }))
    let run = try #require(log.runs.first)
    #expect(log.version == "2.1.0" && log.runs.count == 1 && run.results.count == diagnostics.count)
    for (found, diagnostic) in zip(run.results, diagnostics) {
      #expect(run.tool.driver.rules[found.ruleIndex].id == found.ruleId && found.ruleId == diagnostic.code)
      #expect(["error", "warning", "note"].contains(found.level) && found.message.text.contains(diagnostic.message))
      #expect(found.locations.count == 1)
      for location in found.locations + (found.relatedLocations ?? []) {
        #expect(location.physicalLocation.artifactLocation.uri == "\(name).yaml")
        guard let region = location.physicalLocation.region else { continue }
        #expect(region.startLine >= 1 && region.startColumn >= 1)
        #expect((region.endLine, region.endColumn) >= (region.startLine, region.startColumn))
        #expect(region.byteOffset + region.byteLength <= sources.sources[0].bytes.count)
      }
    }
  }
}
