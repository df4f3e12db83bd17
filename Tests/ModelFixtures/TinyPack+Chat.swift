import Packs

extension TinyPack {
  /// The template of the ChatML form, with a thought in front of the answer where `enable_thinking` asks for it.
  package static let chatML = """
    {%- for message in messages -%}
    <|im_start|>{{ message.role }}
    {{ message.content }}<|im_end|>
    {% endfor -%}
    {%- if add_generation_prompt -%}
    <|im_start|>assistant
    {% if enable_thinking %}<think>
    {% endif -%}
    {%- endif -%}
    """

  /// Tokens 259 to 262.
  package static let chatTokens = ["<|im_start|>", "<|im_end|>", "<think>", "</think>"]

  /// The decoder over bytes as a model that talks: `<|im_end|>` ends its turn, and thoughts have tokens of their own.
  package static func chat(seed: UInt64 = 1, template: String = chatML, context: Int = 1024) throws
    -> TinyPack
  {
    var pack = try llama(seed: seed, context: context, structure: chatTokens, ending: [260])
    try pack.set(PackSection.chatTemplate, template)
    return pack
  }
}
