import DiffusionCore
import FoundationEssentials
import Testing

@Suite("DDIMSchedulerConfig reads Diffusers' files")
struct DDIMSchedulerConfigTests {
  private func decode(_ json: String) throws -> DDIMSchedulerConfig {
    try DDIMSchedulerConfig(json: json.utf8, file: "here.json")
  }

  @Test("every option")
  func everyOption() throws {
    let config = try decode(
      """
      {"_class_name": "DDIMScheduler", "_diffusers_version": "0.42.1", "num_train_timesteps": 3, "beta_start": 0.25,
       "beta_end": 0.5, "beta_schedule": "scaled_linear", "trained_betas": [0.125, 1, 0.5], "clip_sample": false,
       "set_alpha_to_one": false, "steps_offset": 1, "prediction_type": "v_prediction", "thresholding": true,
       "dynamic_thresholding_ratio": 0.75, "clip_sample_range": 2.5, "sample_max_value": 1.5,
       "timestep_spacing": "trailing", "rescale_betas_zero_snr": true}
      """)
    var expected = DDIMSchedulerConfig()
    expected.numTrainTimesteps = 3
    (expected.betaStart, expected.betaEnd, expected.betaSchedule) = (0.25, 0.5, .scaledLinear)
    expected.trainedBetas = [0.125, 1, 0.5]
    (expected.clipSample, expected.setAlphaToOne, expected.stepsOffset) = (false, false, 1)
    (expected.predictionType, expected.thresholding, expected.dynamicThresholdingRatio) = (.vPrediction, true, 0.75)
    (expected.clipSampleRange, expected.sampleMaxValue) = (2.5, 1.5)
    (expected.timestepSpacing, expected.rescaleBetasZeroSnr) = (.trailing, true)
    #expect(config == expected)
    #expect(try JSONDecoder().decode(DDIMSchedulerConfig.self, from: JSONEncoder().encode(config)) == config)
    let plain = try JSONEncoder().encode(DDIMSchedulerConfig())
    #expect(try DDIMSchedulerConfig(json: plain) == DDIMSchedulerConfig())
  }

  @Test("a DDPMScheduler's configuration converts: common options are kept, the rest has DDIM's defaults")
  func convertsDDPM() throws {
    let config = try decode(
      """
      {"_class_name": "DDPMScheduler", "_diffusers_version": "0.1.1", "beta_end": 0.03, "beta_schedule": "linear",
       "beta_start": 0.0002, "clip_sample": true, "num_train_timesteps": 900, "trained_betas": null,
       "variance_type": "fixed_large", "timestep_values": null, "predict_epsilon": true, "lambda_min_clipped": "x"}
      """)
    var expected = DDIMSchedulerConfig()
    (expected.betaStart, expected.betaEnd, expected.numTrainTimesteps) = (0.0002, 0.03, 900)
    #expect(config == expected)
  }

  @Test(
    "a wrong value gives a one-line error that names file, key, value and the values allowed",
    arguments: [
      (
        #"{"beta_schedule": "sigmoid"}"#,
        "beta_schedule is 'sigmoid': expected one of linear, scaled_linear, squaredcos_cap_v2"
      ),
      (#"{"prediction_type": "flow"}"#, "prediction_type is 'flow': expected one of epsilon, sample, v_prediction"),
      (#"{"timestep_spacing": "log"}"#, "timestep_spacing is 'log': expected one of leading, trailing, linspace"),
      (#"{"num_train_timesteps": 10.5}"#, "num_train_timesteps is 10.5: expected a whole number"),
      (#"{"clip_sample": "yes"}"#, "clip_sample is 'yes': expected true or false"),
      (#"{"clip_sample_range": null}"#, "clip_sample_range is null: expected a number"),
      (#"{"trained_betas": [0.1, "b"]}"#, "trained_betas[1] is 'b': expected a number"),
      (#"{"trained_betas": "b"}"#, "trained_betas is 'b': expected null or a list of numbers"),
    ])
  func wrongValue(json: String, message: String) throws {
    #expect(throws: DiffusionError(.badData, "here.json: " + message)) { try decode(json) }
  }

  @Test("anything but a JSON object is refused", arguments: ["", "[]", "{", "7"])
  func noObject(json: String) throws {
    let error = #expect(throws: DiffusionError.self) { try decode(json) }
    #expect(error?.kind == .badData)
    let message = error?.message ?? ""
    #expect(message.hasPrefix("here.json: "))
    #expect(message.contains("expected a JSON object, found \(json)") || message.contains("not valid JSON: line 1"))
  }

  @Test("values that no schedule can have are refused by name")
  func noSchedule() throws {
    func name(_ change: (inout DDIMSchedulerConfig) -> Void) -> Substring? {
      var config = DDIMSchedulerConfig()
      change(&config)
      let error = #expect(throws: DiffusionError.self) { try DDIMScheduler(config: config) }
      return error?.message.prefix { $0 != " " }
    }
    #expect(name { $0.numTrainTimesteps = 0 } == "num_train_timesteps")
    #expect(name { $0.numTrainTimesteps = .max } == "num_train_timesteps")
    #expect(name { $0.trainedBetas = [0.1] } == "trained_betas")
    #expect(name { $0.betaEnd = .infinity } == "beta_end")
    #expect(name { ($0.betaStart, $0.betaSchedule) = (-1, .scaledLinear) } == "beta_start")
    #expect(name { ($0.thresholding, $0.dynamicThresholdingRatio) = (true, 1.5) } == "dynamic_thresholding_ratio")
    #expect(name { $0.stepsOffset = .max } == "steps_offset")
  }
}
