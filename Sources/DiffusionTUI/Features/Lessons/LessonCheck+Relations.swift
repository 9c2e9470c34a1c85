import DiffusionCore

/// Checking claims about several panes.
extension LessonCheck {
  /// Checks a claim about several panes.
  func relation(in state: State) -> LessonFinding {
    switch self {
    case .sameBits(let panes): return hashes(panes, "same bits", in: state) { $0.shownStatistics($1)?.sha256 }
    case .sameNoise(let panes): return hashes(panes, "same noise", in: state) { $0.noiseHash($1) }
    case .different(let panes): return differences(panes, in: state)
    case .differentNoise(let panes):
      let hashes = panes.compactMap { state.noiseHash($0) }
      let holds = hashes.count == panes.count && Set(hashes).count == panes.count
      let word = holds ? "different noise" : "not all of different noise"
      return LessonFinding(holds: holds, text: "\(Self.names(panes)): \(word)")
    case .sameSoFar(let panes): return sameSoFar(panes, in: state)
    case .firstDifference(let left, let right, let step): return divergence(left, right, at: step, in: state)
    case .differenceBelow(let left, let right, let limit):
      return largestDifference(left, right, in: state) { $0 < limit }
    case .differenceAbove(let left, let right, let limit):
      return largestDifference(left, right, in: state) { $0 > limit }
    case .stdRises(let panes): return stdRises(panes, in: state)
    case .closer(let pane, let near, let far): return closer(pane, to: near, than: far, in: state)
    case .guided(let without, let with, let pane, let scale):
      return guided(without, with, pane, scale: scale, in: state)
    default: return LessonFinding(holds: false, text: nil)
    }
  }

  private static func names(_ panes: [Int]) -> String {
    guard let last = panes.last, panes.count > 1 else { return panes.map(String.init).joined() }
    return panes.dropLast().map(String.init).joined(separator: ", ") + " and \(last)"
  }

  private func hashes(
    _ panes: [Int], _ word: String, in state: State, _ hash: (State, Int) -> String?
  ) -> LessonFinding {
    let found = panes.compactMap { hash(state, $0) }
    let holds = found.count == panes.count && Set(found).count == 1
    let text = holds ? "\(word) \(found[0].prefix(8))" : "not the \(word)"
    return LessonFinding(holds: holds, text: "\(Self.names(panes)): \(text)")
  }

  /// Checks that every pair differs; for two panes, reports by how much.
  private func differences(_ panes: [Int], in state: State) -> LessonFinding {
    let hashes = panes.compactMap { state.shownStatistics($0)?.sha256 }
    guard hashes.count == panes.count, Set(hashes).count == panes.count else {
      return LessonFinding(holds: false, text: "\(Self.names(panes)): not all different")
    }
    if panes.count == 2, let largest = state.largestDifference(panes[0], panes[1]) {
      return LessonFinding(holds: true, text: "\(Self.names(panes)): max|d| \(NumberText.small(largest, 4))")
    }
    return LessonFinding(holds: true, text: "\(Self.names(panes)): all different")
  }

  private func sameSoFar(_ panes: [Int], in state: State) -> LessonFinding {
    let divergences = panes.dropFirst().map { state.divergence(panes[0], $0) }
    let known = divergences.compactMap { $0 }
    let holds = known.count == divergences.count && known.allSatisfy { $0.first == nil }
    let steps = known.compactMap(\.equalSteps).min() ?? 0
    let text = holds ? "same bits up to step \(steps)" : "not the same so far"
    return LessonFinding(holds: holds, text: "\(Self.names(panes)): \(text)")
  }

  private func divergence(_ left: Int, _ right: Int, at step: Int, in state: State) -> LessonFinding {
    let first = state.divergence(left, right)?.first
    let place = first.map { $0 == 0 ? "start from a different x_T" : "first differ after step \($0)" }
    return LessonFinding(
      holds: first == step, text: "\(Self.names([left, right])): \(place ?? "do not differ yet")")
  }

  private func largestDifference(
    _ left: Int, _ right: Int, in state: State, _ isAsSaid: (Double) -> Bool
  ) -> LessonFinding {
    guard let largest = state.largestDifference(left, right) else { return LessonFinding(holds: false, text: nil) }
    let text = "\(Self.names([left, right])): max|d| \(NumberText.small(largest, 4))"
    return LessonFinding(holds: isAsSaid(largest), text: text)
  }

  private func stdRises(_ panes: [Int], in state: State) -> LessonFinding {
    let found = panes.compactMap { state.shownStatistics($0)?.std }
    guard found.count == panes.count else { return LessonFinding(holds: false, text: nil) }
    let numbers = found.map { NumberText.fixed($0, 3) }.joined(separator: ", ")
    return LessonFinding(
      holds: zip(found, found.dropFirst()).allSatisfy(<), text: "\(Self.names(panes)): std \(numbers)")
  }

  private func closer(_ pane: Int, to near: Int, than far: Int, in state: State) -> LessonFinding {
    guard let own = state.shownTensor(pane), let first = state.shownTensor(near), let second = state.shownTensor(far),
      let left = try? TensorComparison(reference: first, other: own).rootMeanSquareError,
      let right = try? TensorComparison(reference: second, other: own).rootMeanSquareError
    else { return LessonFinding(holds: false, text: nil) }
    let distances = "\(NumberText.small(left, 3)) from \(near), \(NumberText.small(right, 3)) from \(far)"
    return LessonFinding(holds: left < right, text: "\(pane): RMSE \(distances)")
  }

  private func guided(_ without: Int, _ with: Int, _ pane: Int, scale: Double, in state: State) -> LessonFinding {
    guard let start = state.shownTensor(without), let end = state.shownTensor(with),
      let shown = state.shownTensor(pane), start.shape == end.shape
    else { return LessonFinding(holds: false, text: nil) }
    let guidance = Guidance(unconditional: ModelInput.Conditioning(), scale: scale)
    let expected = guidance.applied(to: start, end)
    let holds = expected.isBitEqual(to: shown)
    let sum = "\(pane) = \(without) + \(NumberText.shortest(scale)) (\(with) - \(without))"
    return LessonFinding(holds: holds, text: "\(sum)\(holds ? ", in every bit" : " does not hold")")
  }
}

extension State {
  /// The tensor shown in a pane; panes are counted from 1.
  fileprivate func shownTensor(_ pane: Int) -> Tensor<Float>? {
    run(ofPane: pane)?.tensor(view, at: panes[pane - 1].position)
  }

  private func run(ofPane pane: Int) -> ShownRun? { panes.indices.contains(pane - 1) ? panes[pane - 1].run : nil }

  fileprivate func noiseHash(_ pane: Int) -> String? { run(ofPane: pane)?.noiseStatistics.sha256 }

  fileprivate func divergence(_ left: Int, _ right: Int) -> Divergence? {
    guard let reference = run(ofPane: left), let other = run(ofPane: right) else { return nil }
    // It is made for each drawing of the page.
    return Divergence(reference: reference, other: other, measures: false)
  }

  /// The largest difference between two panes' tensors. Uses the pane's own comparison if there is one, to save time.
  fileprivate func largestDifference(_ left: Int, _ right: Int) -> Double? {
    for (one, other) in [(left, right), (right, left)]
    where one - 1 == compare.reference && panes.indices.contains(other - 1) {
      return panes[other - 1].comparison?.metrics?.maximumAbsoluteDifference
    }
    guard let one = shownTensor(left), let other = shownTensor(right) else { return nil }
    return try? TensorComparison(reference: one, other: other).maximumAbsoluteDifference
  }
}
