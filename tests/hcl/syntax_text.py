"""Text to try the syntax on: recorded cases, realistic files, seeded mutations, templates, and Terraform's verdicts."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.hcl.parse import parse_file

_CASES = Path(__file__).with_name("cases")


@dataclass(frozen=True)
class Case:
    name: str
    source: bytes
    accepted: bool
    line: int | None


def recorded() -> list[Case]:
    """Snippets and whether Terraform 1.11.4 accepts each."""
    return [
        Case(
            case["name"],
            case["source"].encode() if "source" in case else case["latin1"].encode("latin-1"),
            case["accepted"],
            case.get("line"),
        )
        for case in json.loads((_CASES / "syntax.json").read_text())["cases"]
    ]


def estate() -> str:
    """Code as people write it, in `terraform fmt`'s style."""
    return (_CASES / "estate.tf").read_text()


def blocks() -> list[str]:
    """The top-level items of `estate`, one by one."""
    text = estate()
    return [text[slice(*block.at[:2])] + "\n" for block in parse_file("estate.tf", text.encode()).blocks]


_TOKEN = re.compile(r"[A-Za-z_][\w-]*|[0-9.]+|\s+|[^\w\s]", re.DOTALL)
_SPARE = [
    "for", "in", "if", "{", "}", '"', "${", "%{", "~}", "=", "(", ")", "[", "]", "...", "=>", ":", "?", ",", ".", "*",
    "[*]", "#", "//", "/*", "*/", "\\", "$", "%", "~", "endif", "endfor", "else", "null", "\n", "<<E\n", "\nE\n",
    "\r\n", "\r",
]  # fmt: skip


def mutated(random_: random.Random, sources: Sequence[str]) -> str:
    """One of `sources` with a few tokens inserted, removed, replaced, swapped."""
    tokens = _TOKEN.findall(random_.choice(sources)) or ["a"]
    for _ in range(random_.choice([1, 1, 1, 2, 3])):
        kind, i = random_.random(), random_.randrange(len(tokens) + 1)
        other = _TOKEN.findall(random_.choice(sources)) or ["x"]
        j = random_.randrange(len(other))
        if kind < 0.3:
            tokens[i:i] = [random_.choice(_SPARE)]
        elif kind < 0.5:
            del tokens[i : i + 1]
        elif kind < 0.7:
            tokens[i : i + 1] = [random_.choice([*_SPARE, other[j]])]
        elif kind < 0.85:
            tokens[i:i] = other[j : j + random_.randint(1, 6)]
        else:
            j = random_.randrange(len(tokens) + 1)
            tokens[i : i + 1], tokens[j : j + 1] = tokens[j : j + 1], tokens[i : i + 1]
    return "".join(tokens)


def spaced(random_: random.Random, sources: Sequence[str]) -> str:
    """Some of `sources` with white space and comments where they may and may not be."""
    tokens: list[str] = []
    for source in random_.sample(sources, random_.choice([1, 1, 2, 3])):
        tokens += ["b", " ", "{", "\n", *_TOKEN.findall(source), "\n", "}", "\n"]  # no argument meets its like
    blanks = [" ", "  ", "\t", "\n", "\n\n", " # c\n", "# d\n", "/* x */", " // y\n", "\n/* a\n b */\n"]
    for _ in range(random_.randint(0, 12)):
        i = random_.randrange(len(tokens) + 1)
        if random_.random() < 0.7:
            tokens[i:i] = [random_.choice(blanks)]
        else:
            tokens = [t for j, t in enumerate(tokens) if j != i or not t.isspace()]
    return "".join(tokens)


# -- Terraform ------------------------------------------------------------------------------------------------


