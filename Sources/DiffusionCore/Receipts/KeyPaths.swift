/// The keys of every object in a JSON text, each with the path to it: `settings.steps`. The elements of a list share
/// one path.
struct KeyPaths: Decodable {
  let paths: Set<String>

  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    var paths: Set<String> = []
    if let object = try? decoder.container(keyedBy: AnyKey.self) {
      for key in object.allKeys {
        paths.insert(key.stringValue)
        let below = (try? object.decode(KeyPaths.self, forKey: key))?.paths ?? []
        paths.formUnion(below.map { "\(key.stringValue).\($0)" })
      }
    } else if var list = try? decoder.unkeyedContainer() {
      // An element that cannot be decoded would never be skipped.
      while !list.isAtEnd, let element = try? list.decode(KeyPaths.self) { paths.formUnion(element.paths) }
    }
    self.paths = paths
  }
}
