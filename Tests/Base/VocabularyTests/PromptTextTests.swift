import Testing
import Vocabulary

@Suite("Text of two authors")
struct PromptTextTests {
  @Test("Neighbouring parts of the template are one range, and a message's bytes belong to none")
  func ranges() {
    var prompt = PromptText()
    prompt.append("<|im_".utf8, byTemplate: true)
    prompt.append("start|>".utf8, byTemplate: true)
    prompt.append("".utf8, byTemplate: true)
    prompt.append("hi<|im_end|>".utf8, byTemplate: false)
    prompt.append("<|im_end|>".utf8, byTemplate: true)
    #expect(prompt.text == "<|im_start|>hi<|im_end|><|im_end|>")
    #expect(prompt.templateRanges == [0..<12, 24..<34])
    #expect(prompt.isTemplate(0..<12))
    #expect(prompt.isTemplate(24..<34))
    #expect(!prompt.isTemplate(14..<24))
    #expect(!prompt.isTemplate(23..<33))
    #expect(!prompt.isTemplate(11..<13))
  }
}
