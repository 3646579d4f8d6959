"""Text encodings against Terraform: every name, every byte, and what no byte stands for."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from reconciler.hcl.functions.charsets import CHARSETS, ELSEWHERE
from tests.hcl.generator import quote
from tests.hcl.oracle import Judge, judged, ours
from tests.support.terraform import needs_terraform

CHARACTERS = [
    *map(chr, range(0x20, 0x180)),
    *"\x7fƒˆ˜ΑЯאفก€™œ–—‘“•…‰日😀\ufffd\u0301",
    *map(chr, range(0x410, 0x450, 5)),
]
NO_NAMES = ("ascii", "utf8", "utf-32", "cp1252", "iso8859-1", "tis-620", "gb2312", "x-user-defined", "", "utf 8")


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    yield Judge(tmp_path_factory.mktemp("judge"))


def said(name: str, characters: list[str], octets: range) -> list[str]:
    texts = f"[{', '.join(map(quote, characters))}]"
    encoded = f"[{', '.join(quote(base64.b64encode(bytes([octet])).decode()) for octet in octets)}]"
    return [
        f'[for c in {texts} : try(textencodebase64(c, "{name}"), null)]',
        f'[for b in {encoded} : try(textdecodebase64(b, "{name}"), null)]',
    ]


@needs_terraform
def test_every_encoding_says_the_same(judge: Judge) -> None:
    one_name = {charset: name for name, charset in reversed(CHARSETS.items())}
    texts = [text for name in one_name.values() for text in said(name, CHARACTERS, range(256))]
    wrong = judged(texts, judge)
    assert len(texts) > 60 and not wrong, [text[-60:] for text, _, _ in wrong]


@needs_terraform
def test_every_name_is_of_the_same_encoding(judge: Judge) -> None:
    texts = [text for name in CHARSETS for text in said(name, CHARACTERS[70::23], range(120, 256, 15))]
    wrong = judged([*texts, *said(" Latin1\\t", CHARACTERS[:9], range(9))], judge)
    assert not wrong, [text[-60:] for text, _, _ in wrong]


@needs_terraform
def test_the_names_are_terraforms(judge: Judge) -> None:
    known = judge.ask([f'textencodebase64("a", "{name.upper()}")' for name in sorted({*CHARSETS, *ELSEWHERE})])
    assert not [answer for answer in known if answer.error]
    texts = [f'textencodebase64("a", {quote(name)})' for name in NO_NAMES]
    assert judged(texts, judge) == []
    assert all(answer.error and not answer.unavailable for answer in ours(texts))
