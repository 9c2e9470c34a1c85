import DiffusionCore
import DiffusionTUI
import TestSupport

/// Answers effects as the runtime does, but at once, with a smiling face that emerges from noise.
struct SmilingEngine {
  var width = 32
  var height = 32
  var channels = 3
  var batch = 1
  /// The shape of one image, `[channels, height, width]`, for models whose images differ from the default.
  var imageShapes: [ModelReference: [Int]] = [:]
  /// The `num_train_timesteps` of models where it is not 1000.
  var timesteps: [ModelReference: Int] = [:]
  /// What is added to each timestep but 0 of runs of some number of steps: schedulers over sigmas have such timesteps.
  var fractions: [Int: Float] = [:]
  /// Models that cannot be opened.
  var missing: Set<ModelReference> = []
  /// The failure that `start` answers instead of a run, if any.
  var failure: String?
  /// Runs, and how many steps each has taken.
  private(set) var runs: [Int: (description: RunDescription, taken: Int)] = [:]
  /// Runs whose steps were requested but not answered: empty unless ``answersSteps`` is false.
  private(set) var waiting: [Int] = []
  /// A gallery's request that is not answered yet.
  private(set) var galleryWaiting: GalleryRequest?
  /// Runs whose next step fails.
  var failing: Set<Int> = []
  /// The step, from 0, that produces an infinity; nil for none.
  var breaking: Int?
  /// What the samples are if they are latents; nil for images.
  var latents: LatentFormat?
  /// The tokens that the model reads of a prompt; 0 for a model that takes none.
  var promptTokens = 0
  /// The names of the model's classes, by their numbers; nil for a model without classes.
  var classNames: [Int: String]?
  /// Whether the model takes the guidance as an input, as a latent consistency model does.
  var readsGuidance = false
  /// Whether latents are decoded at once.
  var answersDecoding = true
  /// The latents that are to be decoded: nil unless ``answersDecoding`` is false.
  private(set) var decodingWaiting: DecodeRequest?
  /// The layer of the decoder that makes a NaN, if any.
  var breakingDecoder: String?
  /// Why latents cannot be decoded, if so.
  var decodingFailure: String?
  /// Whether attention is answered at once.
  var answersAttention = true
  /// The attention that is to be computed: nil unless ``answersAttention`` is false.
  var attentionWaiting: AttentionRequest?
  /// Why attention cannot be computed, if so.
  var attentionFailure: String?
  /// The devices of the machine.
  var devices: [ListedDevice] = []
  /// Whether steps are answered at once.
  var answersSteps = true

  init() {}

  /// Carries out effects, and the effects that follow from them.
  mutating func carryOut(_ effects: [Effect], on state: inout State, ticks: Bool = true) {
    var effects = effects
    var budget = 3000
    while !effects.isEmpty, budget > 0 {
      budget -= 1
      let effect = effects.removeFirst()
      for action in answers(to: effect, ticks: ticks) { effects += reduce(&state, action) }
    }
  }

  mutating func press(_ keys: Key..., on state: inout State, ticks: Bool = true) {
    for key in keys { carryOut(reduce(&state, .key(key)), on: &state, ticks: ticks) }
  }

  mutating func answers(to effect: Effect, ticks: Bool = true) -> [Action] {
    switch effect {
    case .start(let run, let request):
      waiting = []
      if missing.contains(request.model) {
        return [.runFailed(run: run, message: "\(request.model.name): no such folder")]
      }
      if let failure { return [.runFailed(run: run, message: failure)] }
      let description = describe(request)
      runs[run] = (description, 0)
      return [.runStarted(run: run, description)]
    case .denoise(let runs):
      waiting = runs
      return answersSteps ? finishStep() : []
    case .cancel:
      waiting = []
      return []
    case .discard(let runs):
      for run in runs { self.runs[run] = nil }
      waiting.removeAll(where: runs.contains)
      return []
    case .drawSeed: return [.seedDrawn(4_242_424_242)]
    case .listDevices: return [.devicesListed(devices)]
    case .tick: return ticks ? [.tick] : []
    case .gallery(let effect): return develop(effect)
    case .sweep(.watch(let watch)): return [.sweepFound(SweepScenes.finding(watch))]
    case .sweep(.stop): return []
    case .previewNoise(let request): return [.noisePreviewed(describe(request))]
    case .export(let number, let export): return [.exportEnded(number: number, .written("/folder/\(export.path)"))]
    case .copyCommandLine(let request): return [.commandLine(Keeper.none.commandLine(request), isCopied: true)]
    case .exportRun(let number, _, let target):
      return [.exportEnded(number: number, .written("/folder/\(target.path)"))]
    case .decode(let request):
      decodingWaiting = request
      return answersDecoding ? finishDecoding() : []
    case .cancelDecoding:
      decodingWaiting = nil
      return []
    case .attend(let request):
      attentionWaiting = request
      return answersAttention ? finishAttention() : []
    case .cancelAttention:
      attentionWaiting = nil
      return []
    case .cancelExport, .captureMouse, .redraw, .suspend, .quit: return []
    }
  }

