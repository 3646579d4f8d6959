"""The text encodings that Terraform knows, by IANA's names, and how they are computed here."""

from __future__ import annotations

import codecs
from typing import Final

from reconciler.records import dataclass


@dataclass(frozen=True, slots=True)
class Charset:
    """`codec` is Python's; `bare`: the bytes 0x80 to 0x9F stand for nothing, though the codec has controls there."""

    codec: str
    bare: bool = False

    def encode(self, text: str) -> bytes:
        """Raises UnicodeError where a character cannot be said."""
        if self.bare and any("\x80" <= character <= "\x9f" for character in text):
            raise UnicodeError
        if self.codec == "utf-16":
            return codecs.BOM_UTF16_BE + text.encode("utf-16-be")
        return text.encode(self.codec)

    def decode(self, data: bytes) -> str:
        """Raises UnicodeError where a byte stands for nothing."""
        if self.bare and any(0x80 <= byte <= 0x9F for byte in data):
            raise UnicodeError
        codec = self.codec
        if codec == "utf-16" and data[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            codec = "utf-16-be"
        text = data.decode(codec, errors="replace")
        if "\ufffd" in text:
            raise UnicodeError
        return text


_NAMES: Final = {
    "utf-8": "utf-8 csutf8",
    "utf-16": "utf-16 csutf16",
    "utf-16-le": "utf-16le csutf16le",
    "utf-16-be": "utf-16be csutf16be",
    "ascii": "us-ascii ansi_x3.4-1968 ansi_x3.4-1986 cp367 csascii ibm367 iso-ir-6 iso646-us iso_646.irv:1991 us",
    "latin-1": "iso-8859-1 latin1 l1 iso_8859-1 iso_8859-1:1987 iso-ir-100 csisolatin1 cp819 ibm819",
    "iso8859-9": "iso-8859-9 latin5 l5 iso_8859-9 iso_8859-9:1989 iso-ir-148 csisolatin5",
    "cp037": "ibm037 cp037 csibm037 ebcdic-cp-ca ebcdic-cp-nl ebcdic-cp-us ebcdic-cp-wt",
    "cp437": "ibm437 cp437 437 cspc8codepage437",
    "cp850": "ibm850 cp850 850 cspc850multilingual",
    "cp852": "ibm852 cp852 852 cspcp852",
    "cp855": "ibm855 cp855 855 csibm855",
    "cp858": "ibm00858 cp00858 ccsid00858 csibm00858 pc-multilingual-850+euro",
    "cp860": "ibm860 cp860 860 csibm860",
    "cp862": "ibm862 cp862 862 cspc862latinhebrew",
    "cp863": "ibm863 cp863 863 csibm863",
    "cp865": "ibm865 cp865 865 csibm865",
    "cp866": "ibm866 cp866 866 csibm866",
    "cp1140": "ibm01140 cp01140 ccsid01140 csibm01140 ebcdic-us-37+euro",
    "koi8-r": "koi8-r cskoi8r",
    "mac-roman": "macintosh mac csmacintosh",
    "cp874": "windows-874 cswindows874",
    **{f"cp{page}": f"windows-{page} cswindows{page}" for page in (1250, 1251, 1252, 1253, 1254, 1256, 1257, 1258)},
}
_BARE: Final = {
    "iso8859-2": "iso-8859-2 latin2 l2 iso_8859-2 iso_8859-2:1987 iso-ir-101 csisolatin2",
    "iso8859-3": "iso-8859-3 latin3 l3 iso_8859-3 iso_8859-3:1988 iso-ir-109 csisolatin3",
    "iso8859-4": "iso-8859-4 latin4 l4 iso_8859-4 iso_8859-4:1988 iso-ir-110 csisolatin4",
    "iso8859-5": "iso-8859-5 iso_8859-5 iso_8859-5:1988 iso-ir-144 csisolatincyrillic cyrillic",
    "iso8859-6": "iso-8859-6 iso_8859-6 iso_8859-6:1987 iso-ir-127 csisolatinarabic arabic asmo-708 ecma-114 "
    "iso-8859-6-e iso_8859-6-e csiso88596e iso-8859-6-i iso_8859-6-i csiso88596i",
    "iso8859-7": "iso-8859-7 iso_8859-7 iso_8859-7:1987 iso-ir-126 csisolatingreek greek greek8 ecma-118 elot_928",
    "iso8859-8": "iso-8859-8 iso_8859-8 iso_8859-8:1988 iso-ir-138 csisolatinhebrew hebrew "
    "iso-8859-8-e iso_8859-8-e csiso88598e iso-8859-8-i iso_8859-8-i csiso88598i",
    "iso8859-10": "iso-8859-10 latin6 l6 iso_8859-10:1992 iso-ir-157 csisolatin6",
    "iso8859-13": "iso-8859-13 csiso885913",
    "iso8859-14": "iso-8859-14 latin8 l8 iso_8859-14 iso_8859-14:1998 iso-ir-199 iso-celtic csiso885914",
    "iso8859-15": "iso-8859-15 latin-9 iso_8859-15 csiso885915",
    "iso8859-16": "iso-8859-16 latin10 l10 iso_8859-16 iso_8859-16:2001 iso-ir-226 csiso885916",
}
CHARSETS: Final = {
    **{name: Charset(codec) for codec, names in _NAMES.items() for name in names.split()},
    **{name: Charset(codec, bare=True) for codec, names in _BARE.items() for name in names.split()},
}
"""By name in lower case."""

_ELSEWHERE: Final = (
    "big5 csbig5 euc-jp cseucpkdfmtjapanese euc-kr cseuckr gb18030 csgb18030 gbk csgbk cp936 ms936 windows-936 "
    "hz-gb-2312 iso-2022-jp csiso2022jp shift_jis ms_kanji csshiftjis koi8-u cskoi8u windows-1255 cswindows1255 "
    "ibm1047 ibm-1047 csibm1047"
)
ELSEWHERE: Final = frozenset(_ELSEWHERE.split())
"""Names that Terraform knows of encodings that Python has not, or has in other words here and there."""
