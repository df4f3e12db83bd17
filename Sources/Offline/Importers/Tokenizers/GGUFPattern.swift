import Tokenizers

/// How the name in `tokenizer.ggml.pre` cuts words, as llama.cpp knows it.
///
/// llama.cpp spells some patterns otherwise than the files that models come with, because its matcher lacks classes and
/// letter case; here stands what the models' own files say.
struct GGUFPattern {
  let steps: [SplitStep]
  /// Whether a word that is a piece stays whole.
  let prefersWholeWords: Bool
  /// Whether the begin token goes in front where the file does not say.
  let addsBeginToken: Bool

  /// - Parameter name: Empty where a file names none.
  /// - Throws: Where the name is unknown.
  init(_ name: String) throws(TokenizerImportError) {
    guard let rule = Self.rules[name.isEmpty ? "default" : name] else {
      throw .unsupported(
        field: "tokenizer.ggml.pre", found: "\"\(name)\"",
        supported: Self.rules.keys.sorted().joined(separator: ", "))
    }
    steps = rule.expressions.map {
      .split(pattern: .expression(text: $0), behavior: .isolated, inverted: false)
    }
    prefersWholeWords = rule.prefersWholeWords
    addsBeginToken = rule.addsBeginToken
  }

  /// What a group of names has in common.
  private struct Rule {
    let names: [String]
    let expressions: [String]
    var prefersWholeWords = false
    var addsBeginToken = false
  }

  private static let rules: [String: Rule] = {
    var rules: [String: Rule] = [:]
    for rule in groups { for name in rule.names { rules[name] = rule } }
    return rules
  }()

