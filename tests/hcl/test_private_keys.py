"""rsadecrypt() with keys of every form, judged by Terraform."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from reconciler.hcl.functions import private_keys
from tests.hcl.generator import quote
from tests.hcl.oracle import Judge, ours
from tests.support.terraform import needs_terraform

FORMS = {"PKCS #1": PrivateFormat.TraditionalOpenSSL, "PKCS #8": PrivateFormat.PKCS8, "OpenSSH": PrivateFormat.OpenSSH}
LOCKED = BestAvailableEncryption(b"open sesame")


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, form: str, lock: KeySerializationEncryption) -> str:
    return key.private_bytes(Encoding.PEM, FORMS[form], lock).decode()


def asked(secret: bytes | str, key: str) -> str:
    text = secret if isinstance(secret, str) else base64.b64encode(secret).decode()
    return f"rsadecrypt({quote(text)}, {quote(key)})"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def expressions(key: rsa.RSAPrivateKey) -> dict[str, str]:
    def sealed(text: bytes, to: rsa.RSAPrivateKey = key) -> bytes:
        return to.public_key().encrypt(text, padding.PKCS1v15())

    other, large = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(3, 3072)
    plain = pem(key, "PKCS #1", NoEncryption())
    curve, damaged = ec.generate_private_key(ec.SECP256R1()), plain.replace(plain[100:104], "AAAA", 1)
    found = {f"{form}": asked(sealed("pässword".encode()), pem(key, form, NoEncryption())) for form in FORMS}
    found |= {f"{form}, locked": asked(sealed(b"x"), pem(key, form, LOCKED)) for form in ("PKCS #1", "PKCS #8")}
    found |= {f"{form}, no RSA": asked(sealed(b"x"), pem(curve, form, NoEncryption())) for form in FORMS}
    found |= {
        "nothing in it": asked(sealed(b""), plain),
        "all that fits": asked(sealed(b"y" * 245), plain),
        "an exponent of 3": asked(sealed(b"three", large), pem(large, "PKCS #8", NoEncryption())),
        "another key": asked(sealed(b"x", other), plain),
        "no ciphertext": asked("", plain),
        "no Base64": asked("???", plain),
        "too long": asked(b"\xff" * 300, plain),
        "too large": asked(b"\xff" * 256, plain),
        "not padded": asked(key.private_numbers().public_numbers.n.to_bytes(256, "big")[:-1] + b"\0", plain),
        "a number of its own": asked(b"\1", plain),
        "no key": asked(sealed(b"x"), "x"),
        "half a key": asked(sealed(b"x"), plain[:300]),
        "a damaged key": asked(sealed(b"x"), damaged),
        "text around the key": asked(sealed(b"around"), f"a key\n{plain}\nno more"),
        "text on its line": asked(sealed(b"around"), f"a key {plain}"),
        "line ends of Windows": asked(sealed(b"windows"), plain.replace("\n", "\r\n")),
        "a public key's label": asked(sealed(b"x"), plain.replace("RSA PRIVATE", "PUBLIC")),
        "a secret key": f"rsadecrypt({quote(base64.b64encode(sealed(b's')).decode())}, sensitive({quote(plain)}))",
        "an unknown ciphertext": f"rsadecrypt(local.us, {quote(plain)})",
    }
    return found


@needs_terraform
def test_terraform_decrypts_the_same(key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    asked_for = expressions(key)
    texts = list(asked_for.values())
    answers = dict(zip(asked_for, zip(Judge(tmp_path).ask(texts), ours(texts), strict=True), strict=True))
    wrong = [
        f"{name}: {theirs} to Terraform, {mine} to us"
        for name, (theirs, mine) in answers.items()
        if not theirs.agrees(mine)
    ]
    assert not wrong, "\n".join(wrong)
    assert answers["PKCS #1"][1].value == ["pässword"] and answers["no key"][1].error


Damage = Callable[[bytes], bytes]


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_key_is_an_error_and_nothing_else(key: rsa.RSAPrivateKey, form: str) -> None:
    """Wherever it is cut off, and whichever of its bytes is another."""
    data = base64.b64decode("".join(pem(key, form, NoEncryption()).split("\n")[1:-2]))
    damages: list[bytes] = [data[:cut] for cut in range(0, len(data), 7)]
    damages += [data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :] for at in range(0, len(data), 5)]
    label = {"PKCS #1": "RSA PRIVATE KEY", "PKCS #8": "PRIVATE KEY", "OpenSSH": "OPENSSH PRIVATE KEY"}[form]
    for damaged in damages:
        text = f"-----BEGIN {label}-----\n{base64.b64encode(damaged).decode()}\n-----END {label}-----\n"
        try:
            found = private_keys.parse(text)
        except private_keys.KeyProblem:
            continue
        assert found.n == key.private_numbers().public_numbers.n  # what is not needed was damaged


def test_a_key_of_another_kind() -> None:
    text = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    with pytest.raises(private_keys.KeyProblem, match="no RSA key"):
        private_keys.parse(text.decode())
