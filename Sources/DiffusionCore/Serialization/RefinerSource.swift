/// The location of a refiner's files, and its name in the runs' settings.
struct RefinerSource: Sendable {
  let name: String
  let source: ModelSource
}
