// swift-tools-version: 6.2
import PackageDescription

/// What reads metric files, as a program of its own beside the one in C: see `bench.py`.
let package = Package(
  name: "policy-bench-reader",
  dependencies: [.package(name: "policy", path: "../../..")],
  targets: [
    .executableTarget(
      name: "read-metrics", dependencies: [.product(name: "PolicyKit", package: "policy")],
      swiftSettings: [.swiftLanguageMode(.v6)])
  ])
