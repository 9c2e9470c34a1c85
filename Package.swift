// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "diffusion-tui",
  products: [
  ],
  dependencies: [
  ],
  targets: [
    // System libraries and C.
    .target(name: "CTensorKernels", linkerSettings: [.linkedLibrary("m")]),

    // The engine.
    .target(name: "TensorKernels", dependencies: ["CTensorKernels"], swiftSettings: swiftSettings),

    // Tests.
    .target(
      name: "TestSupport", dependencies: [], path: "Tests/TestSupport",
      swiftSettings: swiftSettings),
    .testTarget(
      name: "TensorKernelsTests", dependencies: ["CTensorKernels", "TensorKernels", "TestSupport"], swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu2x
)
