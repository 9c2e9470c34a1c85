import DiffusionCore

/// How the tensor that a pane shows differs from the reference's. Made when one of the two changes, not when it is drawn.
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

  /// What was compared.
  package let subject: Subject
  /// The numbers; nil where the tensors are of different shapes.
  package let metrics: TensorComparison?
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
    metrics = try? TensorComparison(reference: left, other: right)
    difference = try? TensorComparison.difference(reference: left, other: right)
  }
}
