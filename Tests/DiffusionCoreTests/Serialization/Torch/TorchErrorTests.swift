import DiffusionCore
import TestSupport
import Testing

/// What a file of torch.save may not be, and the one line that says so.
@Suite("A file of torch.save is refused") struct TorchErrorTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let bytes: [UInt8]
    let message: String
    var testDescription: String { message }

    init(_ bytes: [UInt8], _ message: String) { (self.bytes, self.message) = (bytes, message) }

    /// An archive with a pickle.
    init(pickle: [UInt8], storages: [String: [UInt8]] = ["0": [0, 0, 0, 0]], _ message: String) {
      self.init(TorchBytes.archive(pickle, storages: storages), message)
    }

    /// An archive with a tensor.
    init(tensor: [UInt8], _ message: String) {
      self.init(
        pickle: TorchBytes.dictionary("w", tensor), message)
    }

    /// An archive with the entry `a/data.pkl`, changed.
    init(entry change: (inout TorchBytes.Entry) -> Void, _ message: String) {
      var entry = TorchBytes.Entry(name: "a/data.pkl", contents: [0x80, 2, 0x7D, 0x2E])
      change(&entry)
      self.init(TorchBytes.zip([entry]), message)
    }
  }

  private static func refusal(of bytes: [UInt8]) throws -> DiffusionError? {
    try bytes.withUnsafeBytes { buffer in
      do {
        _ = try TorchFile(bytes: ReadOnlyBytes(constant: buffer), path: "x.bin")
        return nil
      } catch let error as DiffusionError {
        return error
      }
    }
  }

  private func expect(_ test: Case) throws {
    let error = try #require(try Self.refusal(of: test.bytes))
    #expect(error.kind == .badData && error.message.hasPrefix("x.bin: ") && !error.message.contains("\n"))
    #expect(error.message.contains(test.message), "\(error.message)")
  }

  private static func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// Every way that a pickle has to call something, with what people have put there.
  private static let evil: [Case] = {
    let command = TorchBytes.text("id")
    func asks(_ name: String) -> String { "the pickle asks for '\(name)', and only tensors and containers are read" }
    func has(_ name: String, _ place: Int) -> String { "the pickle has the operation \(name) at byte \(place)" }
    let start: [UInt8] = [0x80, 4]
    return [
      Case(pickle: start + TorchBytes.global("os", "system") + ascii("(") + command + ascii("tR."), asks("os.system")),
      Case(
        pickle: start + TorchBytes.global("builtins", "eval") + ascii("(") + command + ascii("tR."),
        asks("builtins.eval")),
      Case(pickle: start + TorchBytes.global("__builtin__", "getattr") + ascii(")R."), asks("__builtin__.getattr")),
      Case(
        pickle: start + TorchBytes.global("torch.serialization", "load") + ascii(")R."),
        asks("torch.serialization.load")),
      Case(pickle: start + TorchBytes.global("torch", "load") + ascii(")R."), asks("torch.load")),
      Case(pickle: start + TorchBytes.global("torch.hub", "load") + ascii(")R."), asks("torch.hub.load")),
      Case(
        pickle: start + TorchBytes.global("collections", "OrderedDict.__reduce__") + ascii("."),
        asks("collections.OrderedDict.__reduce__")),
      Case(
        pickle: start + TorchBytes.text("posix") + TorchBytes.text("system") + [0x93] + ascii("."),
        asks("posix.system")),
      Case(
        pickle: start + TorchBytes.text("torch.storage") + TorchBytes.text("_load_from_bytes") + [0x93] + ascii("."),
        asks("torch.storage._load_from_bytes")),
      Case(pickle: start + ascii("(ios\nsystem\n."), has("INST", 3)),
      Case(pickle: start + ascii("(") + TorchBytes.global("torch", "Size") + ascii("o."), has("OBJ", 15)),
      Case(pickle: start + TorchBytes.global("torch", "Size") + ascii(")") + [0x81, 0x2E], has("NEWOBJ", 15)),
      Case(pickle: start + TorchBytes.global("torch", "Size") + ascii(")}") + [0x92, 0x2E], has("NEWOBJ_EX", 16)),
      Case(pickle: start + [0x82, 1, 0x2E], has("EXT1", 2)), Case(pickle: start + [0x83, 1, 0, 0x2E], has("EXT2", 2)),
      Case(pickle: start + [0x84, 1, 0, 0, 0, 0x2E], has("EXT4", 2)),
      Case(pickle: start + ascii("Pid\n."), has("PERSID", 2)),
      Case(pickle: start + [0x97, 0x2E], has("NEXT_BUFFER", 2)), Case(pickle: start + [0xFF], has("0xFF", 2)),
      Case(
        pickle: start + command + ascii("Q."),
        "the pickle asks for the object of a text (BINPERSID), and only tensors"),
      Case(
        pickle: start + ascii("(") + TorchBytes.text("module") + command + ascii("tQ."),
        "the pickle asks for an object that is no storage but 'module' (BINPERSID)"),
      Case(pickle: start + command + ascii(")R."), "the pickle calls a text (REDUCE)"),
      Case(pickle: start + TorchBytes.global("torch", "FloatStorage") + ascii(")R."), "calls a class of storages"),
      Case(
        pickle: start + TorchBytes.global("torch", "FloatStorage") + ascii("}b."),
        "the pickle sets the state of a class of storages (BUILD)"),
      Case(
        pickle: TorchBytes.dictionary("w", TorchBytes.tensor(shape: [1], strides: [1], count: 1) + ascii("}b")),
        "the pickle sets the state of a tensor (BUILD)"),
    ]
  }()

  @Test("for what its pickle calls", arguments: evil)
  func calls(_ test: Case) throws {
    try expect(test)
    let message = try #require(try Self.refusal(of: test.bytes)).message
    #expect(message.contains("safetensors.torch.save_file"), "says what to do")
  }

  private static let pickles: [Case] = [
    Case(pickle: [], "damaged pickle: it is cut short at byte 0"),
    Case(pickle: [0x80, 2], "it is cut short at byte 2"), Case(pickle: ascii("}."), "it begins with no protocol"),
    Case(pickle: [0x80, 1, 0x7D, 0x2E], "it has protocol 1: expected 2 to 5"),
    Case(pickle: [0x80, 6, 0x7D, 0x2E], "it has protocol 6: expected 2 to 5"),
    Case(pickle: [0x80, 2, 0x2E], "it takes from an empty stack"),
    Case(pickle: [0x80, 2] + ascii("(."), "it takes from an empty stack"),
    Case(pickle: [0x80, 2] + ascii("t."), "it takes to a mark that is not there"),
    Case(pickle: [0x80, 2, 0x86, 0x2E], "it takes from an empty stack"),
    Case(pickle: [0x80, 2] + ascii("}(NNNu."), "it adds to a dict what is no item of a dict"),
    Case(pickle: [0x80, 2] + ascii(")Na."), "it adds to a tuple what is no element of a list"),
    Case(pickle: [0x80, 2] + ascii("Nq\u{5}h\u{4}."), "it asks for value 4, which it has not kept"),
    Case(pickle: [0x80, 2] + ascii("Nq\u{5}]h\u{5}."), "holds None: expected a dict of tensors"),
    Case(pickle: [0x80, 2] + ascii("Nr") + [0xFF, 0xFF, 0xFF, 0xFF], "more than the 40 MB of memory"),
    Case(
      pickle: [0x80, 2] + TorchBytes.global("torch._tensor", "_rebuild_from_type_v2") + ascii("(")
        + TorchBytes.global("torch._tensor", "_rebuild_from_type_v2") + TorchBytes.global("torch", "Tensor")
        + ascii(")}tR."), "calls torch._tensor._rebuild_from_type_v2 with other arguments"),
    Case(
      pickle: [0x80, 2] + TorchBytes.global("torch._tensor", "_rebuild_from_type_v2") + ascii("(")
        + TorchBytes.global("os", "system"), "asks for 'os.system'"),
    Case(pickle: [0x80, 2] + ascii("h\u{0}."), "it asks for value 0, which it has not kept"),
    Case(pickle: [0x80, 2, 0x58, 0xFF, 0xFF, 0xFF, 0xFF], "it is cut short"),
    Case(pickle: [0x80, 2, 0x8D] + [UInt8](repeating: 0xFF, count: 8), "it has a length that is out of range"),
    Case(pickle: [0x80, 2] + ascii("c") + [UInt8](repeating: 0x61, count: 5000), "a global of more than 1000 bytes"),
    Case(pickle: [0x80, 2] + ascii("K\u{1}."), "holds a whole number: expected a dict of tensors"),
    Case(pickle: [0x80, 2] + ascii("]."), "holds a list: expected a dict of tensors; save model.state_dict()"),
    Case(pickle: [0x80, 2] + ascii("}K\u{1}Ns."), "a tensor's name is a whole number: expected a text"),
    Case(
      pickle: TorchBytes.dictionary("state_dict", ascii("}")),
      "holds no tensors but 'state_dict': expected a dict of tensors; save model.state_dict() alone"),
  ]

  private static let tensors: [Case] = [
    Case(
      tensor: TorchBytes.tensor(shape: [2], strides: [1], count: 1),
      "of shape [2] ends at element 1, but its"),
    Case(
      tensor: TorchBytes.tensor(offset: 1, shape: [1], strides: [1], count: 1),
      "ends at element 1, but its storage has 1"),
    Case(
      tensor: TorchBytes.tensor(offset: -1, shape: [1], strides: [1], count: 1),
      "has shape [1], but strides [1] and offset -"),
    Case(
      tensor: TorchBytes.tensor(shape: [1, 1], strides: [1], count: 1), "has shape [1, 1], but strides [1] and offset 0"
    ),
    Case(
      tensor: TorchBytes.tensor(shape: [-1], strides: [1], count: 1), "has a shape or strides that are no whole numbers"
    ),
    Case(
      tensor: TorchBytes.tensor(shape: [1], strides: [-1], count: 1), "has a shape or strides that are no whole numbers"
    ),
    Case(
      tensor: TorchBytes.tensor(shape: [1], strides: [1], count: 2), "storage '0' of 2 elements, but it has 4 bytes"),
    Case(
      tensor: TorchBytes.tensor(shape: [1], strides: [1], count: .max),
      "of 9223372036854775807 elements, but it has 4 bytes"),
    Case(tensor: TorchBytes.tensor(shape: [1], strides: [1], key: "1", count: 1), "in storage '1', which is missing"),
    Case(
      tensor: TorchBytes.tensor(shape: [1], strides: [1], key: "../0", count: 1), "storage '../0', which is missing"),
    Case(tensor: TorchBytes.tensor(shape: [1 << 62, 4], strides: [0, 0], count: 1), "which overflows"),
    Case(tensor: TorchBytes.tensor(shape: [1 << 59], strides: [1 << 59], count: 1), "which overflow"),
    Case(
      tensor: TorchBytes.tensor(shape: [1 << 30], strides: [0], count: 1),
      "repeats 1 elements as shape [1073741824], which is too large; save a copy"),
    Case(
      tensor: TorchBytes.tensor(
        shape: Array(repeating: 1, count: 65), strides: Array(repeating: 1, count: 65), count: 1),
      "has 65 dimensions: expected at most 64"),
  ]

  private static let archives: [Case] = [
    Case([], "found an empty file"), Case(Array("hello".utf8), "found a text that begins with 'hello'"),
    Case([0xFF, 0, 1, 2, 3, 4], "neither a zip archive nor torch's format"),
    Case(Array("version https://git-lfs.github.com/spec/v1".utf8), "found a Git LFS pointer"),
    Case(Array("<html>".utf8), "found an HTML or XML page"),
    Case(SafeTensorsBytes.zeros(["a"]), "found safetensors: give the file a name that ends in .safetensors"),
    Case(Array("PK\u{3}\u{4}".utf8), "its directory is missing: the file is cut short"),
    Case(TorchBytes.zip([]), "a zip archive with 0 files data.pkl"),
    Case(
      TorchBytes.zip(["a", "b"].map { TorchBytes.Entry(name: "\($0)/data.pkl", contents: []) }),
      "a zip archive with 2 files data.pkl"),
    Case(
      TorchBytes.zip(["a", "a"].map { TorchBytes.Entry(name: "\($0)/data.pkl", contents: []) }),
      "entry 'a/data.pkl' occurs twice"),
    Case(
      TorchBytes.zip(["data.pkl", "constants.pkl"].map { TorchBytes.Entry(name: "a/\($0)", contents: []) }),
      "a TorchScript program"),
    Case(TorchBytes.archive([0x80, 2, 0x7D, 0x2E], byteOrder: "middle"), "byteorder is 'middle'"),
    Case(entry: { $0.method = 8 }, "entry 'a/data.pkl' is compressed (method 8)"),
    Case(entry: { $0.flags = 0x0801 }, "entry 'a/data.pkl' is encrypted"),
    Case(entry: { $0.name = "../a/data.pkl" }, "entry '../a/data.pkl' leaves the archive's folder"),
    Case(entry: { $0.name = "a/../../data.pkl" }, "leaves the archive's folder"),
    Case(entry: { $0.name = "/a/data.pkl" }, "leaves the archive's folder"),
    Case(entry: { $0.name = "a\\..\\data.pkl" }, "leaves the archive's folder"),
    Case(entry: { $0.ownName = "a/data.pk2" }, "and its header at byte 0 disagree"),
    Case(entry: { $0.offset = 1 }, "and its header at byte 1 disagree"),
    Case(entry: { $0.offset = 1 << 31 }, "and its header at byte 2147483648 disagree"),
    Case(entry: { $0.size = 5 }, "entry 'a/data.pkl' would be at bytes 40 to 40+5, beyond the end"),
    Case(entry: { $0.size = 0xFFFF_FFFE }, "beyond the end"),
    Case(entry: { $0.size = 0xFFFF_FFFF }, "has no sizes of 64 bits"),
    Case(entry: { ($0.size, $0.isWide) = (.max, true) }, "beyond the end"),
    // A zip bomb: many entries with the same contents.
    Case(
      TorchBytes.zip([
        TorchBytes.Entry(name: "a/data.pkl", contents: [0x80, 2, 0x7D, 0x2E]),
        TorchBytes.Entry(name: "a/data.pkl2", contents: [], ownName: "a/data.pkl", offset: 0),
      ]), "and its header at byte 0 disagree"),
    Case(overlapping, "two entries overlap at byte"),
  ]

  /// The second entry's header is inside the contents of the first.
  private static let overlapping: [UInt8] = {
    let inner = TorchBytes.Entry(name: "a/data/0", contents: [1, 2, 3, 4])
    let header = Array(TorchBytes.zip([inner]).prefix(42))
    return TorchBytes.zip([
      TorchBytes.Entry(name: "a/data.pkl", contents: header),
      TorchBytes.Entry(name: "a/data/0", contents: [1, 2, 3, 4], offset: 40),
    ])
  }()

  @Test("for its pickle", arguments: pickles) func pickle(_ test: Case) throws { try expect(test) }
  @Test("for its tensors", arguments: tensors) func tensor(_ test: Case) throws { try expect(test) }
  @Test("for its archive", arguments: archives) func archive(_ test: Case) throws { try expect(test) }

  /// Nesting, counts and repetition meet a limit, and soon.
  private static let bombs: [(bytes: [UInt8], message: String?)] = {
    func pickle(_ body: [UInt8]) -> [UInt8] { TorchBytes.archive([0x80, 2] + body) }
    func times(_ count: Int, _ bytes: [UInt8]) -> [UInt8] { Array(repeatElement(bytes, count: count).joined()) }
    let memory = "would take more than the 40 MB of memory that it may take"
    let tuple = ascii("(") + times(600_000, ascii("N")) + ascii("tq\u{0}")
    return [
      // A nest of 100,000 is no trouble, but is no dict of tensors.
      (pickle(times(100_000, ascii("]")) + times(99_999, ascii("a")) + ascii(".")), "holds a list"),
      (pickle(ascii("N") + times(100_000, [0x85]) + ascii(".")), "holds a tuple"),
      (pickle(times(100_000, ascii("(")) + ascii(".")), "takes from an empty stack"),
      (pickle(ascii("}q\u{0}U\u{1}ah\u{0}s.")), "holds no tensors but 'a'"),
      (pickle(times(3_000_000, ascii("N"))), memory), (pickle(times(6_000_000, ascii("("))), memory),
      (pickle(times(2_000_000, ascii("]0"))), memory), (pickle(times(2_000_000, ascii("}0"))), memory),
      (pickle(times(1_000_000, ascii("N") + [0x94])), memory),
      (pickle(ascii("]") + times(3_000_000, ascii("Na"))), memory),
      // A large tuple that is called with, copied and looked at again and again.
      (pickle(tuple + TorchBytes.global("torch", "Size") + times(100_000, ascii("h\u{0}R"))), "with other arguments"),
      (pickle(tuple + times(100_000, ascii("(h\u{0}t0"))), "is cut short"),
      (pickle(tuple + times(100_000, ascii("(t0"))), "is cut short"),
      (
        pickle(tuple + times(200_000, TorchBytes.global("torch", "Size") + ascii("h\u{0}") + [0x85] + ascii("R0"))),
        memory
      ),
    ]
  }()

  @Test("for bombs, within a limit", .timeLimit(.minutes(1)), arguments: bombs.indices)
  func bomb(_ index: Int) throws {
    let (bytes, message) = Self.bombs[index]
    let error = try #require(try Self.refusal(of: bytes))
    if let message { #expect(error.message.contains(message), "\(error.message.prefix(200))") }
  }
}
