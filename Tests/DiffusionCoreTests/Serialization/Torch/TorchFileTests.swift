import DiffusionCore
import FoundationEssentials
import TestSupport
import Testing

@Suite("Files of torch.save") struct TorchFileTests {
  private static let folder = "\(Fixtures.folder)/torch"

  @Test(
    "hold what torch reads, to the bit",
    arguments: [
      ("types.pt", "types"), ("types-legacy.pt", "types"), ("types-protocol-3.pt", "types"),
      ("types-protocol-4.pt", "types"), ("types-protocol-5.pt", "types"), ("views.pt", "views"),
      ("views-legacy.pt", "views"), ("views-protocol-3.pt", "views"), ("views-protocol-4.pt", "views"),
      ("views-protocol-5.pt", "views"), ("big-endian.pt", "big-endian"), ("module.pt", "module"),
    ])
  func contents(_ name: String, _ expected: String) throws {
    let file = try TorchFile(opening: "\(Self.folder)/\(name)")
    let reference = try SafeTensorsFile(opening: "\(Self.folder)/\(expected).safetensors")
    let readable = file.tensors.filter { ["F64", "F32", "F16", "BF16"].contains($0.value.dtype?.rawValue) }
    #expect(Set(readable.keys) == Set(reference.tensors.keys) && reference.tensors.count >= 6)
    for (name, tensor) in reference.tensors {
      #expect(file.tensors[name]?.shape == tensor.shape, "\(name)")
      #expect(try file.floats(name).map(\.bitPattern) == reference.floats(name).map(\.bitPattern), "\(name)")
    }
  }

  @Test(
    "are checked as they are read",
    arguments: [
      "types.pt", "types-legacy.pt", "views.pt", "views-legacy.pt", "big-endian.pt", "module.pt", "beside.pt",
    ])
  func checked(_ name: String) throws {
    let file = try TorchFile(opening: "\(Self.folder)/\(name)")
    for name in file.tensors.keys.sorted() + ["none"] {
      let read = Result { try file.floats(name) }, checked = Result { try file.check(name) }
      switch (read, checked) {
      case (.success, .success): break
      case (.failure(let one as DiffusionError), .failure(let other as DiffusionError)): #expect(one == other)
      default: Issue.record("\(name): \(read), \(checked)")
      }
    }
  }

  /// Elements are checked some thousands at a time, in row-major order, wherever they are.
  @Test("are checked in the order of their elements", arguments: ["little", "big"], [true, false])
  func checkedInPieces(_ order: String, isTransposed: Bool) throws {
    let (rows, columns) = (130, 300), count = rows * columns, scratch = try ScratchFolder()
    let shape = [rows, columns], strides = isTransposed ? [1, rows] : [columns, 1]
    let pickle = TorchBytes.dictionary("w", TorchBytes.tensor(shape: shape, strides: strides, count: count))
    for index in [0, 1, 299, 300, 16_383, 16_384, 32_767, 32_768, count - 1] {
      let place = index / columns * strides[0] + index % columns * strides[1]
      var storage = [UInt8](repeating: 0, count: 4 * count)
      storage.replaceSubrange(4 * place..<4 * place + 4, with: [0xFF, 0xFF, 0xFF, 0xFF])
      let path = try scratch.write(
        TorchBytes.archive(pickle, storages: ["0": storage], byteOrder: order), "w.bin")
      let error = DiffusionError(
        .badData, "\(path): tensor w holds a NaN at element \(index); every weight must be finite")
      #expect(throws: error) { try TorchFile(opening: path).check("w") }
      #expect(throws: error) { try TorchFile(opening: path).floats("w") }
    }
  }

  @Test("may hold tensors of other types, which are no weights")
  func otherTypes() throws {
    for name in ["types.pt", "types-legacy.pt"] {
      let path = "\(Self.folder)/\(name)", file = try TorchFile(opening: path)
      #expect(file.tensors.count == 13 && file.tensors["int64"]?.shape == [2])
      for (type, dtype) in [("int64", "I64"), ("bool", "BOOL"), ("uint8", "U8"), ("complex64", "C64")] {
        let message = "\(path): tensor \(type) has dtype \(dtype); F64, F32, F16 and BF16 can be read"
        #expect(throws: DiffusionError(.badData, message)) { try file.floats(type) }
      }
    }
  }

