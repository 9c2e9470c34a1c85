import ArgumentParser

/// The options of `explore` without its model: what shells offer where no command is named.
///
/// A model would stand where the commands do.
public struct DefaultOptions: ParsableArguments {
  @OptionGroup var variant: VariantOption
  @OptionGroup var settings: RunSettingOptions
  @OptionGroup var compare: CompareOptions
  @OptionGroup var gallery: GalleryOptions
  @OptionGroup var sweep: SweepViewOptions
  @OptionGroup var look: AppearanceOptions
  @OptionGroup var session: SessionOptions
  @OptionGroup var receipt: ReceiptOptions

  /// Creates options with their defaults.
  public init() {}
}