def _fmt(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    return subprocess.run(
        ["terraform", "fmt", "-no-color", *options, str(folder)],
        capture_output=True,
        text=True,
        errors="replace",
        env=environment,
        timeout=120,
    )


def _write(folder: Path, sources: Sequence[bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for i, source in enumerate(sources):
        (folder / f"f{i:05}.tf").write_bytes(source)


def refused(folder: Path, sources: Sequence[bytes]) -> set[int]:
    """The indexes of what `terraform fmt` refuses."""
    _write(folder, sources)
    done = _fmt(folder, "-list=false", "-write=false")
    text = done.stdout + done.stderr
    found = re.findall(r"Error: [^\n]*\n(?:(?!Error: ).)*?on [^\n]*?f(\d{5})\.tf line \d+", text, re.DOTALL)
    return {int(number) for number in found}


def terraform_formatted(folder: Path, sources: Sequence[str]) -> list[str]:
    _write(folder, [source.encode() for source in sources])
    done = _fmt(folder, "-list=false")
    assert done.returncode == 0, done.stderr
    return [(folder / f"f{i:05}.tf").read_bytes().decode() for i in range(len(sources))]


def unformatted(folder: Path, sources: Sequence[str]) -> set[int]:
    """The indexes of what `terraform fmt -check` would change."""
    _write(folder, [source.encode() for source in sources])
    done = _fmt(folder, "-check", "-list=true")
    assert done.returncode in (0, 3), done.stderr
    return {int(number) for number in re.findall(r"f(\d{5})\.tf", done.stdout)}


# -- templates ------------------------------------------------------------------------------------------------

SCOPE: Mapping[str, object] = {
    "x": "X y", "e": "", "n": " \n ", "t": True, "f": False, "l": ["a", "b"], "i": 3, "u": "é"
}  # fmt: skip

_PIECES = [
    "a", " ", "  ", "\t", "$", "%", "$$", "%%", "{", "}", "$${", "%%{", "~", "~}", "'", "#", "//", "/*", "EOT", " EOT",
    "q$", "$ ", "% ", "$%", "%$", "{z}", "é", "e\u0301", "\u00a0", "\u3000",
]  # fmt: skip
_RAW_ONLY = ["\\", '"', "\v"]
_QUOTED_ONLY = ["\\n", "\\t", '\\"', "\\\\", "\\u00e9", "\\r", "\\u0301", "\\U0001F600", " \\n ", "a$\\n"]


def template(random_: random.Random) -> str:
    """A string or heredoc with interpolations of `local.<name of SCOPE>`, directives, strip markers and escapes."""
    if random_.random() < 0.4:
        return '"' + _content(random_, 2, quoted=True) + '"'
    flush = random_.choice(["", "-"])
    body = _content(random_, 2, quoted=False) + "\n"
    if flush:
        indents = ["  ", "    ", "      ", "\t\t", " \t"]
        body = "".join(random_.choice(indents) + line for line in body.splitlines(keepends=True))
    text = f"<<{flush}EOT\n{body}{random_.choice(['', '  '])}EOT\n"
    return text.replace("\n", "\r\n") if random_.random() < 0.2 else text


def _content(random_: random.Random, depth: int, *, quoted: bool) -> str:
    return "".join(_part(random_, depth, quoted=quoted) for _ in range(random_.choice([0, 1, 1, 2, 3, 4, 5])))


def _part(random_: random.Random, depth: int, *, quoted: bool) -> str:
    kind = random_.random()
    if kind < 0.5 or depth == 0:
        return random_.choice(_PIECES + (_QUOTED_ONLY if quoted else _RAW_ONLY))
    if kind < 0.65 and not quoted:
        return "\n" + random_.choice(["", " ", "  ", "    ", "\t"])
    space = random_.choice(["", " "])

    def sequence(opener: str, inside: str) -> str:
        return f"{opener}{{{random_.choice(['', '', '~'])}{space}{inside}{space}{random_.choice(['', '', '~'])}}}"

    if kind < 0.85:
        names = ["local.x", "local.e", "local.n", "local.i", "local.t", "local.u", '"q${local.x}"', '("p")']
        return sequence("$", random_.choice(names))
    inner = _content(random_, depth - 1, quoted=quoted)
    if kind < 0.95:
        text = sequence("%", "if " + random_.choice(["local.t", "local.f"])) + inner
        if random_.random() < 0.5:
            text += sequence("%", "else") + _content(random_, depth - 1, quoted=quoted)
        return text + sequence("%", "endif")
    return sequence("%", random_.choice(["for v in local.l", "for k, v in local.l"])) + inner + sequence("%", "endfor")
