import JSON
import TestSupport
import Testing

@testable import Templates

@Suite("Golden chat templates")
struct GoldenTemplateTests {
  @Test(
    "public models' templates render as in Python",
    .enabled(if: SharedData.available, "needs shared data"), arguments: GoldenTemplate.all)
  func rendersAsPython(golden: GoldenTemplate) throws {
    let template = try ChatTemplate(golden.source)
    for goldenCase in golden.cases {
      let result = Result { () throws(TemplateError) in try template.render(goldenCase.input) }
      switch (result, goldenCase.expected) {
      case (.success(let text), let expected?):
        #expect(text.text == expected, "\(golden.name), \(goldenCase.name)")
      case (.failure, nil): break
      case (.failure(let error), _?):
        Issue.record("\(golden.name), \(goldenCase.name): \(error)")
      case (.success(let text), nil):
        Issue.record("\(golden.name), \(goldenCase.name): not refused: \(text.text)")
      }
    }
  }
}
