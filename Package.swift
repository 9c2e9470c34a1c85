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
    .library(name: "DemoModel", targets: ["DemoModel"]),
    .executable(name: "diffusion-tui", targets: ["diffusion-tui"]),
  ],
  // Exact versions, because no lockfile is kept: every clone is built from the sources that were tested.
  dependencies: [
    // Prints the help that Tests/Fixtures/CommandLine holds to the letter; another version may wrap it differently.
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    // Brings toml++, whose reason for refusing a file is part of our error message; another may word it differently.
    .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    // Computes SHA-256. Its BoringSSL chooses assembly by CPUID, in functions that WideInstructionsTests names.
    // swift-asn1, which it fetches too, is for another of its products: nothing of it is linked.
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
  ],
  targets: [
    // System libraries and C.
    .target(
      name: "CNCurses", exclude: ["terminfo"],
      linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
    .target(name: "CPNG", linkerSettings: [.linkedLibrary("png"), .linkedLibrary("z")]),
    // Loads libcurl when the first model is downloaded, so that nothing of it is needed to build or to start.
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("dl"), .linkedLibrary("pthread")]),
    // Loads a driver, libOpenCL.so.1 or libcuda.so.1, when one of its devices is asked for.
    .target(name: "CGPU", exclude: ["kernels", "kernels.ptx"], linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "CTensorKernels", linkerSettings: [.linkedLibrary("m")]),
    .target(name: "CDemoModel"),

    // The engine.
    .target(name: "TensorKernels", dependencies: ["CTensorKernels"], swiftSettings: swiftSettings),
    .target(name: "GPUKernels", dependencies: ["CGPU", "TensorKernels"], swiftSettings: swiftSettings),
    .target(
      name: "DiffusionCore",
      dependencies: ["CCurl", "GPUKernels", "TensorKernels", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: swiftSettings
    ),
    .target(
      name: "DemoModel", dependencies: ["CDemoModel", "DiffusionCore"], exclude: ["ddpm-emoji-32", "sd-emoji-64"],
      swiftSettings: swiftSettings),

    // The explorer.
    // Themes and lessons are in folders at the root, to which each of these has a link.
    .target(name: "Themes", resources: [.embedInCode("themes")], swiftSettings: swiftSettings),
    .target(
      name: "Lessons", exclude: ["lessons/README.md"], resources: [.embedInCode("lessons")],
      swiftSettings: swiftSettings),
    .target(
      name: "DiffusionTUI",
      dependencies: [
        "CNCurses", "DiffusionCore", "Lessons", "Themes", .product(name: "TOMLKit", package: "TOMLKit"),
      ],
      swiftSettings: swiftSettings
    ),

    // The command line.
    .target(
      name: "CommandLineKit",
      dependencies: [
        "CPNG", "DiffusionCore", "DiffusionTUI",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "TOMLKit", package: "TOMLKit"),
      ],
      swiftSettings: swiftSettings
    ),
    .executableTarget(
      name: "diffusion-tui",
      dependencies: [
        "CommandLineKit", "DemoModel", "DiffusionCore", "DiffusionTUI",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings
    ),

    // Tests.
    // Runs schedulers for Tests/Peers/schedulers.py.
    .executableTarget(
      name: "scheduler-runs", dependencies: ["DiffusionCore"], path: "Tests/Peers/SchedulerRuns",
      swiftSettings: swiftSettings),
    .target(
      name: "TestSupport",
      dependencies: [
        "DiffusionCore", "DiffusionTUI", "TensorKernels", .product(name: "Crypto", package: "swift-crypto"),
      ], path: "Tests/TestSupport",
      swiftSettings: swiftSettings),
    .testTarget(name: "StructureTests", swiftSettings: swiftSettings),
    .testTarget(
      name: "TensorKernelsTests", dependencies: ["CTensorKernels", "TensorKernels", "TestSupport"],
      swiftSettings: swiftSettings),
    // Operations of random extents, for tests and for gpu-checks, which compares them on a card.
    .target(
      name: "OperationChecks", dependencies: ["TensorKernels"], path: "Tests/OperationChecks",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "gpu-checks", dependencies: ["GPUKernels", "OperationChecks", "TensorKernels"], path: "Tests/GPU/Checks",
      swiftSettings: swiftSettings),
    // Drivers that fail on request, and one for a card that is not there.
    .target(name: "StubDrivers", dependencies: ["CGPU"], path: "Tests/StubDrivers"),
    .testTarget(
      name: "GPUKernelsTests",
      dependencies: [
        "CGPU", "DemoModel", "DiffusionCore", "DiffusionTUI", "GPUKernels", "OperationChecks", "StubDrivers",
        "TensorKernels", "TestSupport",
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "DiffusionCoreTests",
      dependencies: ["DiffusionCore", "DemoModel", "GPUKernels", "TensorKernels", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "DiffusionTUITests", dependencies: ["DiffusionTUI", "DemoModel", "Lessons", "TestSupport", "Themes"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "CommandLineKit", "CPNG", "DiffusionTUI", "Lessons", "TestSupport", "Themes", "diffusion-tui",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu2x
)
