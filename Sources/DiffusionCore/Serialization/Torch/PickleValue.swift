/// A value that a pickle builds. Containers, storages and tensors are numbers of records in a ``PickleHeap``, so that
/// values nest as deep as a file likes without nesting in memory.
enum PickleValue {
  case none
  case bool(Bool)
  case integer(Int)
  /// Text or bytes: where they are in the pickle.
  case text(PickleSpan)
  /// Its elements, in the heap's cells.
  case tuple(PickleSpan)
  case list(Int)
  case dictionary(Int)
  case global(TorchGlobal)
  case storage(Int)
  case tensor(Int)
  /// A value of which only the kind matters: a floating-point number, a set, a device.
  case other(Other)

  /// The kinds of other values.
  enum Other: String {
    case number, set, bytes, object
    // Tensors of kinds that no model here has, by the functions that make them.
    case sparseTensor = "torch._utils._rebuild_sparse_tensor"
    case quantizedTensor = "torch._utils._rebuild_qtensor"
    case nestedTensor = "torch._utils._rebuild_nested_tensor"
    case metaTensor = "torch._utils._rebuild_meta_tensor_no_storage"

    /// The function that makes it, for a tensor; nil for anything else.
    var builder: String? { rawValue.hasPrefix("torch.") ? rawValue : nil }
  }

  /// What it is, in errors.
  var kind: String {
    switch self {
    case .none: "None"
    case .bool: "a truth value"
    case .integer: "a whole number"
    case .text: "a text"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dict"
    case .global(let global): "\(global)"
    case .storage: "a storage"
    case .tensor: "a tensor"
    case .other(.number): "a number"
    case .other(.set): "a set"
    case .other(.bytes): "bytes"
    case .other(.object): "an object"
    case .other(let tensor): "a tensor of \(tensor.rawValue)"
    }
  }
}

/// A range of at most 4 GB.
struct PickleSpan {
  private let start, length: UInt32

  /// Creates a span; nil if it is too large.
  init?(_ start: Int, _ count: Int) {
    guard let start = UInt32(exactly: start), let length = UInt32(exactly: count) else { return nil }
    (self.start, self.length) = (start, length)
  }

  var range: Range<Int> { Int(start)..<Int(start) + Int(length) }
  var count: Int { Int(length) }
}

/// The functions and classes that a pickle of tensors may name.
///
/// Reference: torch, `_weights_only_unpickler.py` (`_get_allowed_globals`), of which these are what state dictionaries
/// hold.
enum TorchGlobal: Equatable, CustomStringConvertible {
  case orderedDict, size
  /// `torch._utils._rebuild_tensor`, `_v2` and `_v3`.
  case rebuildTensor(version: Int)
  /// `torch._utils._rebuild_parameter`, with or without its state.
  case rebuildParameter
  /// `torch._tensor._rebuild_from_type_v2`, which calls one of the others for a tensor with attributes.
  case rebuildFromType
  /// `torch.FloatStorage`; nil for `torch.storage.UntypedStorage`, which counts bytes.
  case storage(ElementType?)
  /// `torch.float32`.
  case dtype(ElementType)
  /// What makes a value that no tensor needs.
  case object(PickleValue.Other)

  private static let storages: [String: ElementType] = [
    "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
    "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8,
    "BoolStorage": .bool, "ComplexFloatStorage": .complex64, "ComplexDoubleStorage": .complex128,
    "QInt32Storage": .int32, "QInt8Storage": .int8, "QUInt8Storage": .uint8,
  ]

  private static let dtypes: [String: ElementType] = [
    "float64": .float64, "float32": .float32, "float16": .float16, "bfloat16": .bfloat16, "int64": .int64,
    "int32": .int32, "int16": .int16, "int8": .int8, "uint64": .uint64, "uint32": .uint32, "uint16": .uint16,
    "uint8": .uint8, "bool": .bool, "complex64": .complex64, "complex128": .complex128,
    "float8_e4m3fn": .float8e4m3, "float8_e5m2": .float8e5m2,
  ]

  private static let functions: [String: TorchGlobal] = [
    "collections.OrderedDict": .orderedDict, "torch.Size": .size,
    "torch._utils._rebuild_tensor": .rebuildTensor(version: 1),
    "torch._utils._rebuild_tensor_v2": .rebuildTensor(version: 2),
    "torch._utils._rebuild_tensor_v3": .rebuildTensor(version: 3),
    "torch._utils._rebuild_parameter": .rebuildParameter,
    "torch._utils._rebuild_parameter_with_state": .rebuildParameter,
    "torch._tensor._rebuild_from_type_v2": .rebuildFromType,
    "torch.storage.UntypedStorage": .storage(nil), "torch.device": .object(.object),
    "builtins.set": .object(.set), "__builtin__.set": .object(.set),
    "builtins.bytearray": .object(.bytes), "__builtin__.bytearray": .object(.bytes),
    "_codecs.encode": .object(.bytes), "builtins.complex": .object(.number), "__builtin__.complex": .object(.number),
  ]

