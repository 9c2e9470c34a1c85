/// The contents of `model_index.json`: the classes of a model, by Diffusers' names.
public struct ModelIndex: Sendable, Equatable {
  /// The pipeline: `DDIMPipeline`.
  public let className: String
  /// The class of each component, by its name: `unet` is a `UNet2DModel`.
  public let components: [String: String]
  /// The components that come from Transformers, by their names; the others come from Diffusers.
  let transformers: Set<String>
  /// The values that are true or false, by their names: `force_zeros_for_empty_prompt`.
  let switches: [String: Bool]
  /// The names of the model's classes; none where it has no `id2label`.
  let classNames: ClassNames

  /// Components that runs do not use: what checks or describes finished images.
  private static let unused: Set = ["safety_checker", ModelSource.imageProcessor, "image_encoder"]
  /// The pipelines whose runs read a picture by their image encoder.
  private static let encoding: Set = ["UnCLIPImageVariationPipeline"]

  /// The names of the components that runs use, in their order.
  var used: [String] {
    let unused = Self.encoding.contains(className) ? ["safety_checker"] : Self.unused
    return components.keys.filter { !unused.contains($0) }.sorted()
  }

  /// Creates an index.
  package init(className: String, components: [String: String], transformers: Set<String> = []) {
    (self.className, self.components, self.transformers) = (className, components, transformers)
    (classNames, switches) = (ClassNames(), [:])
  }

  /// Decodes an index of any pipeline.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the file if it is not JSON, or names no pipeline.
  init(reading file: ModelFile) throws {
    let values = try ConfigurationReader(json: file.read(), file: file.path).values
    guard case .text(let name) = values["_class_name"] else {
      throw DiffusionError(
        .badData, "\(file.path): \"_class_name\" is \(values["_class_name"].map { "\($0), not a string" } ?? "missing")"
      )
    }
    className = name
    // A component is a library and a class; null stands for one that the pipeline can do without.
    let pairs = values.compactMapValues { value -> (library: String, component: String)? in
      guard case .list(let pair) = value, pair.count == 2, case .text(let component) = pair[1] else { return nil }
      return (pair[0].text, component)
    }
    components = pairs.mapValues(\.component)
    classNames = try Self.classNames(values["id2label"] ?? .null, file: file.path)
    switches = values.compactMapValues { if case .bool(let isOn) = $0 { isOn } else { nil } }
    transformers = Set(pairs.filter { $0.value.library == "transformers" }.keys)
  }

  private static func classNames(_ value: SettingValue, file: String) throws -> ClassNames {
    if value == .null { return ClassNames() }
    guard case .table(let table) = value else {
      throw DiffusionError(.badData, "\(file): id2label is \(value): expected an object of names by class")
    }
    return ClassNames(
      try table.mapValues { name in
        guard case .text(let text) = name else {
          throw DiffusionError(.badData, "\(file): id2label has \(name): expected the names of a class, a string")
        }
        return text
      })
  }
}

/// The names of a model's classes, from the `id2label` of its index.
package struct ClassNames: Sendable, Equatable {
  /// The number of the class with a name.
  let numbers: [String: Int]
  /// The names of a class, separated by commas.
  let texts: [Int: String]

  /// Creates a set of names.
  ///
  /// - Parameter texts: The names of each class, separated by commas, by its number in digits. A name of several
  ///   classes is that of the last one in the order of these digits, which is the order of the files that Diffusers
  ///   saves.
  package init(_ texts: [String: String] = [:]) {
    let entries = texts.sorted { $0.key < $1.key }.compactMap { key, text in Int(key).map { ($0, text) } }
    self.texts = Dictionary(entries) { $1 }
    let names = entries.flatMap { number, text in
      text.split(separator: ",").map { (String($0).trimmingSpaces, number) }
    }
    numbers = Dictionary(names) { $1 }
  }
}

extension String {
  /// The text without spaces at its ends.
  var trimmingSpaces: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}

extension ModelIndex {
  /// Refuses a pipeline or a network of one dimension by its name, and says why.
  ///
  /// - Parameter part: What has the name: `the unet`.
  /// - Throws: ``DiffusionError`` (`badData`) for such a name.
  static func refuseOneDimension(_ name: String, _ part: String, file: String?) throws {
    let others = ["UNet1DModel", "DanceDiffusionPipeline", "ValueGuidedRLPipeline", "SpectrogramDiffusionPipeline"]
    guard others.contains(name) || name.contains("Audio") || name.contains("Music") else { return }
    throw DiffusionError(
      .badData,
      "\(file.map { "\($0): " } ?? "")\(part) is \(name), for sound or other series in one dimension: expected a model "
        + "of images, which this program shows")
  }
}