  /// Decodes the pending latents, each of which is as many pixels across as the format says.
  mutating func finishDecoding() -> [Action] {
    guard let request = decodingWaiting, let run = runs[request.run], let latents else { return [] }
    decodingWaiting = nil
    if let decodingFailure { return [.decodingFailed(request, message: decodingFailure)] }
    let image = image(latents.scale, after: request.position, run.description)
    let found = breakingDecoder.flatMap { NonFiniteLayer(.layer($0), in: image.map { _ in .nan }) }
    return [.decoded(request, DecodedImage(image, nonFinite: found))]
  }

  private func image(_ scale: Int, after position: Int, _ description: RunDescription) -> Tensor<Float> {
    let shape = description.initialNoise.shape
    let face = face([shape[0], 3, shape[2] * scale, shape[3] * scale])
    let share = Float(position) / Float(max(1, description.schedule.count))
    return combine(face, face) { face, _ in share * face }.imagesFromSamples()
  }

  /// Takes the pending steps.
  mutating func finishStep() -> [Action] {
    let runs = waiting
    waiting = []
    let progress = ForwardProgress(block: "mid_block.resnets.0", completed: 13, total: 29)
    return runs.isEmpty ? [] : [.progress(runs: runs, progress)] + runs.flatMap { nextStep(of: $0) }
  }

  private mutating func nextStep(of run: Int) -> [Action] {
    guard let (description, taken) = runs[run], taken < description.schedule.count else { return [] }
    guard !failing.contains(run) else { return [.runFailed(run: run, message: "out of memory")] }
    runs[run]?.taken += 1
    let isLast = taken == description.schedule.count - 1 && latents == nil
    let step = step(taken, description)
    let shown = ShownStep(step, images: isLast ? step.prevSample.imagesFromSamples() : nil)
    return [.stepCompleted(run: run, shown)]
  }

  /// Answers a gallery at once, or keeps it waiting as it does steps.
  private mutating func develop(_ effect: GalleryEffect) -> [Action] {
    guard case .develop(let request) = effect else {
      galleryWaiting = nil
      return []
    }
    galleryWaiting = request
    return answersSteps ? finishGallery() : []
  }

  /// Finishes the pending images.
  mutating func finishGallery() -> [Action] {
    guard let request = galleryWaiting else { return [] }
    galleryWaiting = nil
    var advance = GalleryAdvance(request)
    for entry in request.entries {
      let own = entry.request(request.run)
      let description = describe(own)
      let last = step(own.settings.steps - 1, description)
      advance.images.append(
        GalleryImage(
          entry: entry, lastStep: last,
          images: latents.map { image($0.scale, after: own.settings.steps, description) }
            ?? last.prevSample.imagesFromSamples(), isDecoded: latents != nil))
    }
    advance.request.entries = []
    return [.galleryAdvanced(advance)]
  }

  private func describe(_ request: RunRequest) -> RunDescription {
    let settings = resolved(request.settings)
    let trained = timesteps[request.model] ?? 1000
    let stride = trained / settings.steps
    let schedule = (0..<settings.steps).map { index in
      let timestep = (settings.steps - 1 - index) * stride
      let noise = Float(timestep) / Float(trained)
      return UpdateTerms.ddim(
        timestep: Float(timestep) + (timestep > 0 ? fractions[settings.steps] ?? 0 : 0),
        alphaProd: (1 - noise) * (1 - noise), alphaProdPrev: 1,
        sigma: settings.eta * noise / 8)
    }
    let seed = settings.seeds.first?.bits ?? 0
    let alphas = (0..<trained).map { (timestep: Int) -> Float in
      let signal = 1 - Float(timestep) / Float(trained)
      return signal * signal
    }
    let shape = [batch] + (imageShapes[request.model] ?? [channels, height, width])
    return RunDescription(
      model: request.model, settings: settings, scheduler: .ddim, schedule: schedule,
      initialNoise: noise(seed, shape),
      alphasCumprod: alphas, latents: latents,
      prompts: promptTokens == 0 ? [] : (settings.prompts.isEmpty ? [""] : settings.prompts).map(tokenized),
      classes: classes(of: settings))
  }

