import Packs
import TestSupport
import Testing

@testable import Importers

@Suite("An author's generation settings")
struct GenerationSettingsTests {
  private func read(_ json: String) throws -> GenerationSettings {
    try GenerationSettings(Settings(file: "generation_config.json", json: Array(json.utf8)))
  }

  @Test("that switch sampling off take the most likely token", arguments: ["", #", "temperature": 0.6"#])
  func greedy(more: String) throws {
    #expect(try read(#"{"do_sample": false\#(more)}"#).defaults.temperature == 0)
  }

  @Test("that switch it on mean the library's defaults where they are silent")
  func sampling() throws {
    #expect(
      try read(#"{"do_sample": true}"#).defaults
        == GenerationDefaults(temperature: 1, topK: 50, topP: 1, minP: 0))
    #expect(
      try read(#"{"do_sample": true, "temperature": 0.7, "top_p": 0.8, "top_k": 20, "min_p": 0.1}"#).defaults
        == GenerationDefaults(temperature: 0.7, topK: 20, topP: 0.8, minP: 0.1))
  }

  @Test("that say nothing of sampling leave it to the daemon")
  func silent() throws {
    let settings = try read(#"{"_from_model_config": true, "eos_token_id": 2, "max_new_tokens": 5}"#)
    #expect(settings.defaults == GenerationDefaults(maxTokens: 5) && settings.notes.isEmpty)
  }

  @Test("keep every token with a top_k of 0, −1 or null", arguments: ["0", "-1", "null"])
  func topK(value: String) throws {
    #expect(try read(#"{"do_sample": true, "top_k": \#(value)}"#).defaults.topK == 0)
  }

  @Test("carry the penalty and the texts that end an answer")
  func rest() throws {
    let settings = try read(#"{"repetition_penalty": 1.1, "stop_strings": ["END", "\n\n"]}"#)
    #expect(settings.defaults == GenerationDefaults(repetitionPenalty: 1.1, stop: ["END", "\n\n"]))
    #expect(try read(#"{"stop_strings": "END"}"#).defaults.stop == ["END"])
  }

  @Test(
    "that are not implemented are named, in a note and in the pack",
    arguments: [
      ("typical_p", "0.9"), ("num_beams", "4"), ("no_repeat_ngram_size", "3"), ("presence_penalty", "0.5"),
      ("suppress_tokens", "[1, 2]"), ("something_new", "true"), ("max_length", "4096"),
    ])
  func leftOut(key: String, value: String) throws {
    let settings = try read(#"{"\#(key)": \#(value)}"#)
    #expect(settings.defaults.leftOut == [key])
    #expect(settings.notes.count == 1 && settings.notes[0].contains("'\(key)'"))
  }

  @Test("that are off are not")
  func off() throws {
    let settings = try read(
      """
      {"typical_p": 1.0, "num_beams": 1, "suppress_tokens": null, "penalty_alpha": 0, "use_cache": true,
       "bad_words_ids": [], "something_new": false, "max_length": 20, "pad_token_id": 0}
      """)
    #expect(settings.defaults == GenerationDefaults() && settings.notes.isEmpty)
  }

  @Test(
    "outside of what a request may ask for are refused",
    arguments: [
      #"{"temperature": 9}"#, #"{"top_p": 1.5}"#, #"{"min_p": -1}"#, #"{"repetition_penalty": 0}"#,
      #"{"max_new_tokens": 0}"#, #"{"top_k": -2}"#, #"{"do_sample": "yes"}"#, #"{"stop_strings": [1]}"#,
    ])
  func refused(json: String) { #expect(throws: ImportError.self) { try read(json) } }

  @Test("with more stop texts than a request may have are refused before any work")
  func manyStops() {
    let texts = (0..<17).map { "\"\($0)\"" }.joined(separator: ", ")
    #expect(throws: PackError.self) { try read("{\"stop_strings\": [\(texts)]}") }
  }
}
