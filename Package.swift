// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "diffusion-tui",
  products: [
    .library(name: "DiffusionCore", targets: ["DiffusionCore"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: [
    // System libraries and C.
    .target(name: "CTensorKernels", linkerSettings: [.linkedLibrary("m")]),
    .target(name: "CDemoModel"),

    // The engine.
    .target(name: "TensorKernels", dependencies: ["CTensorKernels"], swiftSettings: swiftSettings),
    .target(
      name: "DiffusionCore",
      dependencies: ["TensorKernels", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: swiftSettings
    ),
    .target(
      name: "DemoModel", dependencies: ["CDemoModel", "DiffusionCore"], exclude: ["ddpm-emoji-32"],
      swiftSettings: swiftSettings),

    // Tests.
    .target(
      name: "TestSupport", dependencies: ["DiffusionCore"], path: "Tests/TestSupport",
      swiftSettings: swiftSettings),
    .testTarget(
      name: "TensorKernelsTests", dependencies: ["CTensorKernels", "TensorKernels", "TestSupport"], swiftSettings: swiftSettings),
    .testTarget(
      name: "DiffusionCoreTests", dependencies: ["DiffusionCore", "DemoModel", "TestSupport"],
      swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu2x
)