  /// The other names that torch allows: their values may stand beside the weights.
  private static let objects: Set = [
    "collections.Counter", "torch.Tensor", "torch.nn.parameter.Parameter", "torch.serialization._get_layout",
    "torch.per_tensor_affine", "torch.per_tensor_symmetric", "torch.per_channel_affine",
    "torch.per_channel_symmetric", "torch.per_channel_affine_float_qparams",
  ]

  /// Finds a global; nil if a pickle of tensors has no use for it.
  init?(module: String, name: String) {
    if let function = Self.functions["\(module).\(name)"] {
      self = function
    } else if ["torch", "torch.cuda"].contains(module), let type = Self.storages[name] {
      self = .storage(type)
    } else if module == "torch", let type = Self.dtypes[name] {
      self = .dtype(type)
    } else if Self.objects.contains("\(module).\(name)") {
      self = .object(.object)
    } else if let tensor = PickleValue.Other(rawValue: "\(module).\(name)") {
      self = .object(tensor)
    } else {
      return nil
    }
  }

  var description: String {
    switch self {
    case .orderedDict: "collections.OrderedDict"
    case .size: "torch.Size"
    case .rebuildTensor: "torch._utils._rebuild_tensor"
    case .rebuildParameter: "torch._utils._rebuild_parameter"
    case .rebuildFromType: "torch._tensor._rebuild_from_type_v2"
    case .storage: "a class of storages"
    case .dtype: "a dtype"
    case .object: "a class"
    }
  }
}

/// The records that the values of a pickle refer to.
///
/// Their memory is limited whatever the pickle asks for: each record and each element of a container is charged for
/// before it is made.
struct PickleHeap {
  /// A part of a file that holds elements.
  struct Storage: Equatable {
    /// Nil for bytes of no type.
    let dtype: ElementType?
    /// Its name: a file of the archive, or a key of the legacy format.
    let key: String
    /// The number of elements; of bytes for no type.
    let count: Int
    /// The part that it views in the legacy format, in elements; nil for all of it.
    let view: Range<Int>?
  }

  /// A tensor, not yet checked against its storage.
  struct Tensor {
    let dtype: ElementType
    /// The number of its storage.
    let storage: Int
    /// Its first element in the storage.
    let offset: Int
    /// The extents and the strides: tuples.
    let shape, strides: PickleSpan
  }

  /// The memory that records may take: 40 MB.
  static let maximumBytes = 40 << 20

  private(set) var cells: [PickleValue] = []
  private(set) var lists: [[PickleValue]] = []
  private(set) var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  private(set) var storages: [Storage] = []
  private(set) var tensors: [Tensor] = []
  private var charged = 0

  /// A pickle that would need more memory than it may have.
  struct Exhausted: Error {}

  /// Counts memory before it is used. An array that grows has up to twice its elements.
  mutating func charge(values: Int, records: Int = 0) throws(Exhausted) {
    charged += values * 2 * MemoryLayout<PickleValue>.stride + records * 64
    guard charged <= Self.maximumBytes else { throw Exhausted() }
  }

  mutating func tuple(_ values: some Collection<PickleValue>) throws(Exhausted) -> PickleSpan {
    try charge(values: values.count)
    let start = cells.count
    cells.append(contentsOf: values)
    guard let span = PickleSpan(start, values.count) else { throw Exhausted() }
    return span
  }

  mutating func list() throws(Exhausted) -> Int {
    try charge(values: 0, records: 1)
    lists.append([])
    return lists.count - 1
  }

  mutating func append(_ values: some Collection<PickleValue>, toList index: Int) throws(Exhausted) {
    try charge(values: values.count)
    lists[index].append(contentsOf: values)
  }

  mutating func dictionary() throws(Exhausted) -> Int {
    try charge(values: 0, records: 1)
    dictionaries.append([])
    return dictionaries.count - 1
  }

  mutating func set(_ key: PickleValue, _ value: PickleValue, inDictionary index: Int) throws(Exhausted) {
    try charge(values: 2)
    dictionaries[index].append((key, value))
  }

  mutating func storage(_ storage: Storage) throws(Exhausted) -> Int {
    try charge(values: 0, records: 3 + storage.key.utf8.count / 64)
    storages.append(storage)
    return storages.count - 1
  }

  mutating func tensor(_ tensor: Tensor) throws(Exhausted) -> Int {
    // Its extents and what becomes of it in the end.
    try charge(values: 0, records: 6 + tensor.shape.count / 4)
    tensors.append(tensor)
    return tensors.count - 1
  }
}
