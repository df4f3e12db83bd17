import Engine
import ModelFixtures
import Models
import Scheduling
import TestSupport
import Testing
import Tokenizers
import Vocabulary

@Suite("Generation")
struct GenerationTests {
  private static let warm = SamplingOptions(temperature: 1.5, topK: 0, topP: 1, seed: 42)

  @Test("with the same seed twice gives the same tokens, with another seed others")
  func seeds() async throws {
    let bench = try await EngineBench(TinyPack.llama().open())
    let first = bench.generate([257, 5, 6], sampling: Self.warm)
    let second = bench.generate([257, 5, 6], sampling: Self.warm)
    var other = Self.warm
    other.seed = 43
    let third = bench.generate([257, 5, 6], sampling: other)
    let tokens = await [first.transcript().tokens, second.transcript().tokens, third.transcript().tokens]
    #expect(!tokens[0].isEmpty && tokens[0] == tokens[1] && tokens[0] != tokens[2])
    await bench.stop()
  }

  @Test("gives the same tokens alone and among eight others, for every number of threads", arguments: [1, 2])
  func company(threads: Int) async throws {
    let pack = try TinyPack.llama().open()
    let prompts = (0..<9).map { (index: Int32) -> [TokenID] in
      let body = (0..<3 + 9 * index).map { TokenID(($0 * 7 + index) % 256) }
      return [257] + body
    }
    var alone: [[TokenID]] = []
    for prompt in prompts {
      let bench = try await EngineBench(pack)
      alone.append(await bench.generate(prompt, maxTokens: 30, sampling: Self.warm).transcript().tokens)
      await bench.stop()
    }
    let bench = try await EngineBench(pack, threads: threads)
    let jobs = prompts.map { bench.generate($0, maxTokens: 30, sampling: Self.warm) }
    for (index, job) in jobs.enumerated() {
      #expect(await job.transcript().tokens == alone[index], "prompt \(index)")
    }
    await bench.stop()
  }

  @Test("gives the same tokens where blocks are scarce and requests wait or start again")
  func scarcity() async throws {
    let pack = try TinyPack.llama().open()
    let greedy = SamplingOptions(temperature: 0, seed: 1)
    let roomy = try await EngineBench(pack)
    let expected = await roomy.generate([257, 9], maxTokens: 100, sampling: greedy).transcript().tokens
    await roomy.stop()
    #expect(expected.count > 64, "long enough to need a second block")
    // Three blocks for four requests that come to two each.
    let bytes = 3 * DecoderModel.cacheBytesPerBlock(TinyPack.llamaConfiguration, pack.scheme)
    let tight = try await EngineBench(
      pack, limits: .init(imageBatch: 1, sequences: 4, cacheBytes: bytes))
    let jobs = (0..<4).map { _ in tight.generate([257, 9], maxTokens: 100, sampling: greedy) }
    for job in jobs { #expect(await job.transcript().tokens == expected) }
    await tight.stop()
  }

  @Test("finds a prompt's full pages in the cache and continues it with the same tokens")
  func prefix() async throws {
    let bench = try await EngineBench(TinyPack.llama().open())
    let prompt: [TokenID] = [257] + stride(from: 0, to: 240, by: 3).map { TokenID($0) }
    let first = await bench.generate(prompt).transcript()
    let second = await bench.generate(prompt).transcript()
    #expect(first.tokens == second.tokens)
    #expect(first.summary?.usage.cachedTokens == 0 && second.summary?.usage.cachedTokens == 64)
    await bench.stop()
  }

  @Test("sends whole characters only, and loses none")
  func characters() async throws {
    let pack = try TinyPack.llama().open()
    let tokenizer = try #require(pack.tokenizer)
    let bench = try await EngineBench(pack)
    for seed in UInt64(1)...5 {
      let sampling = SamplingOptions(temperature: 3, topK: 0, topP: 1, seed: seed)
      let transcript = await bench.generate([257, 1], maxTokens: 100, sampling: sampling).transcript()
      let all = tokenizer.decode(transcript.tokens)
      #expect(transcript.text == all)
      #expect(transcript.pieces.map(\.index) == Array(transcript.pieces.indices))
    }
    await bench.stop()
  }

  @Test("ends at the asked number of tokens, at an end token, or at a stop string")
  func ends() async throws {
    let bench = try await EngineBench(TinyPack.llama().open())
    let full = await bench.generate([257, 70, 71], maxTokens: 60, sampling: Self.warm).transcript()
    let reason: FinishReason = full.pieces.count == 60 ? .length : .stop
    #expect(full.reason == reason && full.summary?.usage.completionTokens == full.pieces.count)
    // A stop string from the middle of what this seed writes.
    let text = full.text
    let stop = String(text.dropFirst(4).prefix(3))
    let again = bench.generate([257, 70, 71], maxTokens: 60, sampling: Self.warm, stops: ["never", stop])
    let cut = await again.transcript()
    let end = try #require(text.firstRange(of: stop))
    #expect(cut.reason == .stop && cut.text == String(text[..<end.lowerBound]))
    await bench.stop()
  }

  @Test(
    "of stories260k tells a story", .enabled(if: SharedData.available, "needs ../shared/data"))
  func stories() async throws {
    let pack = try RealPacks.stories260k()
    let tokenizer = try #require(pack.tokenizer)
    let bench = try await EngineBench(pack, threads: 2)
    let prompt = tokenizer.encode(
      "Once upon a time, there was a little girl named Lily.", addBeginToken: true)
    let transcript = await bench.generate(prompt, maxTokens: 60).transcript()
    print("stories260k: \(transcript.text)")
    #expect(transcript.pieces.count == 60 && transcript.text.hasPrefix(" She"))
    await bench.stop()
  }
}
