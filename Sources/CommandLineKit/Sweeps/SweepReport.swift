import DiffusionCore
import DiffusionTUI

/// The result of `sweep`, as printed.
public struct SweepReport: Sendable, Equatable {
  /// The path of the folder.
  let folder: String
  let plan: SweepPlan
  let shard: SweepShard
  /// The cells of the shard.
  let cells: Range<Int>
  /// The number of cells that were there and were verified, that were made, and that have a NaN or an infinity.
  package internal(set) var found = 0, made = 0, nonFinite = 0

  init(folder: String, plan: SweepPlan, shard: SweepShard, cells: Range<Int>) {
    (self.folder, self.plan, self.shard, self.cells) = (folder, plan, shard, cells)
  }

  /// The first lines, before any work: the grid, and the shard if there are others.
  public var heading: PrintedText {
    let sides = plan.axes.map { "\($0.name) \($0.count)" }.joined(separator: " x ")
    let grid = "\(plan.count) cell\(plan.count == 1 ? "" : "s")" + (sides.isEmpty ? "" : ": \(sides)")
    guard shard.isPart || shard.origin != nil else { return "\(grid)\n" }
    let part = cells.isEmpty ? "no cells" : "cells \(cells.lowerBound) to \(cells.upperBound - 1)"
    return "\(shard.text): \(part)\n\(grid)\n"
  }

  /// The last line.
  public var result: PrintedText {
    let odd = nonFinite > 0 ? ", \(nonFinite) with a NaN or an infinity" : ""
    return "\(cells.count) cells in \(folder): \(made) made, \(found) found and verified\(odd)\n"
  }

  /// The error for images with a NaN or an infinity; nil if all are finite.
  public var nonFiniteImages: NonFiniteImages? {
    nonFinite == 0 ? nil : NonFiniteImages(message: "\(nonFinite) of \(cells.count) cells have a NaN or an infinity")
  }
}

extension SweepRequest {
  /// What is printed before any work.
  public var heading: PrintedText {
    let cells = shard.range(of: folder.plan.count)
    return SweepReport(folder: folder.path, plan: folder.plan, shard: shard, cells: cells).heading
  }
}

/// The files of the models of a sweep, by their names: all receipts of a model must be of the same files.
struct ModelRecords {
  private var known: [[String]: (record: ReceiptModel, file: String?)] = [:]

  /// Adds the files of a model.
  ///
  /// - Parameters:
  ///   - record: The files.
  ///   - run: The run that names the model, and its refiner.
  ///   - file: The receipt that names them; nil for the model that is open here.
  /// - Throws: ``DiffusionError`` (`badData`) if they differ from others.
  mutating func add(_ record: ReceiptModel, of run: RunRequest, file: String?) throws {
    guard let (former, before) = known[run.modelKeys] else {
      known[run.modelKeys] = (record, file)
      return
    }
    guard former.files != record.files else { return }
    let name = record.files.first { !former.files.contains($0) }?.name ?? "the list of files"
    throw DiffusionError(
      .badData,
      "\(file ?? run.model.name): the model \(run.model.name) changed: \(name) is not that of "
        + "\(before ?? "the model here"); give the sweep with the new model a folder of its own")
  }
}
