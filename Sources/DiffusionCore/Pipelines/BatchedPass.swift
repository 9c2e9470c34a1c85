/// A forward pass that several runs share.
struct BatchedPass {
  /// What a pass gives one of its runs.
  struct Prediction {
    /// `[batch, channels, height, width]` of the run's own images.
    let modelOutput: Tensor<Float>
    /// What first was not finite, if anything.
    let nonFinite: NonFiniteLayer?
    /// The run's share of the pass's time.
    let seconds: Double
  }

  /// What runs must have in common to share a pass.
  private struct Key: Hashable {
    let model: ObjectIdentifier
    let timestep: Int
    let imageShape: [Int]
  }

  /// Wraps what a progress handler throws, which stops everything, to tell it from what the model throws, which concerns its runs.
  private struct Interruption: Error {
    let reason: any Error
  }

  /// Places of its runs, in order.
  private(set) var members: [Int]
  private let timestep: Int

  /// Plans the next step of runs: finished ones are in no pass, and every other in one.
  static func passes(of runs: [DenoisingRun]) -> [BatchedPass] {
    var passes: [BatchedPass] = []
    var open: [Key: (pass: Int, pixels: Int)] = [:]
    for (index, run) in runs.enumerated() {
      guard let timestep = try? run.nextTimestep() else { continue }
      let key = run.model.identity.map {
        Key(model: $0, timestep: timestep, imageShape: Array(run.sample.shape.dropFirst()))
      }
      let pixels = run.pixels
      if let key, let (pass, taken) = open[key], taken + pixels <= DenoisingRun.maximumPixelsInAPass {
        passes[pass].members.append(index)
        open[key] = (pass, taken + pixels)
      } else {
        if let key { open[key] = (passes.count, pixels) }
        passes.append(BatchedPass(members: [index], timestep: timestep))
      }
    }
    return passes
  }

  /// Asks the model once for all members.
  ///
  /// - Returns: For each member what the model said; or, for all of them, why it could not.
  /// - Throws: What `progress` throws.
  func predict(
    _ runs: [DenoisingRun], progress: ForwardProgressHandler?
  ) throws -> [Result<Prediction, any Error>] {
    let inputs = members.map { runs[$0].modelInput }
    guard let first = members.first.map({ runs[$0] }), let batch = Self.joined(inputs) else { return [] }
    let progress = progress.map(Self.interrupting)
    do {
      let (output, duration) = try DenoisingRun.timed(by: first.clock) {
        try first.model(batch, timestep: timestep, progress: progress)
      }
      let seconds = duration / .seconds(1)
      return try zip(members, Self.split(output, like: inputs)).map { member, part in
        let share = Double(part.shape[0]) / Double(batch.shape[0])
        let nonFinite = try runs[member].nonFiniteLayer(behind: part, progress: progress)
        return .success(Prediction(modelOutput: part, nonFinite: nonFinite, seconds: seconds * share))
      }
    } catch let interruption as Interruption {
      throw interruption.reason
    } catch {
      return members.map { _ in .failure(error) }
    }
  }

  private static func interrupting(_ progress: @escaping ForwardProgressHandler) -> ForwardProgressHandler {
    { report in
      do { try progress(report) } catch { throw Interruption(reason: error) }
    }
  }

  private static func joined(_ parts: [Tensor<Float>]) -> Tensor<Float>? {
    guard let first = parts.first, parts.count > 1 else { return parts.first }
    let images = parts.reduce(0) { $0 + $1.shape[0] }
    return Tensor(unchecked: [images] + first.shape.dropFirst(), parts.flatMap(\.scalars))
  }

  private static func split(_ output: Tensor<Float>, like parts: [Tensor<Float>]) -> [Tensor<Float>] {
    guard parts.count > 1 else { return [output] }
    let each = output.shape.dropFirst().reduce(1, *)
    var start = 0
    return parts.map { part in
      let end = start + part.shape[0] * each
      defer { start = end }
      return Tensor(unchecked: [part.shape[0]] + output.shape.dropFirst(), Array(output.scalars[start..<end]))
    }
  }
}
