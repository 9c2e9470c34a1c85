import DiffusionCore

/// Tables beside a receipt.
extension StepTable {
  /// Whether a file is the table of a receipt's steps, as far as the receipt tells: the steps with their timesteps, and
  /// the hashes and statistics of the model's outputs and of the samples behind them.
  static func isTable(_ bytes: [UInt8], of steps: [ReceiptStep]) -> Bool {
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    // A line break is one character. The last line is ended too.
    let lines = text.split(separator: "\r\n" as Character, omittingEmptySubsequences: false)
    guard lines.last == "" else { return false }
    let records = lines.dropLast().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    guard let names = records.first?.map(String.init), names == header || names == header + [stage],
      records.count == steps.count + 1
    else { return false }
    return zip(records.dropFirst(), steps).allSatisfy { record, step in
      record.count == names.count && isRecord(Dictionary(zip(names, record), uniquingKeysWith: { $1 }), of: step)
    }
  }

  private static func isRecord(_ record: [String: Substring], of step: ReceiptStep) -> Bool {
    let tensors = [("model_output", step.modelOutput), ("prev_sample", step.prevSample)]
    return record["step"].flatMap { Int($0) } == step.index && isTimestep(record["timestep"], step.timestep)
      && tensors.allSatisfy { name, tensor in
        record["\(name)_sha256"].map { $0 == tensor.sha256 } == true
          && isNumber(record["\(name)_mean"], tensor.mean) && isNumber(record["\(name)_std"], tensor.std)
          && isNumber(record["\(name)_abs_sum"], tensor.absoluteSum)
          // Elements, which have the digits of binary32.
          && isNumber(record["\(name)_min"], Float(tensor.min)) && isNumber(record["\(name)_max"], Float(tensor.max))
      }
  }

  private static func isTimestep(_ field: Substring?, _ timestep: Float) -> Bool {
    field.flatMap { Float(String($0)) }.map { $0 == timestep || $0.isNaN && timestep.isNaN } == true
  }

  /// Whether a field is a number as tables write it, or any NaN for a NaN.
  private static func isNumber<Number: BinaryFloatingPoint & LosslessStringConvertible>(
    _ field: Substring?, _ number: Number
  ) -> Bool {
    guard let field, let found = Number(String(field)) else { return false }
    return found == number && "\(found)" == field || found.isNaN && number.isNaN
  }
}
