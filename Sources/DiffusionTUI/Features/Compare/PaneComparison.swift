import DiffusionCore

/// How the tensor that a pane shows differs from the reference's. Made when one of the two changes, not when it is
/// drawn.
public struct PaneComparison: Sendable, Equatable {
  /// What was compared.
  package struct Subject: Sendable, Equatable {
    /// The numbers of the runs.
    package let reference, other: Int
    /// The steps behind the tensors.
    package let referencePosition, otherPosition: Int
    /// Which tensors.
    package let view: TensorView
  }

  /// Two shapes that are not equal.
  package struct Mismatch: Sendable, Equatable {
    /// The extents of the reference's tensor and of the pane's, without those of the batch where both have as many
    /// images.
    package let reference, other: String

    /// Nil for equal shapes.
    init?(reference: [Int], other: [Int]) {
      guard reference != other else { return nil }
      let dropped = reference.first == other.first ? 1 : 0
      (self.reference, self.other) = (Self.text(reference.dropFirst(dropped)), Self.text(other.dropFirst(dropped)))
    }

    private static func text(_ extents: ArraySlice<Int>) -> String { extents.map(String.init).joined(separator: "x") }
  }

  /// What was compared.
  package let subject: Subject
  /// The numbers; nil where the tensors are of different shapes.
  package let metrics: TensorComparison?
  /// Why they cannot be compared, in one line; nil where they can.
  package let mismatch: Mismatch?
  /// The pane's tensor less the reference's, of the same shape.
  package let difference: Tensor<Float>?

  /// Compares the tensors of a view in two panes; nil where one of them has none yet.
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

extension State {
  /// What the picture of a pane shows: its tensor, or how far that is from the reference's.
  package func picturedTensor(of index: Int) -> Tensor<Float>? {
    guard compare.view == .difference, index != compare.reference else {
      return panes[index].run?.tensor(view, at: panes[index].position)
    }
    return panes[index].comparison?.difference
  }
}
