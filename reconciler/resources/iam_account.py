"""What an account has once or beside its principals: its password policy, SAML providers, certificates, logins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import name_prefix, tags
from reconciler.resources.iam_principals import USERS
from reconciler.resources.shapes import Shape, flag, getters, number, write
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Semantics, Subject, Write
from reconciler.resources.writing import operation, setter, tag_write

_ABSENT: Final = frozenset(("NoSuchEntity",))

# -- the password policy --------------------------------------------------------------------------------------

_POLICY: Final[Shape] = {
    "allow_users_to_change_password": flag("AllowUsersToChangePassword"),
    "hard_expiry": flag("HardExpiry"),
    "max_password_age": number("MaxPasswordAge"),
    "minimum_password_length": number("MinimumPasswordLength"),
    "password_reuse_prevention": number("PasswordReusePrevention"),
    "require_lowercase_characters": flag("RequireLowercaseCharacters"),
    "require_numbers": flag("RequireNumbers"),
    "require_symbols": flag("RequireSymbols"),
    "require_uppercase_characters": flag("RequireUppercaseCharacters"),
}


def _update(subject: Subject) -> Iterable[Operation]:
    """The whole of it: what is left out goes back to AWS's default."""
    yield operation("iam:UpdateAccountPasswordPolicy", write(_POLICY, subject.known))


def _drop(_subject: Subject) -> Iterable[Operation]:
    yield operation("iam:DeleteAccountPasswordPolicy", {})


def _policy_id(_record: Record, _scope: Scope) -> str:
    return "iam-account-password-policy"


_PASSWORDS: Final = ResourceType(
    name="aws_iam_account_password_policy",
    list=Read("iam:GetAccountPasswordPolicy", "PasswordPolicy", absent=_ABSENT),
    id=_policy_id,
    natural_keys=((),),
    attributes={
        **getters(_POLICY),
        "expire_passwords": At("ExpirePasswords", default=False),
        "id": _policy_id,
    },
    writes=(Write(("iam:UpdateAccountPasswordPolicy",), frozenset(_POLICY), _update),),
    create=Write(("iam:UpdateAccountPasswordPolicy",), frozenset(), _update),
    delete=Write(("iam:DeleteAccountPasswordPolicy",), frozenset(), _drop),
    regional=False,
)

# -- SAML -----------------------------------------------------------------------------------------------------


def _of_arn(record: Record, _scope: Scope) -> str:
    return str(record["Arn"]).split(":saml-provider/", 1)[-1]


_SAML: Final = ResourceType(
    name="aws_iam_saml_provider",
    list=Read("iam:ListSAMLProviders", "SAMLProviderList"),
    id=At("Arn"),
    by_id=lambda arn, _: {"Arn": arn},
    natural_keys=(("name",),),
    details={"provider": Read("iam:GetSAMLProvider", "", {"SAMLProviderArn": At("Arn")}, absent=_ABSENT)},
    exists=lambda record, _: record["provider"] is not None,
    attributes={
        "arn": At("Arn"),
        "id": At("Arn"),
        "name": _of_arn,
        "saml_metadata_document": At("provider.SAMLMetadataDocument"),
        "tags": tags("provider.Tags"),
        "valid_until": At("provider.ValidUntil", default=""),
    },
    writes=(
        setter(
            "iam:UpdateSAMLProvider",
            {"SAMLProviderArn": "id"},
            {"saml_metadata_document": "SAMLMetadataDocument"},
        ),
        tag_write("iam:TagSAMLProvider", "iam:UntagSAMLProvider", {"SAMLProviderArn": "arn"}),
    ),
    regional=False,
)

# -- certificates ---------------------------------------------------------------------------------------------


def _rename(subject: Subject) -> Iterable[Operation]:
    after, before = subject.after or {}, subject.before or {}
    given: dict[str, Json] = {"ServerCertificateName": before.get("name")}
    yield operation("iam:UpdateServerCertificate", {**given, "NewPath": after.get("path") or "/"})


_CERTIFICATE: Final = ResourceType(
    name="aws_iam_server_certificate",
    list=Read("iam:ListServerCertificates", "ServerCertificateMetadataList", page=1000),
    id=At("ServerCertificateId"),
    import_id=At("ServerCertificateName"),
    natural_keys=(("name",),),
    details={
        "certificate": Read(
            "iam:GetServerCertificate",
            "ServerCertificate",
            {"ServerCertificateName": At("ServerCertificateName")},
            absent=_ABSENT,
        )
    },
    exists=lambda record, _: record["certificate"] is not None,
    attributes={
        "arn": At("Arn"),
        "certificate_body": At("certificate.CertificateBody"),
        "certificate_chain": At("certificate.CertificateChain", default=""),
        "expiration": At("Expiration", default=""),
        "id": At("ServerCertificateId"),
        "name": At("ServerCertificateName"),
        "name_prefix": name_prefix("ServerCertificateName"),
        "path": At("Path"),
        "tags": tags("certificate.Tags"),
        "upload_date": At("UploadDate", default=""),
    },
    config_only=frozenset(("private_key",)),
    semantics={"certificate_body": Semantics.TRIMMED, "certificate_chain": Semantics.TRIMMED},
    writes=(
        Write(("iam:UpdateServerCertificate",), frozenset(("path",)), _rename),
        tag_write("iam:TagServerCertificate", "iam:UntagServerCertificate", {"ServerCertificateName": "name"}),
    ),
    regional=False,
)

# -- logins ---------------------------------------------------------------------------------------------------


def _named(record: Record, _scope: Scope) -> Any:
    return record["UserName"]


_LOGIN: Final = ResourceType(
    name="aws_iam_user_login_profile",
    list=USERS,
    id=_named,
    by_id=lambda name, _: {"UserName": name},
    natural_keys=(("user",),),
    details={"login": Read("iam:GetLoginProfile", "LoginProfile", {"UserName": _named}, absent=_ABSENT)},
    exists=lambda record, _: record["login"] is not None,
    attributes={"id": _named, "user": _named},
    # The password is made by the provider and kept in the state alone.
    config_only=frozenset(("encrypted_password", "key_fingerprint", "password", "password_length", "pgp_key")),
    # A person who has set a new password is no drift; the provider asks for it once.
    unchecked=frozenset(("password_reset_required",)),
    regional=False,
)

TYPES: Final = (_PASSWORDS, _SAML, _CERTIFICATE, _LOGIN)
