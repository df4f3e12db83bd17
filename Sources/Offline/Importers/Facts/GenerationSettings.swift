import JSON
import Packs

/// What `generation_config.json` says about sampling, as a pack carries it.
///
/// The file is read as `transformers` reads it. With `do_sample: false` the most likely token is always taken. With
/// `do_sample: true`, settings that are absent have the library's defaults (temperature 1, `top_k` 50, `top_p` 1), because
/// the library writes only what differs from them. A file without any of these leaves sampling to the daemon. A file with
/// sampling settings but without `do_sample` samples: other engines read it so, while `transformers` would ignore them.
struct GenerationSettings {
  private(set) var defaults = GenerationDefaults()
  /// Sentences for whoever imports the model.
  private(set) var notes: [String] = []

  init(_ settings: Settings) throws {
    try readSampling(settings)
    if settings["max_new_tokens"] != nil {
      defaults.maxTokens = try settings.integer("max_new_tokens", in: GenerationDefaults.Allowed.maxTokens)
    }
    defaults.stop = try Self.stopTexts(settings)
    try defaults.validate()
    noteUnread(settings)
  }

  private mutating func readSampling(_ settings: Settings) throws {
    typealias Allowed = GenerationDefaults.Allowed
    func number(_ key: String, _ range: ClosedRange<Double>, or usual: Double) throws -> Double {
      try settings.number(key, in: range, or: usual)
    }
    if settings["repetition_penalty"] != nil {
      defaults.repetitionPenalty = try number("repetition_penalty", Allowed.repetitionPenalty, or: 1)
    }
    let isAsked = try settings.flag("do_sample", or: false)
    let isStated = Self.sampling.contains { settings.values[$0] != nil }
    guard settings["do_sample"] != nil || isStated else { return }
    let isGreedy = settings["do_sample"] != nil && !isAsked
    defaults.temperature = try number("temperature", Allowed.temperature, or: 1)
    if isGreedy { defaults.temperature = 0 }
    defaults.topK = try Self.topK(settings)
    defaults.topP = try number("top_p", Allowed.probability, or: 1)
    defaults.minP = try number("min_p", Allowed.probability, or: 0)
    if settings["do_sample"] == nil {
      notes.append("\(settings.file): 'do_sample' is not there; its sampling settings are taken to be meant")
    }
  }

  private static let sampling = ["temperature", "top_k", "top_p", "min_p"]

  /// 50 where the key is absent. Null, 0 and −1, which some files have, keep every token.
  private static func topK(_ settings: Settings) throws -> Int {
    guard let value = settings.values["top_k"] else { return 50 }
    if value == .null || value.integer == -1 { return 0 }
    return try settings.integer("top_k", in: GenerationDefaults.Allowed.topK)
  }

  private static func stopTexts(_ settings: Settings) throws -> [String]? {
    if let text = settings["stop_strings"]?.text { return [text] }
    return try settings.texts("stop_strings")
  }

  // MARK: What is left out

  private mutating func noteUnread(_ settings: Settings) {
    for (key, value) in settings.values.sorted(by: { $0.key < $1.key }) where !Self.known.contains(key) {
      guard !Self.changesNothing(value, neutral: Self.notImplemented[key] ?? nil) else { continue }
      defaults.leftOut = (defaults.leftOut ?? []) + [key]
      let shown =
        value.elements == nil && value.members == nil
        ? String(decoding: value.encoded(), as: UTF8.self) : "set"
      notes.append(
        "\(settings.file): '\(key)' is \(shown), which is not implemented and left out")
    }
  }

  /// Whether a setting is off: absent, null, false, or the number that switches this setting off.
  private static func changesNothing(_ value: JSONValue, neutral: Double?) -> Bool {
    if value == .null || value.bool == false { return true }
    if value.elements?.isEmpty == true || value.members?.isEmpty == true { return true }
    return neutral != nil && value.number == neutral
  }

  /// Settings that are not implemented and change which tokens come, each with the number that switches it off.
  private static let notImplemented: [String: Double?] = [
    "diversity_penalty": 0, "encoder_no_repeat_ngram_size": 0, "encoder_repetition_penalty": 1,
    "epsilon_cutoff": 0, "eta_cutoff": 0, "frequency_penalty": 0, "guidance_scale": 1, "max_length": 20,
    "min_length": 0, "min_new_tokens": 0, "no_repeat_ngram_size": 0, "num_beam_groups": 1, "num_beams": 1,
    "num_return_sequences": 1, "penalty_alpha": 0, "presence_penalty": 0, "typical_p": 1,
  ]

  /// Settings that are read, here or to find begin and end tokens, and those that change speed or output format alone.
  private static let known: Set<String> = [
    "do_sample", "temperature", "top_k", "top_p", "min_p", "repetition_penalty", "max_new_tokens",
    "stop_strings",
    "bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id",
    "_from_model_config", "transformers_version", "use_model_defaults",
    "use_cache", "cache_implementation", "cache_config", "return_legacy_cache", "prefill_chunk_size",
    "low_memory",
    "compile_config", "disable_compile", "prompt_lookup_num_tokens", "max_matching_ngram_size",
    "is_assistant",
    "num_assistant_tokens", "num_assistant_tokens_schedule", "assistant_confidence_threshold",
    "assistant_early_exit", "assistant_lookbehind", "target_lookbehind",
    "output_attentions", "output_hidden_states", "output_scores", "output_logits", "return_dict_in_generate",
    // They matter to beams alone, which are named themselves.
    "early_stopping", "length_penalty",
    "max_time", "chat_format", "max_window_size",
  ]
}
