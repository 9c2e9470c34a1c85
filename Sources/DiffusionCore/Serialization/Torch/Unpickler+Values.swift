extension Unpickler {
  mutating func pushNumber(_ size: Int) throws {
    let place = position, value = try number(size)
    try push(.integer(size == 4 ? bytes.int32(place) ?? value : value))
  }

  /// A number in two's complement; one that does not fit 64 bits is kept as its bytes.
  mutating func pushLong(_ count: Int) throws {
    let place = try take(count)
    guard count <= 8 else { return try push(.text(span(place, count))) }
    var value = 0
    for index in 0..<count { value |= (bytes.uint8(place + index) ?? 0) << (8 * index) }
    let unused = 64 - 8 * count
    try push(.integer(count == 0 ? 0 : (value << unused) >> unused))
  }

  mutating func pushText(_ count: Int) throws { try push(.text(span(take(count), count))) }

  private func span(_ start: Int, _ count: Int) throws -> PickleSpan {
    guard let span = PickleSpan(start, count) else { throw failure("is too large") }
    return span
  }

  mutating func pushTuple(_ opcode: PickleOpcode) throws {
    let start: Int
    switch opcode {
    case .emptyTuple: start = stack.count
    case .tuple: start = try popMark()
    default: start = try place(below: Int(opcode.rawValue - PickleOpcode.tuple1.rawValue) + 1)
    }
    let span = try heap.tuple(stack[start...])
    stack.removeSubrange(start...)
    try push(.tuple(span))
  }

  /// Where the values on top of the stack begin.
  private func place(below count: Int) throws -> Int {
    guard stack.count - (marks.last ?? 0) >= count else { throw failure("takes from an empty stack") }
    return stack.count - count
  }

  /// Adds the values on top of the stack to the container below them.
  mutating func fill(_ opcode: PickleOpcode) throws {
    let start: Int
    switch opcode {
    case .append: start = try place(below: 1)
    case .setItem: start = try place(below: 2)
    default: start = try popMark()
    }
    guard start > marks.last ?? 0 else { throw failure("takes from an empty stack") }
    let isList = opcode == .append || opcode == .appends
    switch stack[start - 1] {
    case .list(let index) where isList: try heap.append(stack[start...], toList: index)
    case .dictionary(let index) where !isList && (stack.count - start).isMultiple(of: 2):
      for key in stride(from: start, to: stack.count, by: 2) {
        try heap.set(stack[key], stack[key + 1], inDictionary: index)
      }
    case let other: throw failure("adds to \(other.kind) what is no \(isList ? "element of a list" : "item of a dict")")
    }
    stack.removeSubrange(start...)
  }

  /// The state of an object: attributes of a dict, such as the versions of a module's parts, which nobody needs.
  mutating func build() throws {
    _ = try pop()
    guard case .dictionary = try top() else { throw refused("sets the state of \(try top().kind) (BUILD)") }
  }
}

// MARK: - Tensors

extension Unpickler {
  /// Makes the value that a global of the list stands for.
  mutating func reduce() throws {
    guard case .tuple(let span) = try pop() else { throw failure("has arguments that are no tuple") }
    let function = try pop()
    guard case .global(let global) = function else { throw refused("calls \(function.kind) (REDUCE)") }
    try call(global, span)
  }

  private mutating func call(_ global: TorchGlobal, _ span: PickleSpan) throws {
    guard span.count <= 8 else { throw wrong(global) }
    let arguments = Array(heap.cells[span.range])
    switch global {
    case .orderedDict: try push(.dictionary(dictionary(arguments)))
    case .size:
      guard arguments.count == 1 else { throw wrong(global) }
      switch arguments[0] {
      // A tuple is the size already; a copy of part of the cells would copy them all.
      case .tuple: try push(arguments[0])
      case .list(let index): try push(.tuple(heap.tuple(heap.lists[index])))
      default: throw wrong(global)
      }
    case .rebuildTensor(let version): try push(.tensor(tensor(arguments, version: version, global)))
    case .rebuildParameter:
      guard (3...4).contains(arguments.count), case .tensor = arguments[0] else { throw wrong(global) }
      try push(arguments[0])
    case .rebuildFromType:
      // A function, a class, the function's arguments and the attributes.
      guard arguments.count == 4, case .global(let function) = arguments[0], function != .rebuildFromType,
        case .tuple(let own) = arguments[2]
      else { throw wrong(global) }
      try call(function, own)
    case .object(let kind): try push(.other(kind))
    case .storage, .dtype: throw refused("calls \(global) (REDUCE)")
    }
  }

