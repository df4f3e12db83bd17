#!/usr/bin/env python3
"""Writes Sources/Formats/Tokenizers/Normalization/UnicodeFormsData.swift from Python's unicodedata (standard library only).

Entries stand in the order of scalars, each as

    <scalar - previous scalar, hex> <flag> <full decomposition, hex, joined by ",">

with the flag "=" for a canonical decomposition that NFC composes again, "!" for one that it does not, "~" for a compatibility
decomposition. Hangul syllables follow from arithmetic. Combining classes stand in runs: distance, length, class.
"""
import os
import sys
import unicodedata

HEAD = '''/// The decompositions and combining classes of Unicode {version}, written by Tests/Fixtures/make_unicode_forms.py, which says
/// how to read them.
enum UnicodeFormsData {{
'''


def scalars():
    for value in range(0x110000):
        if not (0xD800 <= value < 0xE000 or 0xAC00 <= value < 0xD7A4):
            yield value, chr(value)


def decompositions():
    previous = 0
    for value, char in scalars():
        canonical = unicodedata.normalize("NFD", char)
        compatible = unicodedata.normalize("NFKD", char)
        if canonical != char:
            flag = "=" if unicodedata.normalize("NFC", char) == char else "!"
            mapping = canonical
            yield f"{value - previous:X}{flag}" + ",".join(f"{ord(c):X}" for c in mapping)
            previous = value
        if compatible != canonical:
            yield f"{value - previous:X}~" + ",".join(f"{ord(c):X}" for c in compatible)
            previous = value


def classes():
    runs, previous = [], 0
    for value, char in scalars():
        cls = unicodedata.combining(char)
        if cls and runs and runs[-1][0] + runs[-1][1] == value and runs[-1][2] == cls:
            runs[-1][1] += 1
        elif cls:
            runs.append([value, 1, cls])
    for start, length, cls in runs:
        yield f"{start - previous:X},{length:X},{cls:X}"
        previous = start


def literal(name, comment, words):
    lines, line = [], ""
    for word in words:
        if len(line) + 1 + len(word) > 104:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    lines.append(line)
    body = "\n".join(f"    {line} \\" for line in lines[:-1]) + f"\n    {lines[-1]}"
    return f'  /// {comment}\n  static let {name}: StaticString = """\n{body}\n    """\n'


path = os.path.join(
    os.path.dirname(__file__), "../../Sources/Formats/Tokenizers/Normalization/UnicodeFormsData.swift")
with open(path, "w") as file:
    file.write(HEAD.format(version=unicodedata.unidata_version))
    file.write(literal("decompositions", "Scalars with what they decompose into.", decompositions()) + "\n")
    file.write(literal("classes", "Runs of scalars with a combining class other than 0.", classes()))
    file.write("}\n")
print(os.path.getsize(path), "bytes", file=sys.stderr)
