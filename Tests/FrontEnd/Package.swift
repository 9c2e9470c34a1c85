// swift-tools-version: 6.2
import PackageDescription

// An independent front end: a package outside diffusion-tui, which sees only the libraries' public declarations. Its
// tests do what the explorer and the command line do.
let package = Package(
  name: "front-end",
  dependencies: [.package(name: "diffusion-tui", path: "../..")],
  targets: [
    .testTarget(
      name: "FrontEndTests",
      dependencies: [
        .product(name: "DemoModel", package: "diffusion-tui"),
        .product(name: "DiffusionCore", package: "diffusion-tui"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
