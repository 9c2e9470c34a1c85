/// Reads a pickle of tensors and containers, and builds nothing else: no name that a file gives is ever looked up
/// beyond ``TorchGlobal``, and nothing is called.
///
/// Reference: Python, `pickletools.py` (the operations); torch, `_utils.py` (the arguments of `_rebuild_tensor_v2`).
struct Unpickler {
  /// The largest pickle, in bytes: 64 MB. It describes tensors, whose elements are elsewhere.
  static let maximumBytes = 64 << 20

  /// What the values refer to.
  var heap = PickleHeap()
  /// Where the next pickle begins.
  var position = 0

  private let path: String
  let bytes: ByteReader
  var stack: [PickleValue] = []
  private var highest = 0
  private(set) var marks: [Int] = []
  private var memo: [PickleValue?] = []

  /// Creates an unpickler.
  ///
  /// - Parameters:
  ///   - bytes: Pickles one after another; the memory must outlive the unpickler.
  ///   - path: The name of the file in error messages.
  init(_ bytes: UnsafeRawBufferPointer, path: String) {
    self.bytes = ByteReader(UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.maximumBytes)))
    self.path = path
  }

  /// Reads the next pickle.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the operation or the global that no pickle of tensors has.
  mutating func load() throws -> PickleValue {
    (stack, marks, memo, highest) = ([], [], [], 0)
    let start = position
    do {
      while true {
        let at = position, byte = UInt8(truncatingIfNeeded: try number(1))
        guard let opcode = PickleOpcode(rawValue: byte) else {
          throw refused("has the operation \(PickleOpcode.name(of: byte)) at byte \(at)")
        }
        guard at > start || opcode == .proto else {
          throw failure("begins with no protocol; is this a file of torch.save?")
        }
        guard opcode != .stop else { return try pop() }
        try perform(opcode)
      }
    } catch is PickleHeap.Exhausted {
      throw DiffusionError(
        .badData,
        "\(path): the pickle would take more than the \(PickleHeap.maximumBytes >> 20) MB of memory that it may take; "
          + "in Python, save the tensors with safetensors.torch.save_file")
    }
  }

  /// The text of a value; nil if it is none, or of more than 1000 bytes, which no name has.
  func text(_ value: PickleValue) -> String? {
    guard case .text(let span) = value, span.count <= 1000, let found = bytes.bytes(span.range.lowerBound, span.count)
    else { return nil }
    return String(decoding: found, as: UTF8.self)
  }

  /// The keys of all dicts that are texts, of the first 10,000 items.
  var names: [String] { heap.dictionaries.joined().prefix(10_000).compactMap { text($0.key) } }

  /// The elements of a tuple or a list; nil if it is none.
  func elements(_ value: PickleValue) -> ArraySlice<PickleValue>? {
    switch value {
    case .tuple(let span): heap.cells[span.range]
    case .list(let index): heap.lists[index][...]
    default: nil
    }
  }

  /// The bytes of a value that is text or a long number.
  func bytes(_ value: PickleValue) -> UnsafeRawBufferPointer? {
    guard case .text(let span) = value else { return nil }
    return bytes.bytes(span.range.lowerBound, span.count)
  }
}

