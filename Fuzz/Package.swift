// swift-tools-version: 6.2
import PackageDescription

/// Targets for libFuzzer, in a package of their own so that they never disturb `swift build`. See `scripts/fuzz`.
func target(_ name: String) -> Target {
  .executableTarget(
    name: name, dependencies: ["FuzzDriver", .product(name: "PolicyKit", package: "policy")],
    swiftSettings: [.swiftLanguageMode(.v6)])
}

let package = Package(
  name: "policy-fuzz",
  dependencies: [.package(name: "policy", path: "..")],
  targets: [.target(name: "FuzzDriver", swiftSettings: [.swiftLanguageMode(.v6)])] + [
    "FuzzYAML", "FuzzConditions", "FuzzPolicy", "FuzzTables", "FuzzRuns", "FuzzRecords", "FuzzSnapshots",
  ].map { target($0) })
