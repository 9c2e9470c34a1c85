"""Fixtures of CLIP's tokenizer: what transformers makes of texts, with a small vocabulary and many kinds of folders.

With arguments, writes cases for a vocabulary of your own, which CLIPTokenizerTests reads from the file that the
variable TOKENIZER_CASES names:

    python generate_tokenizers.py FOLDER COUNT OUTPUT
"""

import collections
import json
import pathlib
import random
import sys
import tempfile

from transformers import CLIPTokenizer

START, END, SUFFIX = "<|startoftext|>", "<|endoftext|>", "</w>"
WORDS = """a the photo of picture painting cat cats dog happy angry grinning face red heart pizza apple blue sky
it's don't we're i've i'm she'll he'd naïve café über straße 2024 100 3d 你好 猫 こんにちは привет кот 😀 ❤️""".split()
PIECES = [
    "'s 't 're 've 'm 'll 'd 'S 'LL".split(),
    [START, END, END.upper(), "<|StartOfText|>", "<|end", "|>", "!", "!!", "<cat>", "<CAT>", "zzz", "zz"],
    [" ", "  ", "\t", "\n", "\u3000", "\u00a0", "\u200b", "\u2028", "\u0085", "\u001c"],
    "é,e\u0301,Å,A\u030a,ﬁ,İ,ẞ,Σ,ΟΔΟΣ,ǅ,각,\u1100\u1161\u11a8,\u0344,\u2126,\u034b\u0f75,\u0f73,\u1e9b\u0323".split(","),
    "😀,👩\u200d👩\u200d👧,🏳️\u200d🌈,❤️,👍🏽,🇩🇪,\U0001fae9,\U0001e5d0".split(","),
]


