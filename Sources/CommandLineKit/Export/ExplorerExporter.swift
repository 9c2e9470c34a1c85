import DiffusionCore
import DiffusionTUI

/// Writes the explorer's exports of its runs, with the encoders of `generate`.
struct ExplorerExporter: Sendable {
  /// The heading of a run's receipt; every file of its model is read.
  let heading: @Sendable (RunRequest, _ checkCancellation: () throws -> Void) throws -> ReceiptHeading

  /// The functions that the explorer uses.
  var keeper: Keeper {
    Keeper(write: write) { CommandLineText.reproducing($0) }
  }

  /// Writes a file, or the files of a batch.
  ///
  /// - Throws: ``DiffusionError`` that names the file, or what `checkCancellation` throws.
  @Sendable
  func write(_ export: ExplorerExport, checkCancellation: @Sendable () throws -> Void) throws -> ExportResult {
    let option = "export \(export.kind.rawValue)"
    let target = try OutputPath(checking: export.path, option: option, endings: export.kind.endings)
    var path = target.path
    if Self.isTaken(path, by: export) {
      switch export.collision {
      case .refuse: return .exists(Self.fullPath(path))
      case .number: path = try Self.numbered(target, for: export)
      case .replace: break
      }
    }
    let files = try files(of: export, path: path, ending: target.ending, checkCancellation)
    try checkCancellation()
    // The first file refers to the others, where it is a page with pictures beside it.
    try withoutActuallyEscaping(checkCancellation) { check in
      for file in files.reversed() { try AtomicFile.write(file.bytes, to: file.path, checkCancellation: check) }
    }
    let more = files.count > 1 ? " and \(files.count - 1) more" : ""
    return .written(Self.fullPath(files.first?.path ?? path) + more)
  }

  private func files(
    of export: ExplorerExport, path: String, ending: String, _ checkCancellation: () throws -> Void
  ) throws -> [OutputFile] {
    func text(_ text: String) -> [OutputFile] { [OutputFile(path: path, bytes: Array(text.utf8))] }
    switch export.content {
    case .run(let run): return try files(of: run, export.kind, path, checkCancellation)
    case .tensor(let tensor):
      return [OutputFile(path: path, bytes: export.kind == .npy ? tensor.npyData() : try tensor.shownPNG())]
    case .decoded(let image): return [OutputFile(path: path, bytes: try Self.png(of: image))]
    case .picture(let picture): return [OutputFile(path: path, bytes: try PixelImage(picture).png())]
    case .frame(let frame, let tier) where export.kind == .svg: return text(FrameSVG(frame, tier: tier).text)
    case .frame(let frame, _) where ending == ".txt": return text(FrameText(frame).text)
    case .frame(let frame, let tier): return text(FrameANSI(frame, tier: tier).text)
    case .handout(let handout): return try Self.files(of: handout, path: path, ending: ending)
    case .runs(let runs): return text(RunsFile.text(of: runs.map { Self.movable($0, to: path) }))
    }
  }

  /// The first image of a batch that a decoder made, as it is shown.
  private static func png(of image: DecodedImage) throws -> [UInt8] {
    guard let picture = Picture(of: image.planes, range: .unit) else {
      throw DiffusionError(.usage, "the decoded tensor is no image: its shape is \(image.planes.shape)")
    }
    return try PixelImage(picture).png()
  }

  private static func files(of handout: Handout, path: String, ending: String) throws -> [OutputFile] {
    let commands = handout.commands { CommandLineText.reproducing($0) }
    switch ending {
    case ".md": return try HandoutMarkdown(handout, commands: commands, path: path).files()
    case ".svg":
      let svg = try HandoutLayout(handout, commands: commands).svg(title: handout.title)
      return [OutputFile(path: path, bytes: Array(svg.utf8))]
    default: return [OutputFile(path: path, bytes: try HandoutLayout(handout, commands: commands).png())]
    }
  }

  private func files(
    of recorded: RecordedRun, _ kind: ExportKind, _ path: String, _ checkCancellation: () throws -> Void
  ) throws -> [OutputFile] {
    guard kind != .receipt || recorded.isFinished else {
      throw DiffusionError(.usage, "\(path): a receipt is of a finished run: take its last step first")
    }
    var run = recorded
    let request = ExportRequest(
      contactSheet: kind == .sheet ? path : nil, animation: kind == .animation ? path : nil, timing: AnimationTiming(),
      scale: nil, csv: kind == .csv ? path : nil, receipt: kind == .receipt ? path : nil)
    var exports = try RunExports(
      request,
      heading: kind == .receipt
        ? try heading(RunRequest(model: recorded.model, settings: recorded.settings), checkCancellation) : nil, run: run
    )
    while run.completedSteps < run.schedule.count {
      try checkCancellation()
      try exports.record(try run.step(progress: nil))
    }
    return try exports.files(images: recorded.finalImages)
  }

  /// The paths of an export's files, with the one that was named first.
  private static func paths(of export: ExplorerExport, at path: String) -> [String] {
    switch export.content {
    case .handout(let handout) where path.hasSuffix(".md"):
      [path] + HandoutMarkdown.pictures(of: handout, beside: path)
    case .run(let run) where export.kind == .sheet || export.kind == .animation:
      BatchPaths.paths(path, count: run.initialNoise.shape.first ?? 1)
    case .run, .tensor, .decoded, .picture, .frame, .handout, .runs: [path]
    }
  }

  private static func isTaken(_ path: String, by export: ExplorerExport) -> Bool {
    paths(of: export, at: path).contains(where: SystemCall.exists)
  }

  /// The first free path among `name-2.png`, `name-3.png` ...
  private static func numbered(_ target: OutputPath, for export: ExplorerExport) throws -> String {
    let stem = target.path.dropLast(target.ending.count)
    let names = (2...9999).lazy.map { "\(stem)-\($0)\(target.ending)" }
    guard let free = names.first(where: { !isTaken($0, by: export) }) else {
      throw DiffusionError(.cannotCreate, "\(target.path): it and 9,998 numbered files exist: give another name")
    }
    return free
  }

  /// A run whose model a file in another folder than the working one can name, too.
  private static func movable(_ run: RunRequest, to path: String) -> RunRequest {
    guard FileAccess.parent(of: path) != ".", let model = run.model.path, FileAccess.kind(of: model) != nil else {
      return run
    }
    return RunRequest(model: ModelReference(SystemCall.absolutePath(model) ?? fullPath(model)), settings: run.settings)
  }

  /// A file by the absolute path of its folder, links resolved; as it is if there is no such folder.
  static func fullPath(_ path: String) -> String {
    let folder = OutputPath.folder(of: path), name = path.split(separator: "/").last.map(String.init) ?? path
    guard let absolute = SystemCall.absolutePath(folder) else { return path }
    return absolute == "/" ? "/\(name)" : "\(absolute)/\(name)"
  }
}
