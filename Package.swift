// swift-tools-version: 6.2
import PackageDescription

/// The rules every Swift target of this package is built under. Kept in one list so that no room is laxer than another.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// A room of the house: the pipeline runs left to right, and the compiler refuses an import that runs against it.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["PolicyTestSupport"], path: "Tests/\(name)", swiftSettings: strict)
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "policy",
  products: [
    .executable(name: "policy", targets: ["policy"]),
    .library(
      name: "PolicyKit",
      targets: [
        "PolicyDiagnostics", "PolicyCore", "PolicyYAML", "PolicySyntax", "PolicyAnalysis", "PolicyFormats",
        "PolicyReport", "PolicyFiles", "PolicyScan",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
  ],
  targets: [
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .target(name: "CLoading", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "CLibCrypto", dependencies: ["CLoading"]),
    .target(name: "CLibArchive", dependencies: ["CLoading"]),
    .target(name: "CLinux"),
    .target(name: "CCodePages"),
    .target(name: "CByteMarks"),
    .target(name: "CReportPage", exclude: ["page"]),
    room("PolicyDiagnostics"),
    room("PolicyCore"),
    room("PolicyYAML", ["CLibYAML", "PolicyDiagnostics"]),
    room("PolicySyntax", ["PolicyYAML", "PolicyDiagnostics", "PolicyCore"]),
    room("PolicyAnalysis", ["PolicyCore", "PolicyDiagnostics"]),
    room("PolicyDigest", ["CLibCrypto"]),
    room("PolicyFormats", ["PolicyCore", "PolicyDiagnostics", "PolicyDigest"]),
    room("PolicyFiles", ["CLinux", "PolicyDigest"]),
    room("PolicyScan", ["CByteMarks", "PolicyCore", "PolicyFiles", "PolicyFormats"]),
    room("PolicyApply", ["PolicyCore", "PolicyFiles", "PolicyFormats", "PolicyDigest", "CLinux", "CLibArchive"]),
    room(
      "PolicyReport",
      ["CCodePages", "CReportPage", "PolicyCore", "PolicyDiagnostics", "PolicyFormats", "PolicyAnalysis"]),
    room(
      "PolicyTesting",
      [
        "PolicySyntax", "PolicyYAML", "PolicyAnalysis", "PolicyDiagnostics", "PolicyCore", "PolicyFormats",
        "PolicyReport",
      ]),
    room(
      "PolicyLSP", ["PolicySyntax", "PolicyYAML", "PolicyAnalysis", "PolicyDiagnostics", "PolicyCore", "PolicyFormats"]),
    room(
      "PolicyCLI",
      [
        "PolicyDiagnostics", "PolicyCore", "PolicyYAML", "PolicySyntax", "PolicyDigest", "PolicyFormats",
        "PolicyFiles", "PolicyScan", "PolicyApply", "PolicyReport", "PolicyAnalysis", "PolicyTesting", "PolicyLSP",
        argumentParser,
      ]),
    .executableTarget(name: "policy", dependencies: ["PolicyCLI"], swiftSettings: strict),

    .target(
      name: "PolicyTestSupport", dependencies: ["PolicyCore"], path: "Tests/PolicyTestSupport",
      swiftSettings: strict),
    tests("PolicyCoreTests", ["PolicyCore"]),
    tests("PolicyYAMLTests", ["PolicyYAML", "PolicyDiagnostics"]),
    tests("PolicySyntaxTests", ["PolicySyntax", "PolicyYAML", "PolicyDiagnostics", "PolicyCore", "PolicyReport"]),
    tests(
      "PolicyAnalysisTests", ["PolicyAnalysis", "PolicySyntax", "PolicyReport", "PolicyDiagnostics", "PolicyCore"]),
    tests(
      "PolicyTestingTests",
      [
        "PolicyTesting", "PolicyAnalysis", "PolicyReport", "PolicySyntax", "PolicyYAML", "PolicyFormats",
        "PolicyDiagnostics", "PolicyCore",
      ]),
    tests(
      "PolicyLSPTests",
      ["PolicyLSP", "PolicySyntax", "PolicyYAML", "PolicyFormats", "PolicyDiagnostics", "PolicyCore"]),
    tests("PolicyFormatsTests", ["PolicyFormats", "PolicyDigest", "PolicyCore", "PolicyDiagnostics"]),
    tests("PolicyFilesTests", ["PolicyFiles", "PolicyDigest", "CLinux"]),
    tests(
      "PolicyScanTests",
      ["PolicyScan", "PolicyFiles", "PolicyFormats", "PolicyCore", "PolicySyntax", "PolicyDiagnostics"]),
    tests(
      "PolicyApplyTests",
      ["PolicyApply", "PolicyScan", "PolicyFiles", "PolicyFormats", "PolicyDigest", "PolicyCore", "CLinux"]),
    tests(
      "PolicyReportTests", ["PolicyReport", "PolicyFormats", "PolicyDiagnostics", "PolicyDigest", "PolicyCore"]),
    tests("Examples", ["PolicyTesting", "PolicyAnalysis", "PolicyCore", "PolicySyntax", "PolicyDiagnostics"]),
    tests("EndToEnd", ["policy"]),
    tests(
      "Conformance",
      [
        "PolicyAnalysis", "PolicyCore", "PolicyFormats", "PolicySyntax", "PolicyDiagnostics", "PolicyTesting",
        "PolicyReport",
      ]),
  ]
)
