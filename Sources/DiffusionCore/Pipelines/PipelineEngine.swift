/// Creates runs of pipelines. Each pipeline is opened when its first run is requested, with a model for each device
/// and number of threads in use, so that runs on different devices can take turns. A pipeline that no run uses is
/// released, except the one that was requested last.
public struct PipelineEngine: DenoisingEngine {
  /// Opens the pipeline of a run's model, preferably as its settings ask for it.
  public typealias Open = @Sendable (RunRequest) throws -> DiffusionPipeline
  /// Opens the pipeline and passes on its progress.
  public typealias ReportingOpen = @Sendable (RunRequest, OpeningProgressHandler?) throws -> DiffusionPipeline

  /// Names a model's files: the same for every spelling of their folder.
  public typealias Identity = @Sendable (ModelReference) -> String

  private let open: ReportingOpen
  private let openPicture: SourcePicture.Open
  private let identity: Identity
  private let installedCard: @Sendable () -> InstalledCard?
  private var last: (model: String, variants: PipelineVariants)?
  private var inactive: [String: InactivePipelineVariants] = [:]

  /// Creates an engine.
  ///
  /// - Parameters:
  ///   - open: Called again for a model that failed to open or was released.
  ///   - picture: Reads a picture, for each run that starts from one; refuses it if omitted.
  ///   - identity: Tells which references are to one model; their names and variants if omitted.
  ///   - installedCard: Finds the card whose CUDA noise is drawn where a run is edited to it and no card is named; none
  ///     if omitted.
  public init(
    open: @escaping Open, picture: @escaping SourcePicture.Open = refusePicture, identity: @escaping Identity = \.key,
    installedCard: @escaping @Sendable () -> InstalledCard? = { nil }
  ) {
    self.init(
      reporting: { request, _ in try open(request) }, picture: picture, identity: identity,
      installedCard: installedCard)
  }

  /// Creates an engine that reports on the opening of models.
  ///
  /// - Parameters:
  ///   - open: As for ``init(open:picture:identity:installedCard:)``; its second argument is called before each tensor.
  ///   - picture: As for ``init(open:picture:identity:installedCard:)``.
  ///   - identity: As for ``init(open:picture:identity:installedCard:)``.
  ///   - installedCard: As for ``init(open:picture:identity:installedCard:)``.
  public init(
    reporting open: @escaping ReportingOpen, picture: @escaping SourcePicture.Open = refusePicture,
    identity: @escaping Identity = \.key, installedCard: @escaping @Sendable () -> InstalledCard? = { nil }
  ) {
    (self.open, openPicture, self.identity) = (open, picture, identity)
    self.installedCard = installedCard
  }

  /// Refuses a picture, for an engine that cannot read any.
  ///
  /// - Parameter picture: The picture that is asked for.
  /// - Throws: ``DiffusionError`` (`unavailable`), always.
  @Sendable
  public static func refusePicture(_ picture: PictureReference) throws -> SourcePicture {
    throw DiffusionError(.unavailable, "\(picture.name): pictures cannot be read here")
  }

  /// Creates a run of its model with the settings' device, threads and weights. The models of other runs stay as they
  /// are, even if this throws.
  public mutating func makeRun(_ request: RunRequest) throws -> any SteppableRun {
    try makeRun(request, reporting: nil)
  }

  /// Creates a run as ``makeRun(_:)``, and reports on the opening of its model.
  public mutating func makeRun(
    _ request: RunRequest, progress: @escaping OpeningProgressHandler
  ) throws -> any SteppableRun {
    try makeRun(request, reporting: progress)
  }

  private mutating func makeRun(
    _ request: RunRequest, reporting progress: OpeningProgressHandler?
  ) throws -> any SteppableRun {
    // A picture is read before a model is opened, which takes longer.
    let request = request.takingSoughtCard(installedCard)
    let start: RunStart = try request.settings.initImage.map { .picture(try openPicture($0)) } ?? .noise
    inactive = inactive.filter(\.value.isInUse)
    let model = key(of: request)
    var variants = try variants(of: model, request, progress)
    // A model of the Hub has another identity once it is downloaded.
    defer { last = (key(of: request), variants) }
    let run = try variants.run(request.settings, from: start, progress: progress)
    // A screen shows latents at once, and has no time to wait for their format.
    _ = run.latents
    return run
  }

  /// What tells the models of a run from others: the model, and a refiner.
  private func key(of request: RunRequest) -> String {
    identity(request.model) + (request.settings.refiner.map { " refined by \(identity($0))" } ?? "")
  }

  /// The pipeline of a run: the current one, or another, which is restored or opened while the current one is set
  /// aside.
  private mutating func variants(
    of model: String, _ request: RunRequest, _ progress: OpeningProgressHandler?
  ) throws -> PipelineVariants {
    if let last, last.model == model { return last.variants }
    let variants = try inactive[model]?.restored() ?? PipelineVariants(open(request, progress))
    if let last { inactive[last.model] = InactivePipelineVariants(last.variants) }
    inactive[model] = nil
    last = nil
    return variants
  }

  /// Runs of one model at the same timestep form one batch.
  public func passes(of runs: [any SteppableRun]) -> [[Int]] {
    let own = runs.compactMap { $0 as? DenoisingRun }
    guard own.count == runs.count else { return runs.indices.map { [$0] } }
    let shared = DenoisingRun.sharedPasses(of: own)
    let taken = Set(shared.joined())
    return shared + runs.indices.filter { !taken.contains($0) }.map { [$0] }
  }

  /// Takes the steps in one forward pass, bit-identical to those of each run alone.
  public mutating func step(
    _ runs: inout [any SteppableRun], progress: @escaping ForwardProgressHandler
  ) -> [Result<DenoisingStep, any Error>] {
    var own = runs.compactMap { $0 as? DenoisingRun }
    guard own.count == runs.count else {
      return runs.indices.map { index in Result { try runs[index].step(progress: progress) } }
    }
    do {
      let results = try DenoisingRun.step(&own, progress: progress)
      runs = own
      return results
    } catch {
      return runs.map { _ in .failure(error) }
    }
  }
}
