"""Hashes, and what depends on chance or on a private key."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable
from typing import Final

from reconciler.hcl import values
from reconciler.hcl.functions import private_keys
from reconciler.hcl.functions.encoding import decoded
from reconciler.hcl.functions.spec import Call, FunctionError, Parameter, Table, Unavailable
from reconciler.hcl.values import NUMBER, STRING, Value

TABLE = Table()
_TEXT = Parameter("str", STRING)

HASHES: Final[dict[str, Callable[[bytes], str]]] = {
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).hexdigest(),
    "sha256": lambda data: hashlib.sha256(data).hexdigest(),
    "sha512": lambda data: hashlib.sha512(data).hexdigest(),
    "base64sha256": lambda data: base64.b64encode(hashlib.sha256(data).digest()).decode(),
    "base64sha512": lambda data: base64.b64encode(hashlib.sha512(data).digest()).decode(),
}
"""The functions that hash a string; for each there is one that hashes a file."""


def _add_hash(name: str, hash_: Callable[[bytes], str]) -> None:
    @TABLE.add(name, _TEXT, result=STRING)
    def _hash(call: Call) -> Value:
        return values.string(hash_(call.text(0).encode(errors="surrogatepass")))


for _name, _hash_function in HASHES.items():
    _add_hash(_name, _hash_function)


@TABLE.add("bcrypt", _TEXT, variadic=Parameter("cost", NUMBER), result=STRING)
@TABLE.add("uuid", result=STRING)
def _by_chance(_call: Call) -> Value:
    return values.unknown(STRING)


_NAMESPACES: Final = {
    "dns": uuid.NAMESPACE_DNS,
    "url": uuid.NAMESPACE_URL,
    "oid": uuid.NAMESPACE_OID,
    "x500": uuid.NAMESPACE_X500,
}


@TABLE.add("uuidv5", Parameter("namespace", STRING), Parameter("name", STRING), result=STRING)
def _uuidv5(call: Call) -> Value:
    given = call.text(0)
    space = _NAMESPACES.get(given)
    if space is None:
        try:
            space = uuid.UUID(given)
        except ValueError as error:
            raise FunctionError(f"uuidv5() doesn't support namespace {given} ({error})") from error
    digest = hashlib.sha1(space.bytes + call.text(1).encode(errors="surrogatepass"), usedforsecurity=False).digest()
    return values.string(str(uuid.UUID(bytes=digest[:16], version=5)))


@TABLE.add("rsadecrypt", Parameter("ciphertext", STRING), Parameter("privatekey", STRING), result=STRING)
def _rsadecrypt(call: Call) -> Value:
    secret = decoded(call.text(0))
    if secret is None:
        raise FunctionError("failed to decode the input: the cipher text must be base64-encoded", 0)
    try:
        found = private_keys.parse(call.text(1)).decrypt(secret)
    except private_keys.KeyProblem as error:
        raise FunctionError(f"failed to decrypt: {error}", 1) from error
    try:
        return values.string(found.decode())
    except UnicodeDecodeError as error:
        raise Unavailable("what was encrypted is no text") from error
