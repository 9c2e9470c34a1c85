import DiffusionCore

/// How the tensor shown in a pane differs from the reference's. Computed when one of the two changes, not when it is
/// drawn.
public struct PaneComparison: Sendable, Equatable {
  /// The tensors that were compared.
  package struct Subject: Sendable, Equatable {
    /// The numbers of the runs.
    package let reference, other: Int
    /// The positions of the tensors.
    package let referencePosition, otherPosition: Int
    /// The view that selects the tensors.
    package let view: TensorView
  }

  /// Two shapes that differ.
  package struct Mismatch: Sendable, Equatable {
    /// The dimensions of the reference's tensor and of the pane's, without the batch dimension if it is the same in
    /// both.
    package let reference, other: String

    /// Creates a mismatch; nil for equal shapes.
    init?(reference: [Int], other: [Int]) {
      guard reference != other else { return nil }
      let dropped = reference.first == other.first ? 1 : 0
      (self.reference, self.other) = (Self.text(reference.dropFirst(dropped)), Self.text(other.dropFirst(dropped)))
    }

    private static func text(_ extents: ArraySlice<Int>) -> String { extents.map(String.init).joined(separator: "x") }
  }

  /// The tensors that were compared.
  package let subject: Subject
  /// The numbers; nil if the tensors have different shapes.
  package let metrics: TensorComparison?
  /// Why they cannot be compared, in one line; nil if they can.
  package let mismatch: Mismatch?
  /// The pane's tensor minus the reference's, with the same shape.
  package let difference: Tensor<Float>?

  /// Whether it compares x_t of both after so many steps.
  func isOfSamples(after step: Int) -> Bool {
    subject.view == .sample && subject.referencePosition == step && subject.otherPosition == step
  }

  /// Compares the tensors of a view in two panes; nil if one of them has none yet.
  init?(reference: Pane, other: Pane, view: TensorView, unless former: PaneComparison?) {
    guard let referenceRun = reference.run, let otherRun = other.run,
      let left = referenceRun.tensor(view, at: reference.position),
      let right = otherRun.tensor(view, at: other.position)
    else { return nil }
    let subject = Subject(
      reference: referenceRun.number, other: otherRun.number, referencePosition: reference.position,
      otherPosition: other.position, view: view)
    if let former, former.subject == subject {
      self = former
      return
    }
    self.subject = subject
    mismatch = Mismatch(reference: left.shape, other: right.shape)
    metrics = try? TensorComparison(reference: left, other: right)
    difference = try? TensorComparison.difference(reference: left, other: right)
  }
}

extension Pane {
  /// How a pane's tensor is equal to the reference's.
  package enum Equality { case bits, values }

  /// How the tensor is equal to the reference's; nil if it is not, or is not compared.
  package var equality: Equality? {
    guard let metrics = comparison?.metrics else { return nil }
    if metrics.isBitEqual { return .bits }
    return metrics.shareOfEqualElements == 1 ? .values : nil
  }
}

extension State {
  /// Whether a pane's picture is its difference from the reference.
  package func showsDifference(in index: Int) -> Bool {
    isComparing && compare.view == .difference && index != compare.reference
  }

  /// The step's tensor that a pane's picture is made of: its own, or its difference from the reference's.
  package func picturedTensor(of index: Int) -> Tensor<Float>? {
    guard showsDifference(in: index) else { return panes[index].run?.tensor(view, at: panes[index].position) }
    return panes[index].comparison?.difference
  }
}