  private static let groups: [Rule] = [
    Rule(
      names: [
        "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
      ],
      expressions: [llama3], prefersWholeWords: true, addsBeginToken: true),
    Rule(names: ["dbrx", "smaug-bpe", "chatglm-bpe", "glm4"], expressions: [llama3]),
    Rule(
      names: [
        "qwen2", "deepseek-r1-qwen", "stablelm2", "megrez", "kormo", "hunyuan", "grok-2", "solar-open",
      ],
      expressions: [qwen2]),
    Rule(
      names: [
        "gpt-2", "phi-2", "jina-es", "jina-de", "jina-v1-en", "jina-v2-es", "jina-v2-de", "jina-v2-code",
        "gigachat", "roberta-bpe", "a.x-4.0", "mellum", "modern-bert", "mpt", "olmo", "jais", "trillion",
        "granite-docling", "exaone4",
      ],
      expressions: [gpt2]),
    Rule(
      names: [
        "starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b",
      ],
      expressions: [#"\p{N}"#, gpt2]),
    Rule(names: ["falcon"], expressions: [#"[\p{P}$+<=>^~|`]+"#, gpt2, "[0-9][0-9][0-9]"]),
    Rule(names: ["default"], expressions: [#"[\p{P}$+<=>^~|]+"#, gpt2, #"\p{N}+"#, "[0-9][0-9][0-9]"]),
    Rule(
      names: ["deepseek-llm"],
      expressions: [
        #"[\r\n]"#, #"\s?[A-Za-z\#(casedLetters)]+"#,
        #"\s?[!-/:-~\x{ff01}-\x{ff0f}\x{ff1a}-\x{ff5e}\x{2018}-\x{201f}\x{3000}-\x{3002}]+"#, #"\s+$"#,
        ideographs, #"\p{N}+"#,
      ]),
    Rule(
      names: ["deepseek-coder"],
      expressions: [#"[\r\n]"#, #"\s?\p{L}+"#, #"\s?\p{P}+"#, ideographs, #"\p{N}"#]),
    Rule(
      names: ["deepseek-v3", "hunyuan-dense", "joyai-llm"],
      expressions: [
        #"\p{N}{1,3}"#, #"[\x{4e00}-\x{9fa5}\x{3040}-\x{309f}\x{30a0}-\x{30ff}]+"#,
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"##
          + #"| ?[\p{P}\p{S}]+[\r\n]*"# + spaces,
      ]),
    Rule(names: ["poro-chat", "bloom", "gpt3-finnish"], expressions: [bloom]),
    Rule(names: ["viking"], expressions: [bloom, #"\p{N}"#]),
    Rule(
      names: ["tekken"],
      expressions: [#"\#(upper)*\#(lower)+|\#(upper)+\#(lower)*|\p{N}\#(marks)"#],
      prefersWholeWords: true, addsBeginToken: true),
    Rule(
      names: ["gpt-4o", "llama4", "kanana2", "minimax-m2"],
      expressions: [
        upper + "*" + lower + "+" + contractions + "?|" + upper + "+" + lower + "*" + contractions
          + #"?|\p{N}{1,3}"# + marks
      ]),
    Rule(
      names: ["chameleon"],
      expressions: [
        "<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", #"([\t\n]|    |  )"#, #"\p{N}"#,
        #"[\p{P}!-/:-@\[-`{-~]"#, gpt2,
      ], addsBeginToken: true),
    Rule(names: ["superbpe"], expressions: [#"\p{N}+"#, #"(?=(\d{3})+(?!\d))"#]),
    Rule(
      names: ["bailingmoe", "bailingmoe2", "llada-moe"],
      expressions: [
        #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*"#
          + #"|\s*[\r\n]|\s+(?!\S)|\s+"#
      ]),
    Rule(
      names: ["seed-coder"],
      expressions: [
        contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}\r\n]+"# + spaces
      ]),
    Rule(
      names: ["kimi-k2"],
      expressions: [
        #"\p{Han}+|\#(notHan(upper))*\#(notHan(lower))+\#(contractions)?"#
          + #"|\#(notHan(upper))+\#(notHan(lower))*\#(contractions)?|\p{N}{1,3}"#
          + #"| ?[^\s\p{L}\p{N}]+[\r\n]*"# + spaces
      ]),
  ]

  private static let gpt2 = TokenizerModel.WordSplit.gpt2.pattern ?? ""
  private static let llama3 = TokenizerModel.WordSplit.llama3.pattern ?? ""
  private static let qwen2 = TokenizerModel.WordSplit.singleDigits.pattern ?? ""
  private static let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
  private static let upper = #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
  private static let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
  private static let spaces = #"|\s*[\r\n]+|\s+(?!\S)|\s+"#
  private static let marks = #"| ?[^\s\p{L}\p{N}]+[\r\n/]*"# + spaces
  private static let ideographs = #"[\x{4e00}-\x{9fa5}\x{800}-\x{4e00}\x{ac00}-\x{d7ff}]+"#
  private static let bloom =
    #" ?[^(\s|.,!?\x{2026}\x{3002}\x{ff0c}\x{3001}\x{964}\x{6d4}\x{60c})]+"#

  /// The last class of `expression` without ideographs.
  private static func notHan(_ expression: String) -> String {
    expression.dropLast() + #"&&[^\p{Han}]]"#
  }

  /// Letters with two cases, as DeepSeek's first file lists them.
  private static let casedLetters = #"""
    \x{b5}\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{1ba}\x{1bc}-\x{1bf}\x{1c4}-\x{293}\x{295}-\x{2af}\#
    \x{370}-\x{373}\x{376}\x{377}\x{37b}-\x{37d}\x{37f}\x{386}\x{388}-\x{38a}\x{38c}\x{38e}-\x{3a1}\#
    \x{3a3}-\x{3f5}\x{3f7}-\x{481}\x{48a}-\x{52f}\x{531}-\x{556}\x{10a0}-\x{10c5}\x{13a0}-\x{13f5}\#
    \x{13f8}-\x{13fd}\x{1c90}-\x{1cba}\x{1cbd}-\x{1cbf}\x{1d00}-\x{1d2b}\x{1d6b}-\x{1d77}\#
    \x{1d79}-\x{1d9a}\x{1e00}-\x{1f15}\x{1f18}-\x{1f1d}\x{1f20}-\x{1f45}\x{1f48}-\x{1f4d}\#
    \x{1f50}-\x{1f57}\x{1f59}\x{1f5b}\x{1f5d}\x{1f5f}-\x{1f7d}\x{1f80}-\x{1fb4}\x{1fb6}-\x{1fbc}\#
    \x{1fbe}\x{1fc2}-\x{1fc4}\x{1fc6}-\x{1fcc}\x{1fd0}-\x{1fd3}\x{1fd6}-\x{1fdb}\x{1fe0}-\x{1fec}\#
    \x{1ff2}-\x{1ff4}\x{1ff6}-\x{1ffc}\x{2102}\x{2107}\x{210a}-\x{2113}\x{2115}\x{2119}-\x{211d}\#
    \x{2124}\x{2126}\x{2128}\x{212a}-\x{212d}\x{212f}-\x{2134}\x{2139}\x{213c}-\x{213f}\#
    \x{2145}-\x{2149}\x{214e}\x{2183}\x{2184}\x{2c00}-\x{2c7b}\x{2c7e}-\x{2ce4}\x{2ceb}-\x{2cee}\#
    \x{2cf2}\x{2cf3}\x{a640}-\x{a66d}\x{a680}-\x{a69b}\x{a722}-\x{a76f}\x{a771}-\x{a787}\#
    \x{a78b}-\x{a78e}\x{ab70}-\x{abbf}\x{fb00}-\x{fb06}\x{fb13}-\x{fb17}\x{ff21}-\x{ff3a}\#
    \x{ff41}-\x{ff5a}\x{10400}-\x{1044f}\x{104b0}-\x{104d3}\x{104d8}-\x{104fb}\x{10c80}-\x{10cb2}\#
    \x{10cc0}-\x{10cf2}\x{118a0}-\x{118df}\x{1e900}-\x{1e943}
    """#
}