extension Unpickler {
  /// Carries out an operation on the stack, the memo or a container.
  private mutating func perform(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .proto:
      let version = try number(1)
      guard (2...5).contains(version) else { throw failure("has protocol \(version): expected 2 to 5") }
    case .frame: _ = try take(8)
    case .mark:
      try chargeForDepth()
      marks.append(stack.count)
    case .pop:
      if let mark = marks.last, mark == stack.count { marks.removeLast() } else { _ = try pop() }
    case .popMark: try dropToMark()
    case .dup: try push(top())
    case .append, .appends, .setItem, .setItems: try fill(opcode)
    case .addItems:
      try dropToMark()
      guard case .other(.set) = try top() else { throw failure("adds to \(try top().kind), which is no set") }
    case .binPut: try put(number(1))
    case .longBinPut: try put(number(4))
    case .memoize: try put(memo.count)
    case .binGet: try get(number(1))
    case .longBinGet: try get(number(4))
    case .reduce: try reduce()
    case .build: try build()
    default: try make(opcode)
    }
  }

  /// Carries out an operation that makes a value.
  private mutating func make(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .none: try push(.none)
    case .newTrue: try push(.bool(true))
    case .newFalse: try push(.bool(false))
    case .binInt: try pushNumber(4)
    case .binInt1: try pushNumber(1)
    case .binInt2: try pushNumber(2)
    case .long1: try pushLong(number(1))
    case .long4: try pushLong(number(4))
    case .binFloat:
      _ = try take(8)
      try push(.other(.number))
    case .binUnicode, .binString, .binBytes: try pushText(number(4))
    case .shortBinUnicode, .shortBinString, .shortBinBytes: try pushText(number(1))
    case .binUnicode8, .binBytes8, .byteArray8: try pushText(number(8))
    case .emptyTuple, .tuple, .tuple1, .tuple2, .tuple3: try pushTuple(opcode)
    case .emptyList: try push(.list(heap.list()))
    case .emptyDict: try push(.dictionary(heap.dictionary()))
    case .emptySet: try push(.other(.set))
    case .frozenSet:
      try dropToMark()
      try push(.other(.set))
    case .global: try push(.global(global(line(), line())))
    case .stackGlobal:
      guard let name = text(try pop()), let module = text(try pop()) else { throw failure("names no global by text") }
      try push(.global(global(module, name)))
    case .binPersID: try push(.storage(storage(try pop())))
    default: throw failure("has the operation \(opcode) where none is expected")
    }
  }

  func failure(_ what: String) -> DiffusionError {
    DiffusionError(.badData, "\(path): damaged pickle: it \(what); fetch the file again")
  }

  /// The error for what no pickle of tensors has.
  func refused(_ what: String) -> DiffusionError {
    DiffusionError(
      .badData,
      "\(path): the pickle \(what), and only tensors and containers are read; in Python, "
        + "save the tensors alone with safetensors.torch.save_file")
  }

  private func global(_ module: String, _ name: String) throws -> TorchGlobal {
    guard let found = TorchGlobal(module: module, name: name) else {
      throw refused("asks for \(SettingValue.text("\(module).\(name)"))")
    }
    return found
  }
}

// MARK: - Bytes

extension Unpickler {
  mutating func take(_ count: Int) throws -> Int {
    guard bytes.bytes(position, count) != nil else {
      let limit = bytes.count == Self.maximumBytes
      throw failure(limit ? "has more than \(Self.maximumBytes >> 20) MB" : "is cut short at byte \(bytes.count)")
    }
    defer { position += count }
    return position
  }

  /// A number of 1, 2, 4 or 8 bytes, >= 0.
  mutating func number(_ size: Int) throws -> Int {
    let place = try take(size)
    let value =
      switch size {
      case 1: bytes.uint8(place)
      case 2: bytes.uint16(place)
      case 4: bytes.uint32(place)
      default: bytes.uint64(place)
      }
    guard let value else { throw failure("has a length that is out of range at byte \(place)") }
    return value
  }

  /// The text up to the end of the line.
  private mutating func line() throws -> String {
    let start = position
    while try number(1) != 0x0A {
      guard position - start <= 1000 else { throw failure("has the name of a global of more than 1000 bytes") }
    }
    let found = bytes.bytes(start, position - 1 - start) ?? UnsafeRawBufferPointer(start: nil, count: 0)
    return String(decoding: found, as: UTF8.self)
  }
}

// MARK: - The stack and the memo

extension Unpickler {
  mutating func push(_ value: PickleValue) throws {
    try chargeForDepth()
    stack.append(value)
  }

  private mutating func chargeForDepth() throws {
    guard stack.count + marks.count >= highest else { return }
    try heap.charge(values: 1)
    highest = stack.count + marks.count + 1
  }

  func top() throws -> PickleValue {
    guard let value = stack.last, stack.count > marks.last ?? 0 else { throw failure("takes from an empty stack") }
    return value
  }

  mutating func pop() throws -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  /// Takes off the last mark; the values above it begin at the result.
  mutating func popMark() throws -> Int {
    guard let mark = marks.popLast() else { throw failure("takes to a mark that is not there") }
    return mark
  }

  private mutating func dropToMark() throws { stack.removeSubrange(try popMark()...) }

  private mutating func put(_ index: Int) throws {
    let value = try top()
    if index >= memo.count {
      // Pickles number their memo from 0 on, as a rule.
      let missing = index - memo.count + 1
      try heap.charge(values: missing)
      memo.append(contentsOf: repeatElement(nil, count: missing))
    }
    memo[index] = value
  }

  private mutating func get(_ index: Int) throws {
    guard memo.indices.contains(index), let value = memo[index] else {
      throw failure("asks for value \(index), which it has not kept")
    }
    try push(value)
  }
}
