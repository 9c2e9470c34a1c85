import DiffusionCore
import Foundation
import GPUKernels
import Synchronization
import TensorKernels
import TestSupport
import Testing

/// How many kernels a forward pass launches, which is what a small batch pays for on a GPU.
@Suite("Launches of a forward pass", .onOpenCL, .atLength) struct LaunchTests {
  /// A UNet of google/ddpm-cifar10-32's configuration whose weights are zeros: a file with a hole.
  private static func cifar10(_ scratch: ScratchFolder) throws -> (UNet2DModelConfig, ParameterStore) {
    let config = try UNet2DModelConfig(
      json: """
        {"_class_name": "UNet2DModel", "sample_size": 32, "in_channels": 3, "out_channels": 3,
         "block_out_channels": [128, 256, 256, 256], "layers_per_block": 2,
         "down_block_types": ["DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"],
         "up_block_types": ["UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"],
         "downsample_padding": 0, "flip_sin_to_cos": false, "freq_shift": 1, "norm_eps": 1e-6,
         "attention_head_dim": null}
        """.utf8)
    let shapes = CIFAR10Weights.shapes
    var header = "{", place = 0
    for (name, shape) in shapes {
      let end = place + 4 * shape.reduce(1, *)
      header += place == 0 ? "" : ","
      header += #""\#(name)":{"dtype":"F32","shape":\#(shape),"data_offsets":[\#(place),\#(end)]}"#
      place = end
    }
    header += "}"
    let path = try scratch.write(
      withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8), "zeros.safetensors")
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    try file.truncate(atOffset: UInt64(8 + header.utf8.count + place))
    return (config, try ParameterStore(opening: path))
  }

  @Test("Of the cifar10-32 configuration at batch 1: time projections are one, a norm and its transformation another")
  func cifar10() throws {
    let scratch = try ScratchFolder(), (config, weights) = try Self.cifar10(scratch)
    let program = try GPUProgram.shared(.opencl, index: 0, named: "opencl", cache: nil)
    let backend = try GPUBackend(program, threads: 2)
    let device = Device(DeviceEntry(name: "opencl", instructionSet: { _ in "test" }) { _, _ in backend })
    let unet = try UNet2DModel(config: config, parameters: weights, device: device, threads: 2)
    func launches(_ batch: Int) throws -> Int {
      let before = backend.launches
      let sample = try Tensor(shape: [batch, 3, 32, 32], scalars: [Float](repeating: 0.5, count: batch * 3072))
      _ = try unet(sample, timestep: 1)
      return backend.launches - before
    }
    let one = try launches(1), many = try launches(5)
    print("measured: \(one) launches at batch 1, \(many) at batch 5")
    #expect(one == 195)
    #expect(many == 215, "as many more as there are norms before Winograd's convolutions")
  }

  @Test("What is joined gives the layers that observers and profilers see, with the same bits")
  func observed() throws {
    for name in ["two-levels", "scale-shift", "classes"] {
      let fixture = try UNetFixture(name), unet = try fixture.unet.on(Device(parsing: "opencl"), threads: 1)
      let item = try #require(fixture.cases.first)
      func layers(_ unet: UNet2DModel) throws -> [(String, Tensor<Float>)] {
        let seen = Mutex<[(String, Tensor<Float>)]>([])
        _ = try unet.predict(
          item.input, observer: { name, output in seen.withLock { $0.append((name, output)) } }, progress: nil)
        return seen.withLock { $0 }
      }
      let own = try layers(unet), expected = try layers(fixture.unet)
      #expect(own.map(\.0) == expected.map(\.0) && own.contains { $0.0.hasSuffix("time_emb_proj") })
      for (own, expected) in zip(own, expected) { #expect(sameBits(own.1, expected.1), "\(own.0)") }
    }
  }
}

/// The names and shapes of google/ddpm-cifar10-32's weights.
private enum CIFAR10Weights {
  static let shapes: [(String, [Int])] = {
    var all: [(String, [Int])] = []
    func layer(_ name: String, _ weight: [Int]) {
      all += [("\(name).weight", weight), ("\(name).bias", [weight[0]])]
    }
    func norm(_ name: String, _ channels: Int) { layer(name, [channels]) }
    func conv(_ name: String, _ input: Int, _ output: Int) { layer(name, [output, input, 3, 3]) }
    func linear(_ name: String, _ input: Int, _ output: Int) { layer(name, [output, input]) }
    func resnet(_ name: String, _ input: Int, _ output: Int) {
      norm("\(name).norm1", input)
      conv("\(name).conv1", input, output)
      linear("\(name).time_emb_proj", 512, output)
      norm("\(name).norm2", output)
      conv("\(name).conv2", output, output)
      if input != output { layer("\(name).conv_shortcut", [output, input, 1, 1]) }
    }
    func attention(_ name: String) {
      norm("\(name).group_norm", 256)
      for part in ["to_q", "to_k", "to_v", "to_out.0"] { linear("\(name).\(part)", 256, 256) }
    }
    conv("conv_in", 3, 128)
    linear("time_embedding.linear_1", 128, 512)
    linear("time_embedding.linear_2", 512, 512)
    let channels = [128, 256, 256, 256]
    var skips = [128], current = 128
    for level in 0..<4 {
      for index in 0..<2 {
        resnet("down_blocks.\(level).resnets.\(index)", current, channels[level])
        current = channels[level]
        skips.append(current)
        if level == 1 { attention("down_blocks.1.attentions.\(index)") }
      }
      guard level < 3 else { continue }
      conv("down_blocks.\(level).downsamplers.0.conv", current, current)
      skips.append(current)
    }
    for index in 0..<2 { resnet("mid_block.resnets.\(index)", 256, 256) }
    attention("mid_block.attentions.0")
    for level in 0..<4 {
      let output = channels[3 - level]
      for index in 0..<3 {
        resnet("up_blocks.\(level).resnets.\(index)", current + (skips.popLast() ?? 0), output)
        current = output
        if level == 2 { attention("up_blocks.2.attentions.\(index)") }
      }
      if level < 3 { conv("up_blocks.\(level).upsamplers.0.conv", current, current) }
    }
    norm("conv_norm_out", 128)
    conv("conv_out", 128, 3)
    return all
  }()
}
