import JSON

/// Keys of a config.json that no class here reads, by what they may say.
///
/// Everything else is refused by name: a key that a class of transformers or an author's own code would read, and that is
/// left out here, would give wrong answers without a word.
enum HuggingFaceKeys {
  /// Names, storage, speed, training, labels and generation: they change no logit.
  static let harmless = Set(identity + storage + training + tokens + generation)

  private static let identity = [
    "architectures", "model_type", "_name_or_path", "name_or_path", "_commit_hash", "transformers_version",
    "auto_map", "tokenizer_class", "transformers.js_config", "unsloth_fixed", "unsloth_version",
    "is_llama_config",
    "id2label", "label2id", "num_labels", "problem_type", "finetuning_task", "task_specific_params",
  ]

  private static let storage = [
    "dtype", "torch_dtype", "use_cache", "cache_implementation", "use_flash_attn", "attn_implementation",
    "_attn_implementation", "_attn_implementation_autoset", "_attn_implementation_internal",
    "_flash_attn_2_enabled", "experts_implementation", "_experts_implementation", "return_dict",
    "use_return_dict",
    "output_attentions", "output_hidden_states", "chunk_size_feed_forward", "torchscript", "use_bfloat16",
    "pretraining_tp", "max_sequence_length", "model_max_length", "seq_length",
  ]

  private static let training = [
    "initializer_range", "initializer_factor", "attention_dropout", "attn_pdrop", "embd_pdrop", "resid_pdrop",
    "hidden_dropout", "classifier_dropout", "dropout", "gradient_checkpointing", "tf_legacy_loss",
    "is_decoder",
  ]

  /// Which of them begin and end a text is settled with the tokenizer.
  private static let tokens = [
    "bos_token_id", "eos_token_id", "pad_token_id", "sep_token_id", "cls_token_id", "unk_token_id",
    "mask_token_id", "decoder_start_token_id", "prefix",
  ]

  /// transformers takes them out of the configuration; generation_config.json is where they count.
  private static let generation = [
    "assistant_confidence_threshold", "assistant_lookbehind", "bad_words_ids", "begin_suppress_tokens",
    "diversity_penalty", "do_sample", "early_stopping", "encoder_no_repeat_ngram_size",
    "encoder_repetition_penalty", "epsilon_cutoff", "eta_cutoff", "exponential_decay_length_penalty",
    "forced_bos_token_id", "forced_eos_token_id", "length_penalty", "max_length", "min_length",
    "no_repeat_ngram_size", "num_assistant_tokens", "num_assistant_tokens_schedule", "num_beam_groups",
    "num_beams", "num_return_sequences", "output_scores", "remove_invalid_values", "repetition_penalty",
    "return_dict_in_generate", "suppress_tokens", "target_lookbehind", "temperature", "top_k", "top_p",
    "typical_p",
  ]

  /// Settings of other classes, with the number that switches them off beside null, false and nothing.
  static let switches: [String: Double?] = [
    "attention_bias": nil, "mlp_bias": nil, "qkv_bias": nil, "lm_head_bias": nil, "use_bias": nil,
    "use_qk_norm": nil, "qk_layernorm": nil, "use_mrope": nil, "rope_interleaved": nil, "clip_qkv": nil,
    "use_sliding_window": nil, "sliding_window": nil, "use_bidirectional_attention": nil,
    "attn_logit_softcapping": nil, "final_logit_softcapping": nil, "add_cross_attention": nil,
    "is_encoder_decoder": nil, "tie_encoder_decoder": nil, "pruned_heads": nil, "use_parallel_residual": nil,
    "alibi": nil, "num_experts": 0, "num_local_experts": 0, "embedding_multiplier": 1,
    "residual_multiplier": 1, "logits_scaling": 1, "logit_scale": 1, "interpolate_factor": 1,
    "full_attn_mod": 1,
  ]

  /// Members of an object of rotary settings that some rule reads; transformers passes over those of other rules.
  static let rope = [
    "rope_type", "type", "rope_theta", "factor", "original_max_position_embeddings", "partial_rotary_factor",
    "low_freq_factor", "high_freq_factor", "beta_fast", "beta_slow", "mscale", "mscale_all_dim", "truncate",
    "attention_factor", "short_factor", "long_factor", "finetuned",
  ]
}

extension Settings {
  /// Refuses what nothing read and nothing knows.
  ///
  /// - Parameter harmless: Keys that this class passes over.
  func requireOnlyKnown(_ harmless: [String]) throws {
    for key in unasked where !HuggingFaceKeys.harmless.contains(key) && !harmless.contains(key) {
      let value = value(key)
      if let off = HuggingFaceKeys.switches[key], value.isOff || (off != nil && value.number == off) {
        continue
      }
      throw ImportError.unknownSetting(file: file, key: key, found: value.short)
    }
  }
}

extension JSONValue {
  /// Null, false or nothing.
  fileprivate var isOff: Bool {
    self == .null || bool == false || elements?.isEmpty == true || members?.isEmpty == true
  }

  /// A scalar as it is written, and what else it is.
  fileprivate var short: String {
    elements == nil && members == nil ? String(String(decoding: encoded(), as: UTF8.self).prefix(96)) : kind
  }
}
