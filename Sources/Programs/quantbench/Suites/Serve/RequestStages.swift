import Architectures
import ImageProcessing
import Models
import WireProtocol

/// The time of a `classify` without the model, stage by stage, on one thread and with warm caches.
struct RequestStages {
  private let bench: Bench
  private let named: PackSource.Named
  private let images: ImageTraits

  init(_ bench: Bench, _ named: PackSource.Named, _ images: ImageTraits) {
    (self.bench, self.named, self.images) = (bench, named, images)
  }

  func run() throws {
    guard let recipe = named.pack.preprocessing else { return }
    for picture in TestPicture.usual(side: images.imageSize) {
      let request = Request(
        id: .integer(1), operation: .infer(.classify(ClassifyRequest(image: .bytes(picture.bytes)))))
      let line = request.encoded()
      let image = try PNM.decode(picture.bytes, maxPixels: 1 << 26)
      let size = images.inputSize
      add(picture, "client writes the line") { sink(request.encoded()) }
      add(picture, "read the line") { sink(try? Request(line: line)) }
      add(picture, "decode PNM") { sink(try? PNM.decode(picture.bytes, maxPixels: 1 << 26)) }
      add(picture, "resize and crop") { sink(try? preprocess(image, recipe, size: size)) }
    }
  }

  private func add(_ picture: TestPicture, _ stage: String, _ body: () -> Void) {
    let name = "\(named.name): \(picture.name), \(stage)"
    guard bench.wants(name) else { return }
    bench.duration(.serve, name, threads: 1, bench.time(body), unit: .microseconds)
  }
}
