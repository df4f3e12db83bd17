#!/usr/bin/env python3
"""Writes Tests/Fixtures/TokenizerForms/forms.json: small tokenizers of many forms with what the `tokenizers` package makes of
seeded strings, ids and decoded text.

    pip install tokenizers==0.23.3
    make_tokenizer_forms.py [--strings 36] [--output FILE]

A form is a model and the other members of a tokenizer.json. A decoded text that equals its string is stored as null.
"""
import argparse
import json
import os
import random

import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

HERE = os.path.dirname(os.path.abspath(__file__))
TEXT = """
The daemon serves small models from one socket. It doesn't download anything, and it's quick: 1,024 tokens in 12.5 seconds.
They'll say we've asked; I'd answer that he's right. Über die Straße, naïve façade, Ελληνικά γράμματα, русский текст, 日本語の文字, 한국어.
for (int i = 0; i < 10; ++i) { sum += values[i] * 3.14; }   // indented    text\twith tabs
HTTPServer camelCase snake_case CONSTANT_NAME don't can't won't you're they've I'll she'd
एक हिन्दी वाक्य, עברית, العربية ٣٤٥, ไทย, tiếng Việt, ½ and ² and Ⅷ and ①.
"""
WORDS = TEXT.split()
BITS = (
    "'s|'S|'ſ|'t|'re|'LL|'ve| |  |   |\n|\r\n|\n\n|\t|.|,|!|...|?!|123|7|2024|1,000|12345678|٣٤|½|²|Ⅷ|é|e\u0301|naïve|ΑΣ|ς|İ|ß|ẞ|ﬁ|日本語|"
    "中文字|한국어|각|ท|हिन्दी|😀|👍🏽|👨\u200d👩\u200d👧|\u00a0|\u3000|\u200b|\u2028|\ufeff|_|-|—|«»|“”|@#$%|<|>|<s>|</s>|<unk>|<mask>|<x>|<y>|[CLS]|[SEP]|"
    "[UNK]|foo_bar|camelCase|HTTPServer|x=1;|//|▁|Ġ|##ing|ǅ|ﬀ|ﾊﾝ|ｆｕｌｌ|Å|\u212b|①|\x00|\x07|\x1b|\u212a|q\u0323\u0307|q\u0307\u0323|<0x0A>|add|Add|address"
).split("|") + ["|", "||"]


def strings(count, seed=1):
    r = random.Random(seed)
    result = ["", " ", "  a  b ", "\n", "Hello world", "<s> a</s>", "x<mask> y", "<mask>", "add add. addx <X> <x>y  <y> "]
    while len(result) < count:
        kind = len(result) % 5
        if kind == 0:
            s = " ".join(r.choices(WORDS, k=r.randint(1, 8)))
        elif kind == 1:
            s = "".join(r.choices(BITS, k=r.randint(1, 8)))
        elif kind == 2:
            s = "".join(r.choice([r.choice(WORDS), r.choice(BITS), " "]) for _ in range(r.randint(1, 10)))
        elif kind == 3:
            s = "".join(r.choices("ab \n1.'\u0301é", k=r.randint(1, 16)))
        else:
            s = ""
            for _ in range(r.randint(1, 8)):
                value = r.randrange(r.choice([0x80, 0x250, 0x800, 0x3000, 0xFFFF, 0x1FFFF]))
                # Scalars that Unicode has had for long, so that versions of its tables do not matter.
                char = chr(value)
                if tokenizers_know(char):
                    s += char
        result.append(s)
    return result[:count]


def tokenizers_know(char):
    import unicodedata

    return unicodedata.ucd_3_2_0.category(char) not in ("Cn", "Cs")