  @Test("may hold tensors with attributes, and what torch reads beside tensors")
  func beside() throws {
    let file = try TorchFile(opening: "\(Self.folder)/beside.pt")
    let reference = try SafeTensorsFile(opening: "\(Self.folder)/beside.safetensors")
    #expect(file.tensors.count == 19 && reference.tensors.count == 2)
    for name in reference.tensors.keys {
      #expect(try file.floats(name).map(\.bitPattern) == reference.floats(name).map(\.bitPattern), "\(name)")
    }
    #expect(
      throws: DiffusionError(
        .badData,
        "\(file.path): tensor sparse is a tensor of torch._utils._rebuild_sparse_tensor; F64, F32, F16 and BF16 can be "
          + "read")
    ) {
      try file.floats("sparse")
    }
  }

  @Test("of the legacy format may have any protocol", arguments: [3, 4, 5])
  func legacyProtocols(_ version: UInt8) throws {
    let sound = try FileAccess.read("\(Self.folder)/types-legacy.pt"), scratch = try ScratchFolder()
    let frame: [UInt8] = version < 4 ? [] : [0x95, 13] + [UInt8](repeating: 0, count: 7)
    let path = try scratch.write([0x80, version] + frame + sound.dropFirst(2), "w.bin")
    let reference = try TorchFile(opening: "\(Self.folder)/types-legacy.pt")
    let file = try TorchFile(opening: path)
    #expect(file.tensors.keys == reference.tensors.keys && file.tensors.count == 13)
    #expect(try file.floats("float32") == reference.floats("float32"))
  }

  @Test("may have bytes behind the archive, as torch reads them")
  func trailing() throws {
    let sound = try FileAccess.read("\(Self.folder)/types.pt"), scratch = try ScratchFolder()
    let path = try scratch.write(sound + [UInt8](repeating: 0x50, count: 100), "w.bin")
    #expect(
      try TorchFile(opening: path).floats("float32") == TorchFile(opening: "\(Self.folder)/types.pt").floats("float32"))
  }

  @Test("may have any stride where a dimension has one element", arguments: ["little", "big"])
  func strideOfOne(_ order: String) throws {
    let tensor = TorchBytes.tensor(shape: [2, 1, 2], strides: [1, .max, 2], count: 4)
    let file = TorchBytes.archive(
      TorchBytes.dictionary("w", tensor),
      storages: ["0": [0, 1, 2, 3].flatMap { [UInt8]([$0, $0, $0, $0]) }], byteOrder: order)
    let scratch = try ScratchFolder()
    let bits = try TorchFile(opening: scratch.write(file, "w.bin")).floats("w").map(\.bitPattern)
    #expect(bits == [0, 0x0202_0202, 0x0101_0101, 0x0303_0303])
  }

  @Test("may be shards with their index")
  func shards() throws {
    let store = try ParameterStore(openingShardsOf: "\(Self.folder)/sharded/diffusion_pytorch_model.bin.index.json")
    let same = try ParameterStore(
      openingShardsOf: "\(Fixtures.folder)/serialization/sharded/diffusion_pytorch_model.safetensors.index.json")
    #expect(store.names == ["conv_in.bias", "conv_in.weight", "conv_out.bias"])
    for name in store.names {
      let shape = try #require(store.shape(of: name))
      #expect(try store.read(name, shape: shape) == same.read(name, shape: shape))
    }
  }

  @Test("of a shard that is no .bin file beside its index are refused")
  func shardNames() throws {
    let scratch = try ScratchFolder()
    for shard in ["a.safetensors", "../a.bin", "/a.bin"] {
      let path = try scratch.write(#"{"weight_map":{"a":"\#(shard)"}}"#, "diffusion_pytorch_model.bin.index.json")
      let message = "\(path): \"\(shard)\" is not the name of a .bin file next to the index"
      #expect(throws: DiffusionError(.badData, message)) { try ParameterStore(openingShardsOf: path) }
    }
  }

  @Test("give the same images as safetensors, to the bit", arguments: ["no-attention.bin", "no-attention-legacy.bin"])
  func images(_ name: String) throws {
    let scratch = try ScratchFolder(), model = "\(scratch.path)/m"
    let fixture = "\(Fixtures.folder)/unet/no-attention", weights = "\(model)/unet/diffusion_pytorch_model"
    try FileManager.default.copyItem(atPath: fixture, toPath: model)
    try FileManager.default.removeItem(atPath: "\(weights).safetensors")
    try FileManager.default.copyItem(atPath: "\(Self.folder)/\(name)", toPath: "\(weights).bin")
    func hash(_ folder: String) throws -> String {
      let pipeline = try DDIMPipeline.fromPretrained(folder, threads: 1)
      let generator = Generator(device: .cpu).manualSeed(0)
      return ContentHash.sha256(try pipeline(numInferenceSteps: 2, generator: generator).images)
    }
    #expect(try hash(model) == hash(fixture))
    let files = try ModelSource(resolving: model, environment: [:]).files().map(\.path)
    #expect(files.last == "\(weights).bin")
  }

  @Test("of Python 2 are read: pairs, texts of bytes, views of storages")
  func pythonTwo() throws {
    let data: [Float] = [1, 2, 3, 4, 5, 6]
    let bytes = data.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
    // BINSTRING, and a view of two elements from the third on.
    let view = Array("(U\u{1}v".utf8) + TorchBytes.whole(2) + TorchBytes.whole(2) + Array("t".utf8)
    let tensor = TorchBytes.tensor(shape: [2], strides: [1], count: 6, view: view)
    let pickle =
      [0x80, 2] + TorchBytes.global("collections", "OrderedDict") + Array("]](U\u{1}w".utf8) + tensor
      + Array("ea".utf8) + [0x85] + Array("R.".utf8)
    let file = TorchBytes.legacy(pickle, keys: ["0"], storages: [(6, bytes)])
    let scratch = try ScratchFolder()
    #expect(try TorchFile(opening: scratch.write(file, "w.bin")).floats("w") == [3, 4])
  }

  @Test("of more than 4 GB have their sizes in fields of 64 bits")
  func wide() throws {
    let scratch = try ScratchFolder()
    let pickle = TorchBytes.dictionary("w", TorchBytes.tensor(shape: [1], strides: [1], count: 1))
    let entries = [
      TorchBytes.Entry(name: "a/data.pkl", contents: pickle, isWide: true),
      TorchBytes.Entry(name: "a/data/0", contents: [0, 0, 0x80, 0x3F], isWide: true),
    ]
    for hasWideEnd in [false, true] {
      let path = try scratch.write(TorchBytes.zip(entries, hasWideEnd: hasWideEnd), "w.bin")
      #expect(try TorchFile(opening: path).floats("w") == [1])
    }
  }
}
