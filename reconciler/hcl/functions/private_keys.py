"""RSA private keys as PEM, and what they decrypt: for `rsadecrypt`, which takes PKCS #1 v1.5 padding."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from reconciler.records import dataclass

_PEM: Final = re.compile(r"(?:^|\n)-----BEGIN ([^\n]*?)-----[ \t]*\r?\n(.*?)\n?-----END \1-----", re.DOTALL)
_HEADER: Final = re.compile(r"^[^:\n]+:[^\n]*\n")
_RSA: Final = bytes.fromhex("2a864886f70d010101")  # the object identifier rsaEncryption
_OPENSSH: Final = b"openssh-key-v1\0"
_LARGEST: Final = 16_384  # bits of a modulus


class KeyProblem(ValueError):
    """What is wrong with a key or with what it is to decrypt; never says anything of either."""


@dataclass(frozen=True, slots=True)
class PrivateKey:
    n: int
    e: int
    d: int
    p: int
    q: int

    def decrypt(self, secret: bytes) -> bytes:
        """Raises KeyProblem."""
        size = (self.n.bit_length() + 7) // 8
        number = int.from_bytes(secret, "big")
        if size < 11 or number >= self.n:
            raise KeyProblem("the ciphertext does not fit the key")
        at_p, at_q = pow(number, self.d % (self.p - 1), self.p), pow(number, self.d % (self.q - 1), self.q)
        padded = (at_q + (at_p - at_q) * pow(self.q, -1, self.p) % self.p * self.q).to_bytes(size, "big")
        end = padded.find(b"\0", 2)
        if padded[:2] != b"\0\2" or end < 10:
            raise KeyProblem("the ciphertext was not made for the key")
        return padded[end + 1 :]


def parse(text: str) -> PrivateKey:
    """The first key in `text`. Raises KeyProblem."""
    found = _PEM.search(text)
    if found is None:
        raise KeyProblem("the key is not in PEM format")
    body = found[2] + "\n"
    encrypted = False
    while header := _HEADER.match(body):
        encrypted |= header[0].startswith("Proc-Type:") and "ENCRYPTED" in header[0]
        body = body[header.end() :]
    if encrypted:
        raise KeyProblem("the key is protected by a passphrase")
    try:
        data = base64.b64decode("".join(body.split()), validate=True)
    except binascii.Error as error:
        raise KeyProblem("the key is not in PEM format") from error
    try:
        key = _read(found[1], data)
    except (IndexError, ValueError) as error:
        if isinstance(error, KeyProblem):
            raise
        raise KeyProblem("the key is damaged") from error
    return _checked(key)


def _read(kind: str, data: bytes) -> PrivateKey:
    match kind:
        case "RSA PRIVATE KEY":
            return _pkcs1(data)
        case "PRIVATE KEY":
            version, algorithm, inner = _items(_only(data))[:3]
            if version[0] != 2 or _items(algorithm[1])[0][1] != _RSA:
                raise KeyProblem("the key is no RSA key")
            return _pkcs1(inner[1])
        case "OPENSSH PRIVATE KEY":
            return _openssh(data)
        case _:
            raise KeyProblem(f"a key of the kind {kind[:40]!r} is not supported")


def _pkcs1(data: bytes) -> PrivateKey:
    numbers = [int.from_bytes(content, "big", signed=True) for tag, content in _items(_only(data)) if tag == 2]
    version, n, e, d, p, q = numbers[:6]
    if version != 0:
        raise KeyProblem("keys of more than two primes are not supported")
    return PrivateKey(n, e, d, p, q)


def _only(data: bytes) -> bytes:
    """What the sequence that is all of `data` holds."""
    tag, content = _items(data)[0]
    if tag != 0x30:
        raise KeyProblem("the key is damaged")
    return content


def _items(data: bytes) -> list[tuple[int, bytes]]:
    """Tag and content of each value in DER. Raises IndexError."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length > 0x80:
            digits = length & 0x7F
            length = int.from_bytes(data[at : at + digits], "big")
            at += digits
        if at + length > len(data):
            raise IndexError
        found.append((tag, data[at : at + length]))
        at += length
    return found


def _openssh(data: bytes) -> PrivateKey:
    if not data.startswith(_OPENSSH):
        raise KeyProblem("the key is damaged")
    cipher, _, _, rest = _strings(data[len(_OPENSSH) :], 3)
    if cipher != b"none":
        raise KeyProblem("the key is protected by a passphrase")
    if rest[:4] != b"\0\0\0\1":
        raise KeyProblem("the key is damaged")
    _, private, _ = _strings(rest[4:], 2)
    if private[:4] != private[4:8]:
        raise KeyProblem("the key is damaged")
    kind, rest = _strings(private[8:], 1)
    if kind != b"ssh-rsa":
        raise KeyProblem("the key is no RSA key")
    n, e, d, _, p, q, _ = (int.from_bytes(part, "big") for part in _strings(rest, 6))
    return PrivateKey(n, e, d, p, q)


def _strings(data: bytes, count: int) -> list[bytes]:
    """So many texts, each after its length, and what is left. Raises IndexError."""
    found: list[bytes] = []
    for _ in range(count):
        end = 4 + int.from_bytes(data[:4], "big")
        if end > len(data):
            raise IndexError
        found.append(data[4:end])
        data = data[end:]
    return [*found, data]


def _checked(key: PrivateKey) -> PrivateKey:
    """As Go does: a key whose parts do not fit is refused."""
    sound = key.p > 1 and key.q > 1 and key.p * key.q == key.n and key.n % 2 and 2 <= key.e < 2**31 and key.d > 0
    if not sound or any((key.d * key.e - 1) % (prime - 1) for prime in (key.p, key.q)):
        raise KeyProblem("the key is damaged")
    if key.n.bit_length() > _LARGEST:
        raise KeyProblem(f"keys of more than {_LARGEST} bits are not supported")
    return key