def trained_models():
    corpus = TEXT.split("\n") * 3
    result = {}

    def train(name, model, trainer, pre):
        tokenizer = Tokenizer(model)
        tokenizer.pre_tokenizer = pre
        tokenizer.train_from_iterator(corpus, trainer)
        result[name] = json.loads(tokenizer.to_str())["model"]

    alphabet = pre_tokenizers.ByteLevel.alphabet()
    train("bytes", models.BPE(), trainers.BpeTrainer(
        vocab_size=380, show_progress=False, initial_alphabet=sorted(alphabet)), pre_tokenizers.ByteLevel())
    train("scalars", models.BPE(unk_token="<unk>"), trainers.BpeTrainer(
        vocab_size=330, show_progress=False, special_tokens=["<unk>", "<s>", "</s>"]), pre_tokenizers.Metaspace())
    train("affixes", models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"), trainers.BpeTrainer(
        vocab_size=330, show_progress=False, special_tokens=["<unk>"], end_of_word_suffix="</w>"), pre_tokenizers.Whitespace())
    train("continued", models.BPE(unk_token="<unk>", continuing_subword_prefix="##"), trainers.BpeTrainer(
        vocab_size=330, show_progress=False, special_tokens=["<unk>"], continuing_subword_prefix="##"), pre_tokenizers.Whitespace())
    train("wordpiece", models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=20), trainers.WordPieceTrainer(
        vocab_size=330, show_progress=False, special_tokens=["[UNK]", "[CLS]", "[SEP]"]), pre_tokenizers.BertPreTokenizer())
    train("unigram", models.Unigram(), trainers.UnigramTrainer(
        vocab_size=330, show_progress=False, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>"), pre_tokenizers.Metaspace())
    # Byte fallback: 256 pieces more.
    fallback = json.loads(json.dumps(result["scalars"]))
    fallback["byte_fallback"] = True
    for byte in range(256):
        fallback["vocab"][f"<0x{byte:02X}>"] = len(fallback["vocab"])
    result["fallback"] = fallback
    odds = json.loads(json.dumps(result["unigram"]))
    odds["byte_fallback"] = True
    odds["vocab"] += [[f"<0x{byte:02X}>", -9.0] for byte in range(256)]
    result["odds"] = odds
    return result


def split(pattern, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def sequence(*steps, name="pretokenizers"):
    return {"type": "Sequence", name: list(steps)}


def byte_level(regex=True, space=False):
    return {"type": "ByteLevel", "add_prefix_space": space, "trim_offsets": True, "use_regex": regex}


def metaspace(scheme="always", split=True):
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split}


def added(id, content, special=False, **flags):
    base = dict(id=id, content=content, single_word=False, lstrip=False, rstrip=False, normalized=not special, special=special)
    return {**base, **flags}


CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
UPPER = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
PATTERNS = {
    "llama3": CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + TAIL,
    "qwen2": CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + TAIL,
    "gpt4": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    "gpt4o": UPPER + "*" + LOWER + "+" + CONTRACTIONS + "?|" + UPPER + "+" + LOWER + "*" + CONTRACTIONS
    + r"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "tekken": UPPER + "*" + LOWER + "+|" + UPPER + "+" + LOWER + r"*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "deepseek3": r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "bloom": r" ?[^(\s|[.,!?…。，、।۔،])]+",
    "thousands": r"\d{1,3}(?=(?:\d{3})*\b)",
    "superbpe": r"(?=(\d{3})+(?!\d))",
    "lazy": r"a.*?b|\w+?\b|\d+?3",
    "words": r"\w+|[^\w\s]+",
    "borders": r"\b",
    "notborder": r"\B",
    "behind": r"(?<=[a-z])(?=[A-Z])|(?<!\d)\d+",
    "lines": r"^\s*\S+|\S+$",
    "ends": r"\A\w|\w\z|.\Z",
    "posix": r"[[:punct:]]+|[[:digit:]]|[[:space:]&&[^\n]]+",
    "classes": r"[a-z&&[^aeiou]]+|[^\x00-\x7f]+|[\u0041-\u005A]{2,}|\h+",
    "folded": r"(?i)[a-k]+|(?i:é|Å|Ω)",
    "marks": r"\p{Han}+|\p{Hiragana}|\p{Mn}|\p{Sc}|\P{L}{2}|\p{^L}",
    "nested": r"(?:(?:ab?)+|(?:\s\d)*1)+|(a|b)*c",
    "dotall": r"(?m:a.b)|(?x: a \s b (?# comment) )|.{3}",
    "empty": r"x*",
}


def forms():
    ends = [added(380, "<s>", True), added(381, "</s>", True)]
    bytes_ = dict(model="bytes", decoder=byte_level(), added_tokens=ends)

    def byte(name, pre, **more):
        return {**bytes_, "name": name, "pre_tokenizer": pre, **more}

    yield byte("gpt2", byte_level())
    yield byte("gpt2 with a space", byte_level(space=True))
    yield byte("bytes uncut", byte_level(regex=False))
    yield byte("digits, bytes", sequence({"type": "Digits", "individual_digits": True}, byte_level()))
    yield byte("digit runs, bytes", sequence({"type": "Digits", "individual_digits": False}, byte_level()))
    yield byte("falcon", sequence(
        {"type": "Punctuation", "behavior": "Contiguous"}, byte_level(), {"type": "Digits", "individual_digits": False},
        split("[0-9][0-9][0-9]")))
    yield byte("bytes in the normalizer", split(PATTERNS["words"]), normalizer={"type": "ByteLevel"})
    yield byte("deepseek", sequence(
        split("[\r\n]"), split(r"\s?\p{L}+"), split(r"\s?\p{P}+"), split("[一-龥ࠀ-一가-퟿]+"),
        {"type": "Digits", "individual_digits": True}, byte_level(regex=False)))
    for name, pattern in PATTERNS.items():
        yield byte(f"pattern {name}", sequence(split(pattern), byte_level(regex=False)))
    for behavior in ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]:
        for invert in [False, True]:
            yield byte(f"{behavior}, inverted {invert}", sequence(split(r"\d|\s|'s", behavior, invert), byte_level(regex=False)))
        yield byte(f"literal, {behavior}", sequence(split("a", behavior, False, "String"), byte_level(regex=False)))
        yield byte(f"punctuation {behavior}", sequence({"type": "Punctuation", "behavior": behavior}, byte_level(regex=False)))
    for name in ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents"]:
        yield byte(f"normalizer {name}", byte_level(), normalizer={"type": name})
    yield byte("normalizers in a row", byte_level(), normalizer=sequence(
        {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, {"type": "Strip", "strip_left": True, "strip_right": False},
        {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
        {"type": "Replace", "pattern": {"String": "a"}, "content": "bb"}, {"type": "Prepend", "prepend": "¿"}, name="normalizers"))
    yield byte("strip", byte_level(), normalizer={"type": "Strip", "strip_left": True, "strip_right": True})
    yield byte("roberta", byte_level(space=True), post_processor={
        "type": "RobertaProcessing", "sep": ["</s>", 381], "cls": ["<s>", 380], "trim_offsets": True, "add_prefix_space": True})
    yield byte("added tokens", byte_level(), normalizer={"type": "Lowercase"}, added_tokens=[
        added(380, "<s>", True), added(381, "</s>", True, rstrip=True), added(382, "<mask>", True, lstrip=True),
        added(383, "add", single_word=True), added(384, "<X>", normalized=True), added(385, "<y>", lstrip=True, rstrip=True, normalized=False),
        added(386, "ADDRESS", normalized=True), added(387, "  ", normalized=False)])
    yield byte("whole words first", byte_level(), model_settings={"ignore_merges": True})

    specials = [added(0, "<unk>", True), added(1, "<s>", True), added(2, "</s>", True)]
    template = {
        "type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                                                 {"SpecialToken": {"id": "</s>", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}, "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}}
    llama = sequence({"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
                     {"type": "Strip", "content": " ", "start": 1, "stop": 0}, name="decoders")
    prepends = sequence({"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}, name="normalizers")
    meta = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    yield dict(name="llama", model="fallback", normalizer=prepends, decoder=llama, post_processor=template, added_tokens=specials)
    yield dict(name="llama, unknown fused", model="scalars", normalizer=prepends, decoder=llama, added_tokens=specials,
               model_settings={"fuse_unk": True})
    yield dict(name="gemma", model="fallback", normalizer={"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
               pre_tokenizer=split(" ", "MergedWithPrevious", False, "String"), decoder=sequence(
                   {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, name="decoders"),
               added_tokens=specials)
    for scheme in ["always", "first", "never"]:
        for cuts in [True, False]:
            yield dict(name=f"metaspace {scheme}, {cuts}", model="scalars", pre_tokenizer=metaspace(scheme, cuts),
                       decoder=metaspace(scheme, cuts), added_tokens=specials)
    yield dict(name="whitespace, null decoder", model="scalars", pre_tokenizer={"type": "Whitespace"}, added_tokens=specials)
    yield dict(name="whitespace split, metaspace", model="scalars", pre_tokenizer=sequence({"type": "WhitespaceSplit"}, metaspace()),
               decoder=meta, added_tokens=specials)
    yield dict(name="delimiter", model="scalars", pre_tokenizer={"type": "CharDelimiterSplit", "delimiter": "a"}, decoder={"type": "Fuse"},
               added_tokens=specials)
    yield dict(name="no steps", model="scalars", decoder={"type": "Strip", "content": "a", "start": 1, "stop": 0}, added_tokens=[
        added(0, "<unk>"), added(1, "<s>", True), added(330, "<new>", True), added(331, "é", single_word=True)])
    yield dict(name="suffixes", model="affixes", normalizer={"type": "NFC"}, pre_tokenizer={"type": "Whitespace"},
               decoder={"type": "BPEDecoder", "suffix": "</w>"}, added_tokens=[added(0, "<unk>", True)])
    yield dict(name="prefixes", model="continued", pre_tokenizer={"type": "Whitespace"},
               decoder={"type": "WordPiece", "prefix": "##", "cleanup": False}, added_tokens=[added(0, "<unk>", True)])
    bert = [added(0, "[UNK]", True), added(1, "[CLS]", True), added(2, "[SEP]", True)]
    processing = {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]}
    for name, flags in {
        "bert": dict(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True),
        "bert cased": dict(clean_text=True, handle_chinese_chars=False, strip_accents=None, lowercase=False),
        "bert accents": dict(clean_text=False, handle_chinese_chars=True, strip_accents=True, lowercase=False),
        "bert lower": dict(clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=True),
    }.items():
        yield dict(name=name, model="wordpiece", normalizer={"type": "BertNormalizer", **flags}, pre_tokenizer={"type": "BertPreTokenizer"},
                   decoder={"type": "WordPiece", "prefix": "##", "cleanup": True}, post_processor=processing, added_tokens=bert)
    for name, model in [("unigram", "unigram"), ("unigram with bytes", "odds")]:
        for cuts in [True, False]:
            yield dict(name=f"{name}, {cuts}", model=model, normalizer={"type": "NFKC"}, pre_tokenizer=metaspace("always", cuts),
                       decoder=sequence({"type": "ByteFallback"}, meta, name="decoders") if model == "odds" else meta,
                       post_processor=template, added_tokens=specials)


def file(form, models):
    members = ["normalizer", "pre_tokenizer", "post_processor", "decoder"]
    model = {**models[form["model"]], **form.get("model_settings", {})}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": form["added_tokens"],
            **{name: form.get(name) for name in members}, "model": model}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--strings", type=int, default=36)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", default=os.path.join(HERE, "TokenizerForms/forms.json"))
    options = parser.parse_args()
    assert tokenizers.__version__ == "0.23.3", tokenizers.__version__
    models, texts = trained_models(), strings(options.strings, options.seed)
    result = []
    for form in forms():
        reference = Tokenizer.from_str(json.dumps(file(form, models)))
        encodings = [reference.encode(text, add_special_tokens=False).ids for text in texts]
        decoded = [reference.decode(ids, skip_special_tokens=True) for ids in encodings]
        around = reference.encode("", add_special_tokens=True).ids
        result.append({**form, "around": around, "ids": encodings,
                       "texts": [None if a == b else a for a, b in zip(decoded, texts)]})
    os.makedirs(os.path.dirname(options.output), exist_ok=True)
    with open(options.output, "w") as output:
        lines = ",\n".join(json.dumps(form, ensure_ascii=True, separators=(",", ":")) for form in result)
        shared = json.dumps({"models": models, "strings": texts}, ensure_ascii=True, separators=(",", ":"))
        output.write(f'{shared[:-1]},"forms":[\n{lines}\n]}}\n')
    print(len(result), "forms,", os.path.getsize(options.output), "bytes")


if __name__ == "__main__":
    main()
