extension ImportCommand {
  static let help = CommandHelp(
    verb: "import", operands: "DIR|FILE [OPTIONS]",
    summary: "make a pack of a model: import, calibrate, quantize, measure",
    options: [
      .init("--output", short: "-o", "FILE", "the pack to write (NAME.qpack in this folder)"),
      .init("--recipe", "RECIPE", "w8a8 (8-bit weights, the default) or w4a8 (4-bit weights)"),
      .init("--name", "NAME", "the model's name (from the source's name)"),
      .init("--calibration", "DATA", "images or a text to calibrate on, or none"),
      .init("--eval", "DATA", "images or a text to measure on, or none"),
      .init("--attention", "SCHEME", "the attention that layers try first, such as q8k5v4t-log64"),
      .init("--gate", "E", "relative attention error above which a layer falls back to 8 bits (0.15)"),
      .init("--draft-head", "yes|no", "a 4-bit draft of a language model's head"),
      .init("--transforms", "LIST", "changes of a language model before rounding, or none (all)"),
      .init("--rounding", "HOW", "nearest or hessian (hessian where there is calibration data)"),
      .init("--threads", "N", "threads (all cores that this process may use)"),
      .init("--quiet", short: "-q", nil, "no progress"),
    ],
    details: """
        Reads a Hugging Face folder (config.json, safetensors, tokenizer.json), timm's ViT names among them, a
        GGUF file (any part of a split one), or a llama2.c .bin.

        A language model is calibrated on a built-in text and on what it writes itself, and measured beside float32
        on another text, unless --calibration and --eval name data of your own: plain text in UTF-8. A ViT needs
        images to calibrate on, and is not measured without --eval: CIFAR binary, idx, or a folder of class folders
        with PNM files. Use data for --eval that calibration did not see.

        SCHEME: any of q8|q4, k8|k4, v8|v4 and log2|sqrt2|log64|u8; the default is q8k5v4t-log64 for language models
        and q8k8v8-log64 for ViTs. In language models k and v may also have 2, 3 or 5 bits, and a t behind those of v
        gives each token's values a scale of their own (log64 alone): q8k5v4t-log64.
        LIST: fold-norms,rotate-stream,rotate-values,smooth-down,mix-down; qpack(1) says what each does.
        w4a8 models of 8,192 tokens or more have a draft head unless told otherwise.
      """)
}