  private func wrong(_ global: TorchGlobal) -> DiffusionError { failure("calls \(global) with other arguments") }

  /// A dict; of pairs, as Python 2 wrote it.
  private mutating func dictionary(_ arguments: [PickleValue]) throws -> Int {
    let result = try heap.dictionary()
    guard let pairs = arguments.first else { return result }
    guard arguments.count == 1, let pairs = elements(pairs) else { throw wrong(.orderedDict) }
    for pair in pairs {
      guard let pair = elements(pair), pair.count == 2, let key = pair.first, let value = pair.last else {
        throw wrong(.orderedDict)
      }
      try heap.set(key, value, inDictionary: result)
    }
    return result
  }

  /// `(storage, offset, size, stride)`, then `(requires_grad, hooks)`, then the dtype of version 3, then what the
  /// tensor has as metadata.
  private mutating func tensor(
    _ arguments: [PickleValue], version: Int, _ global: TorchGlobal
  ) throws -> Int {
    let expected = [1: 4...4, 2: 6...7, 3: 7...8][version] ?? 0...0
    guard expected.contains(arguments.count), case .storage(let storage) = arguments[0],
      case .integer(let offset) = arguments[1], case .tuple(let shape) = arguments[2],
      case .tuple(let strides) = arguments[3]
    else { throw wrong(global) }
    var dtype = heap.storages[storage].dtype
    if version == 3 {
      guard case .dtype(let own)? = arguments[6].global else { throw wrong(global) }
      dtype = own
    }
    guard let dtype else { throw wrong(global) }
    if arguments.count == expected.upperBound, version > 1, !isEmpty(arguments[arguments.count - 1]) {
      throw refused("has a tensor with a conjugate or negative bit")
    }
    return try heap.tensor(
      PickleHeap.Tensor(dtype: dtype, storage: storage, offset: offset, shape: shape, strides: strides))
  }

  private func isEmpty(_ value: PickleValue) -> Bool {
    switch value {
    case .none: true
    case .dictionary(let index): heap.dictionaries[index].isEmpty
    default: false
    }
  }

  /// `("storage", class, key, location, count)`, in the legacy format with a view: `(key, offset, count)` or None.
  mutating func storage(_ id: PickleValue) throws -> Int {
    guard case .tuple(let span) = id, span.count <= 6 else {
      throw refused("asks for the object of \(id.kind) (BINPERSID)")
    }
    let parts = Array(heap.cells[span.range])
    guard let first = parts.first, text(first) == "storage" else {
      let name = parts.first.flatMap(text).map { "\(SettingValue.text($0))" } ?? "none"
      throw refused("asks for an object that is no storage but \(name) (BINPERSID)")
    }
    guard (5...6).contains(parts.count), case .storage(let dtype)? = parts[1].global, let key = text(parts[2]),
      case .integer(let count) = parts[4], count >= 0
    else { throw failure("has a storage that cannot be read") }
    var view: Range<Int>?
    if parts.count == 6, let fields = elements(parts[5]) {
      guard fields.count == 3, case .integer(let start) = fields[fields.startIndex + 1],
        case .integer(let size) = fields[fields.startIndex + 2], start >= 0, size >= 0, start <= count,
        size <= count - start
      else { throw failure("has the view of a storage that cannot be read") }
      view = start..<start + size
    }
    return try heap.storage(PickleHeap.Storage(dtype: dtype, key: key, count: count, view: view))
  }
}

extension PickleValue {
  /// The global, if it is one.
  fileprivate var global: TorchGlobal? {
    if case .global(let global) = self { global } else { nil }
  }
}
