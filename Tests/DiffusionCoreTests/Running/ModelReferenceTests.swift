import DemoModel
import DiffusionCore
import Testing

@Suite("The model of a run") struct ModelReferenceTests {
  @Test("is the demo model by default, or by its name", arguments: [nil, "", "ddpm-emoji-32"])
  func demo(name: String?) {
    #expect(ModelReference(name) == .demo)
    #expect(ModelReference(name).name == DemoModel.name)
    #expect(ModelReference(name).path == nil)
  }

  @Test(
    "has the last component of its path as a label",
    arguments: [("a/b/c", "c"), ("owner/name", "name"), ("/a/b/", "b"), ("./x", "x"), ("/", "/"), ("x", "x")])
  func shortName(path: String, name: String) {
    #expect(ModelReference(path).shortName == name)
    #expect(ModelReference(path).name == path)
  }

  @Test("has a label with as many components as tell it from the others")
  func labels() {
    let names = ["a/x/model", "b/x/model", "b/y/model", "owner/name", "ddpm-emoji-32", "./ddpm-emoji-32"]
    let models = names.map { ModelReference($0) }
    #expect(
      models.map { $0.label(among: models) } == [
        "a/x/model", "b/x/model", "y/model", "name", "ddpm-emoji-32", "./ddpm-emoji-32",
      ])
    #expect(models[0].label(among: [models[0]]) == "model")
  }

  @Test("is the same folder with or without a trailing slash")
  func slash() {
    let models = [ModelReference("a/m"), ModelReference("a/m/")]
    #expect(models.map { $0.label(among: models) } == ["a/m", "a/m/"])
  }
}