  private func step(_ index: Int, _ description: RunDescription) -> DenoisingStep {
    let count = Float(description.schedule.count)
    let noise = description.initialNoise, face = face(noise.shape)
    // A prompt and its guidance change what the noise becomes, and not the noise.
    let settings = description.settings, letters = settings.prompts.joined().unicodeScalars.map { Int($0.value) }
    let tint = (Float(letters.reduce(0, +) % 32) + Float(settings.guidanceScale ?? 0)) / 128
    func mixed(_ taken: Int) -> Tensor<Float> {
      let share = 1 - Float(taken) / count
      return combine(face, noise) { (1 - share) * ($0 - tint) + share * $1 }
    }
    let share = 0.3 * (1 - Float(index) / count)
    let original = combine(face, noise) { min(1, max(-1, $0 + share * $1)) }
    let cause: NonFiniteLayer? = index == breaking ? infinity(.layer("mid_block.resnets.0.conv1"), in: face) : nil
    return DenoisingStep(
      index: index, terms: description.schedule[index], sample: mixed(index), modelOutput: noise,
      predOriginalSample: original, prevSample: mixed(index + 1), guidance: guidance(of: settings, noise, original),
      nonFinite: cause, seconds: 0.03125)
  }

  private func infinity(_ origin: NonFiniteLayer.Origin, in face: Tensor<Float>) -> NonFiniteLayer? {
    var scalars = face.scalars
    scalars[5] = .infinity
    return NonFiniteLayer(origin, in: tensor(scalars, face.shape))
  }

  func combine(_ left: Tensor<Float>, _ right: Tensor<Float>, _ mix: (Float, Float) -> Float) -> Tensor<Float> {
    tensor(zip(left.scalars, right.scalars).map { mix($0, $1) }, left.shape)
  }

  func tensor(_ scalars: [Float], _ shape: [Int]) -> Tensor<Float> {
    guard let tensor = try? Tensor<Float>(shape: shape, scalars: scalars) else {
      preconditionFailure("the fake engine counts its elements wrongly")
    }
    return tensor
  }

  /// Nearly normal noise: sums of twelve draws from a linear congruential generator.
  private func noise(_ seed: UInt64, _ shape: [Int]) -> Tensor<Float> {
    var state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
    return tensor(
      (0..<shape.reduce(1, *)).map { _ in
        var sum: Float = -6
        for _ in 0..<12 {
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          sum += Float(state >> 40) / Float(1 << 24)
        }
        return sum
      }, shape)
  }

  /// A yellow face on white.
  private func face(_ shape: [Int]) -> Tensor<Float> {
    var scalars: [Float] = []
    for _ in 0..<shape[0] {
      for channel in 0..<shape[1] {
        for row in 0..<shape[2] {
          for column in 0..<shape[3] {
            let x = (Float(column) + 0.5) / Float(shape[3]) * 2 - 1
            scalars.append(face(channel, x, (Float(row) + 0.5) / Float(shape[2]) * 2 - 1))
          }
        }
      }
    }
    return tensor(scalars, shape)
  }

  /// The face at a point from -1 to 1 across and down.
  private func face(_ channel: Int, _ x: Float, _ y: Float) -> Float {
    let radius = (x * x + y * y).squareRoot()
    if radius > 0.9 { return 0.98 }
    let isEye = (abs(x) - 0.32) * (abs(x) - 0.32) + (y + 0.25) * (y + 0.25) < 0.018
    let isMouth = radius > 0.42 && radius < 0.6 && y > 0.12
    if isEye || isMouth { return [-0.3, -0.6, -0.8][channel % 3] }
    return [0.98 - 0.25 * radius, 0.6 - 0.4 * radius, -0.6][channel % 3]
  }
}
