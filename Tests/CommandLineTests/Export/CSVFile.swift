/// The records of a CSV file, parsed by RFC 4180 without the program's own writer.
struct CSVFile {
  let records: [[String]]

  init(_ text: String) {
    var records: [[String]] = [], record: [String] = [], field = "", isQuoted = false
    var rest = Array(text.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      switch (scalar, isQuoted) {
      case ("\"", true) where rest.first == "\"":
        field.unicodeScalars.append(scalar)
        rest.removeFirst()
      case ("\"", _): isQuoted.toggle()
      case (",", false): (record, field) = (record + [field], "")
      case ("\r", false) where rest.first == "\n":
        rest.removeFirst()
        records.append(record + [field])
        (record, field) = ([], "")
      default: field.unicodeScalars.append(scalar)
      }
    }
    self.records = records
  }

  /// The values of a column, by its header.
  func column(_ name: String) -> [String] {
    guard let index = records.first?.firstIndex(of: name) else { return [] }
    return records.dropFirst().map { $0[index] }
  }
}