def alphabet():
    """The characters that stand for the bytes: printable ones for themselves, the others moved to 256 and above."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    moved = (value for value in range(0x100, 0x200))
    return [chr(byte) if byte in printable else chr(next(moved)) for byte in range(256)]


def vocabulary(merge_count=180):
    """Byte-pair encoding learnt from WORDS."""
    table = alphabet()
    tokens = table + [symbol + SUFFIX for symbol in table]
    words = [[table[byte] for byte in word.encode()] for word in WORDS]
    words = [word[:-1] + [word[-1] + SUFFIX] for word in words]
    merges = []
    while len(merges) < merge_count:
        pairs = collections.Counter(pair for word in words for pair in zip(word, word[1:]))
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for word in words:
            place = 0
            while place + 1 < len(word):
                if (word[place], word[place + 1]) == best:
                    word[place:place + 2] = ["".join(best)]
                place += 1
    # Two pairs may make the same token.
    tokens = list(dict.fromkeys(tokens + ["".join(pair) for pair in merges])) + [START, END]
    return {token: number for number, token in enumerate(tokens)}, merges


def scalar(rng, last=0x110000):
    while True:
        value = rng.randrange(last)
        if not 0xD800 <= value <= 0xDFFF:
            return chr(value)


def text(rng, words):
    def piece():
        kind = rng.randrange(12)
        if kind < len(PIECES):
            return rng.choice(PIECES[kind])
        if kind == 5:
            return scalar(rng)
        if kind == 6:
            return scalar(rng, 128)
        if kind == 7:
            return scalar(rng, 0x3000)
        if kind == 8:
            return chr(rng.randrange(0x300, 0x370)) + chr(rng.randrange(0x300, 0x370))
        if kind == 9:
            return str(rng.randrange(100000))
        return rng.choice(words) + rng.choice(["", " ", " ", ", "])

    return "".join(piece() for _ in range(rng.randrange(1, 25)))


def fixed_texts():
    long = ["a" * 1000, "ab " * 500, "e\u0301" * 300, "\u034b\u0f75" * 40, END * 20]
    return ["", "a", " ", "\0", "\x1b[2J", "grinning face", "A Photo of a Cat", *WORDS, *long]


def case(tokenizer, string):
    length = tokenizer.model_max_length
    padded = tokenizer(string, padding="max_length", max_length=length, truncation=True)
    whole = tokenizer(string, add_special_tokens=False, truncation=False, padding=False)["input_ids"]
    return {
        "text": string, "ids": padded["input_ids"], "count": sum(padded["attention_mask"]),
        "dropped": whole[length - 2:],
    }


def load(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            pathlib.Path(folder, name).write_text(content, encoding="utf-8")
        return CLIPTokenizer.from_pretrained(folder)


def token(rng, content, mark, special=None):
    """A token as tokenizer_config.json (mark) and the other files have it."""
    if mark is not None and rng.random() < 0.4:
        return content
    options = {"content": content, "lstrip": rng.random() < 0.2, "rstrip": rng.random() < 0.2,
               "single_word": rng.random() < 0.2}
    if rng.random() < 0.8:
        options["normalized"] = rng.random() < 0.5
    if mark:
        options["__type"] = "AddedToken"
    if special is not None:
        options["special"] = special
    return options


def random_folder(rng):
    config = {"model_max_length": rng.choice([8, 12, 12.0, 16, 1000000000000000019884624838656])}
    contents = [END, END, START, "!", "cat", "zzz", "zz", "<cat>", "<Dog>"]
    roles = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": rng.choice([END, "!"]),
             "mask_token": "<Dog>", "cls_token": "zz", "foo_token": "<foo>"}
    roles = {role: content for role, content in roles.items() if rng.random() < 0.5}
    for role, content in roles.items():
        # Only plain texts name tokens under other keys.
        config[role] = content if role == "foo_token" else token(rng, content, True)
    if rng.random() < 0.3:
        config["additional_special_tokens"] = ["<cat>", token(rng, "zzz", True)]
    if rng.random() < 0.15:
        config["split_special_tokens"] = True
    files = {}
    if rng.random() < 0.3:
        chosen = rng.sample(sorted(set(contents)), rng.randrange(4))
        config["added_tokens_decoder"] = {
            str(rng.randrange(1000)): token(rng, content, None, rng.random() < 0.5) for content in chosen}
    if rng.random() < 0.5:
        files["special_tokens_map.json"] = {
            role: token(rng, content, False) for role, content in roles.items() if rng.random() < 0.6}
    if rng.random() < 0.3:
        files["added_tokens.json"] = {
            content: 900 + index for index, content in enumerate(rng.sample(["<cat>", "<Dog>", "zzz", END], 2))}
    if rng.random() < 0.4:
        added = [dict(token(rng, content, None, rng.random() < 0.5), id=700 + index)
                 for index, content in enumerate(rng.sample(sorted(set(contents)), rng.randrange(4)))]
        model = {"type": "BPE", "dropout": None, "unk_token": END, "continuing_subword_prefix": "",
                 "end_of_word_suffix": SUFFIX, "fuse_unk": False, "vocab": "@vocab",
                 "merges": rng.choice(["@pairs", "@lines"])}
        # The reference builds these again from its own code, whatever the file says.
        files["tokenizer.json"] = {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
            "normalizer": rng.choice([None, {"type": "Lowercase"}]), "pre_tokenizer": None, "post_processor": None,
            "decoder": None, "model": model}
    if rng.random() < 0.9:
        files["tokenizer_config.json"] = config
    return files


def written(files):
    """The files as text, with names for the parts of the vocabulary."""
    result = {name: json.dumps(content) for name, content in files.items()}
    if "tokenizer.json" not in files:
        result |= {"vocab.json": '"@vocab"', "merges.txt": '"@merges"'}
    return result


def completed(files, parts):
    """The files with the parts of the vocabulary in the place of their names."""
    for name, part in parts.items():
        files = {file: content.replace(f'"@{name}"', part) for file, content in files.items()}
    return files


def unicode_forms(parts):
    """Two tokens that are the same letters in two forms of Unicode, with numbers of their own."""
    tokens = {str(900 + index): {"content": content, "normalized": False, "special": index == 0}
              for index, content in enumerate(["<caf\u00e9>", "<cafe\u0301>", "<\u212b>", "<\u00c5>", "<A\u030a>"])}
    files = written({"tokenizer_config.json": {"model_max_length": 16, "added_tokens_decoder": tokens}})
    tokenizer = load(completed(files, parts))
    texts = ["a <caf\u00e9> <cafe\u0301>", "<cafe\u0301>", "<A\u030a><\u00c5> <\u212b>", "caf\u00e9 cafe\u0301"]
    return {"files": files, "cases": [case(tokenizer, string) for string in texts]}


def main(folder):
    rng = random.Random(13)
    vocab, merges = vocabulary()
    lines = [" ".join(pair) for pair in merges]
    parts = {"vocab": json.dumps(vocab), "pairs": json.dumps(merges), "lines": json.dumps(lines),
             "merges": "#version: 0.2\n" + "".join(line + "\n" for line in lines)}
    words = WORDS + [END, START]
    files = written({"tokenizer_config.json": {"model_max_length": 16}})
    strings = fixed_texts() + [text(rng, words) for _ in range(400)]
    strings += [f"x{chr(value)}y {chr(value)}" for value in range(0, 0x110000, 4999) if not 0xD800 <= value <= 0xDFFF]
    tokenizer = load(completed(files, parts))
    folders = [{"files": files, "cases": [case(tokenizer, string) for string in strings]}]
    for _ in range(120):
        files = written(random_folder(rng))
        tokenizer = load(completed(files, parts))
        # The text encoder takes 16 tokens.
        tokenizer.model_max_length = int(min(tokenizer.model_max_length, 16))
        texts = [f"a <cat>zzz {END}b {END.upper()}! zzzz <dog><foo>", "azz zz.<CAT> zzz", text(rng, words)]
        folders.append({"files": files, "cases": [case(tokenizer, string) for string in texts]})
    folders.append(unicode_forms(parts))
    output = folder / "tokenizers"
    output.mkdir(exist_ok=True)
    document = {"parts": parts, "folders": folders}
    (output / "clip.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 4:
        source, rng = CLIPTokenizer.from_pretrained(sys.argv[1]), random.Random(5)
        words = [word.replace(SUFFIX, "") for word in sorted(source.get_vocab())]
        strings = fixed_texts() + [text(rng, words) for _ in range(int(sys.argv[2]))]
        document = {"folder": sys.argv[1], "cases": [case(source, string) for string in strings]}
        pathlib.Path(sys.argv[3]).write_text(json.dumps(document))
    else:
        main(pathlib.Path(__file__).resolve().parent)
