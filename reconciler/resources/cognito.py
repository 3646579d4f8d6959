"""User pools: who may ask for tokens, for which scopes, and at which address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import parts, tag_map
from reconciler.resources.shapes import Field, Shape, flag, getters, names_of, number, one, value, write
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Subject, Write
from reconciler.resources.writing import operation, tag_object, tag_write

_GONE: Final = frozenset(("ResourceNotFoundException",))
_POOLS: Final = Read("cognito-idp:ListUserPools", "UserPools", page=60)


def _under_pool(name: str, path: str, page: int) -> Read:
    return Read(
        f"cognito-idp:{name}",
        path,
        {"UserPoolId": At("Id")},
        under=_POOLS,
        hides={"user_pool_id": At("Id")},
        absent=_GONE,
        page=page,
    )


# -- pools ----------------------------------------------------------------------------------------------------

_SENDER: Final[Shape] = {"lambda_arn": value("LambdaArn"), "lambda_version": value("LambdaVersion")}
_TRIGGERS: Final[Shape] = {
    "create_auth_challenge": value("CreateAuthChallenge"),
    "custom_email_sender": one("CustomEmailSender", _SENDER),
    "custom_message": value("CustomMessage"),
    "custom_sms_sender": one("CustomSMSSender", _SENDER),
    "define_auth_challenge": value("DefineAuthChallenge"),
    "kms_key_id": value("KMSKeyID"),
    "post_authentication": value("PostAuthentication"),
    "post_confirmation": value("PostConfirmation"),
    "pre_authentication": value("PreAuthentication"),
    "pre_sign_up": value("PreSignUp"),
    "pre_token_generation": value("PreTokenGeneration"),
    "pre_token_generation_config": one("PreTokenGenerationConfig", _SENDER),
    "user_migration": value("UserMigration"),
    "verify_auth_challenge_response": value("VerifyAuthChallengeResponse"),
}
_PASSWORDS: Final[Shape] = {
    "minimum_length": number("MinimumLength"),
    "password_history_size": number("PasswordHistorySize"),
    "require_lowercase": flag("RequireLowercase"),
    "require_numbers": flag("RequireNumbers"),
    "require_symbols": flag("RequireSymbols"),
    "require_uppercase": flag("RequireUppercase"),
    "temporary_password_validity_days": number("TemporaryPasswordValidityDays"),
}
_INVITATION: Final[Shape] = {
    "email_message": value("EmailMessage"),
    "email_subject": value("EmailSubject"),
    "sms_message": value("SMSMessage"),
}
_EMAIL: Final[Shape] = {
    "configuration_set": value("ConfigurationSet"),
    "email_sending_account": value("EmailSendingAccount"),
    "from_email_address": value("From"),
    "reply_to_email_address": value("ReplyToEmailAddress"),
    "source_arn": value("SourceArn"),
}
_VERIFICATION: Final[Shape] = {
    "default_email_option": value("DefaultEmailOption"),
    "email_message": value("EmailMessage"),
    "email_message_by_link": value("EmailMessageByLink"),
    "email_subject": value("EmailSubject"),
    "email_subject_by_link": value("EmailSubjectByLink"),
    "sms_message": value("SmsMessage"),
}


def _recovery(found: Any) -> Json:
    mechanisms = sorted(parts(found, "RecoveryMechanisms"), key=lambda one_of: one_of.get("Priority") or 0)
    return [{"recovery_mechanism": [{"name": m.get("Name"), "priority": m.get("Priority")} for m in mechanisms]}]


_POOL: Final[Shape] = {
    "account_recovery_setting": Field("AccountRecoverySetting", _recovery, default=[]),
    "admin_create_user_config": one(
        "AdminCreateUserConfig",
        {
            "allow_admin_create_user_only": flag("AllowAdminCreateUserOnly"),
            "invite_message_template": one("InviteMessageTemplate", _INVITATION),
        },
    ),
    "alias_attributes": names_of("AliasAttributes"),
    "auto_verified_attributes": names_of("AutoVerifiedAttributes"),
    "deletion_protection": value("DeletionProtection"),
    "device_configuration": one(
        "DeviceConfiguration",
        {
            "challenge_required_on_new_device": flag("ChallengeRequiredOnNewDevice"),
            "device_only_remembered_on_user_prompt": flag("DeviceOnlyRememberedOnUserPrompt"),
        },
    ),
    "email_configuration": one("EmailConfiguration", _EMAIL),
    "email_verification_message": value("EmailVerificationMessage"),
    "email_verification_subject": value("EmailVerificationSubject"),
    "lambda_config": one("LambdaConfig", _TRIGGERS, unless=lambda found: not found),
    "password_policy": one("Policies.PasswordPolicy", _PASSWORDS),
    "sign_in_policy": one("Policies.SignInPolicy", {"allowed_first_auth_factors": names_of("AllowedFirstAuthFactors")}),
    "sms_authentication_message": value("SmsAuthenticationMessage"),
    "sms_configuration": one(
        "SmsConfiguration",
        {
            "external_id": value("ExternalId"),
            "sns_caller_arn": value("SnsCallerArn"),
            "sns_region": value("SnsRegion"),
        },
        unless=lambda found: not found,
    ),
    "sms_verification_message": value("SmsVerificationMessage"),
    "user_attribute_update_settings": one(
        "UserAttributeUpdateSettings",
        {"attributes_require_verification_before_update": names_of("AttributesRequireVerificationBeforeUpdate")},
        # The provider leaves the block out where nothing is in it.
        unless=lambda found: not found.get("AttributesRequireVerificationBeforeUpdate"),
    ),
    "user_pool_add_ons": one(
        "UserPoolAddOns",
        {
            "advanced_security_additional_flows": one(
                "AdvancedSecurityAdditionalFlows", {"custom_auth_mode": value("CustomAuthMode")}
            ),
            "advanced_security_mode": value("AdvancedSecurityMode"),
        },
    ),
    "user_pool_tier": value("UserPoolTier"),
    "username_attributes": names_of("UsernameAttributes"),
    "username_configuration": one("UsernameConfiguration", {"case_sensitive": flag("CaseSensitive")}),
    "verification_message_template": one("VerificationMessageTemplate", _VERIFICATION),
}
_FACTORS: Final[Shape] = {
    "email_mfa_configuration": one("EmailMfaConfiguration", {"message": value("Message"), "subject": value("Subject")}),
    "mfa_configuration": value("MfaConfiguration"),
    "software_token_mfa_configuration": one("SoftwareTokenMfaConfiguration", {"enabled": flag("Enabled")}),
    "web_authn_configuration": one(
        "WebAuthnConfiguration",
        {"relying_party_id": value("RelyingPartyId"), "user_verification": value("UserVerification")},
    ),
}


def _endpoint(record: Record, scope: Scope) -> str:
    return f"cognito-idp.{scope.region}.amazonaws.com/{record['Id']}"


_POOL_TYPE: Final = ResourceType(
    name="aws_cognito_user_pool",
    list=_POOLS,
    id=At("Id"),
    natural_keys=(("name",),),
    details={
        "pool": Read("cognito-idp:DescribeUserPool", "UserPool", {"UserPoolId": At("Id")}, absent=_GONE),
        "factors": Read("cognito-idp:GetUserPoolMfaConfig", "", {"UserPoolId": At("Id")}, absent=_GONE),
    },
    exists=lambda record, _: record["pool"] is not None,
    attributes={
        **getters(_POOL, "pool"),
        **getters(_FACTORS, "factors"),
        "arn": At("pool.Arn"),
        "creation_date": At("CreationDate"),
        "custom_domain": At("pool.CustomDomain", default=""),
        "domain": At("pool.Domain", default=""),
        "endpoint": _endpoint,
        "estimated_number_of_users": At("pool.EstimatedNumberOfUsers", default=0),
        "id": At("Id"),
        "last_modified_date": At("LastModifiedDate"),
        "name": At("Name"),
        "tags": At("pool.UserPoolTags", tag_map, {}),
    },
    # The provider's state has those attributes alone that the code names, as the code names them.
    unchecked=frozenset(("schema",)),
    kept=frozenset(
        (
            "account_recovery_setting",
            "admin_create_user_config",
            "admin_create_user_config.invite_message_template",
            "email_configuration",
            "password_policy",
            "sign_in_policy",
            "sms_configuration",
            "username_configuration",
            "verification_message_template",
            "web_authn_configuration",
        )
    ),
    # UpdateUserPool sets whatever it is not given to its default: no write of one attribute would be only that.
    writes=(
        tag_write("cognito-idp:TagResource", "cognito-idp:UntagResource", {"ResourceArn": "arn"}, form=tag_object),
    ),
)

# -- servers whose scopes are asked for -----------------------------------------------------------------------


def _server_id(record: Record, _scope: Scope) -> str:
    return f"{record['UserPoolId']}|{record['Identifier']}"


def _scopes(found: Any) -> Json:
    return [{"scope_description": s.get("ScopeDescription"), "scope_name": s.get("ScopeName")} for s in found]


def _scope_identifiers(record: Record, _scope: Scope) -> Json:
    return [f"{record['Identifier']}/{found['ScopeName']}" for found in parts(record, "Scopes")]


def _update_server(subject: Subject) -> Iterable[Operation]:
    """Sets name and scopes at once."""
    wanted = subject.known
    scopes: list[Json] = [
        {"ScopeName": s["scope_name"], "ScopeDescription": s["scope_description"]} for s in parts(dict(wanted), "scope")
    ]
    given: dict[str, Json] = {"UserPoolId": wanted["user_pool_id"], "Identifier": wanted["identifier"]}
    yield operation("cognito-idp:UpdateResourceServer", {**given, "Name": wanted["name"], "Scopes": scopes})


_SERVER: Final = ResourceType(
    name="aws_cognito_resource_server",
    list=_under_pool("ListResourceServers", "ResourceServers", 50),
    id=_server_id,
    natural_keys=(("user_pool_id", "identifier"),),
    attributes={
        "id": _server_id,
        "identifier": At("Identifier"),
        "name": At("Name"),
        "scope": At("Scopes", _scopes, []),
        "scope_identifiers": _scope_identifiers,
        "user_pool_id": At("UserPoolId"),
    },
    writes=(Write(("cognito-idp:UpdateResourceServer",), frozenset(("name", "scope")), _update_server),),
)

# -- clients --------------------------------------------------------------------------------------------------

_UNITS: Final[Shape] = {
    "access_token": value("AccessToken", None),
    "id_token": value("IdToken", None),
    "refresh_token": value("RefreshToken", None),
}
_ANALYTICS: Final[Shape] = {
    "application_arn": value("ApplicationArn", None),
    "application_id": value("ApplicationId", None),
    "external_id": value("ExternalId", None),
    "role_arn": value("RoleArn", None),
    "user_data_shared": flag("UserDataShared"),
}
_ROTATION: Final[Shape] = {
    "feature": value("Feature", None),
    "retry_grace_period_seconds": number("RetryGracePeriodSeconds", zero=True, default=None),
}
_CLIENT: Final[Shape] = {
    "access_token_validity": number("AccessTokenValidity"),
    "allowed_oauth_flows": names_of("AllowedOAuthFlows"),
    "allowed_oauth_flows_user_pool_client": flag("AllowedOAuthFlowsUserPoolClient"),
    "allowed_oauth_scopes": names_of("AllowedOAuthScopes"),
    "analytics_configuration": one("AnalyticsConfiguration", _ANALYTICS),
    "auth_session_validity": number("AuthSessionValidity"),
    "callback_urls": names_of("CallbackURLs"),
    "default_redirect_uri": value("DefaultRedirectURI"),
    "enable_propagate_additional_user_context_data": flag("EnablePropagateAdditionalUserContextData"),
    "enable_token_revocation": flag("EnableTokenRevocation"),
    "explicit_auth_flows": names_of("ExplicitAuthFlows"),
    "id_token_validity": number("IdTokenValidity"),
    "logout_urls": names_of("LogoutURLs"),
    "name": value("ClientName"),
    "prevent_user_existence_errors": value("PreventUserExistenceErrors"),
    "read_attributes": names_of("ReadAttributes"),
    "refresh_token_rotation": one("RefreshTokenRotation", _ROTATION),
    "refresh_token_validity": number("RefreshTokenValidity"),
    "supported_identity_providers": names_of("SupportedIdentityProviders"),
    "token_validity_units": one("TokenValidityUnits", _UNITS),
    "write_attributes": names_of("WriteAttributes"),
}


def _update_client(subject: Subject) -> Iterable[Operation]:
    """Sets the whole client; what it does not name is its default."""
    named: dict[str, Json] = {"UserPoolId": subject.known["user_pool_id"], "ClientId": subject.id}
    yield operation("cognito-idp:UpdateUserPoolClient", {**named, **write(_CLIENT, subject.known)})


_CLIENT_TYPE: Final = ResourceType(
    name="aws_cognito_user_pool_client",
    list=_under_pool("ListUserPoolClients", "UserPoolClients", 60),
    id=At("ClientId"),
    import_id=lambda record, _: f"{record['UserPoolId']}/{record['ClientId']}",
    natural_keys=(("user_pool_id", "name"),),
    details={
        "client": Read(
            "cognito-idp:DescribeUserPoolClient",
            "UserPoolClient",
            {"UserPoolId": At("UserPoolId"), "ClientId": At("ClientId")},
            absent=_GONE,
        )
    },
    exists=lambda record, _: record["client"] is not None,
    attributes={
        **{name: getter for name, getter in getters(_CLIENT, "client").items() if name != "name"},
        "client_secret": At("client.ClientSecret", default=""),
        "id": At("ClientId"),
        "name": At("ClientName"),
        "user_pool_id": At("UserPoolId"),
    },
    config_only=frozenset(("generate_secret",)),
    kept=frozenset(("analytics_configuration", "refresh_token_rotation", "token_validity_units")),
    writes=(Write(("cognito-idp:UpdateUserPoolClient",), frozenset(_CLIENT), _update_client),),
)

# -- addresses ------------------------------------------------------------------------------------------------

# CloudFront's, the same for everybody.
_CLOUDFRONT_ZONE: Final = "Z2FDTNDATAQYW2"


def _domains(record: Record, _scope: Scope) -> Iterable[Record]:
    for key in ("Domain", "CustomDomain"):
        if record.get(key):
            yield {"Domain": record[key], "UserPoolId": record["Id"]}


def _update_domain(subject: Subject) -> Iterable[Operation]:
    wanted = subject.known
    given: dict[str, Json] = {"Domain": wanted["domain"], "UserPoolId": wanted["user_pool_id"]}
    if wanted.get("certificate_arn"):
        given["CustomDomainConfig"] = {"CertificateArn": wanted["certificate_arn"]}
    if wanted.get("managed_login_version"):
        given["ManagedLoginVersion"] = wanted["managed_login_version"]
    yield operation("cognito-idp:UpdateUserPoolDomain", given)


_DOMAIN: Final = ResourceType(
    name="aws_cognito_user_pool_domain",
    list=_under_pool("DescribeUserPool", "UserPool", 0),
    expand=_domains,
    id=At("Domain"),
    natural_keys=(("domain",),),
    details={
        "domain": Read(
            "cognito-idp:DescribeUserPoolDomain", "DomainDescription", {"Domain": At("Domain")}, absent=_GONE
        )
    },
    attributes={
        "aws_account_id": At("domain.AWSAccountId"),
        "certificate_arn": At("domain.CustomDomainConfig.CertificateArn", default=""),
        "cloudfront_distribution": At("domain.CloudFrontDistribution", default=""),
        "cloudfront_distribution_arn": At("domain.CloudFrontDistribution", default=""),
        "cloudfront_distribution_zone_id": lambda _record, _scope: _CLOUDFRONT_ZONE,
        "domain": At("Domain"),
        "id": At("Domain"),
        "managed_login_version": At("domain.ManagedLoginVersion", default=0),
        "s3_bucket": At("domain.S3Bucket", default=""),
        "user_pool_id": At("UserPoolId"),
        "version": At("domain.Version", default=""),
    },
    writes=(
        Write(
            ("cognito-idp:UpdateUserPoolDomain",),
            frozenset(("certificate_arn", "managed_login_version")),
            _update_domain,
        ),
    ),
)

TYPES: Final = (_POOL_TYPE, _SERVER, _CLIENT_TYPE, _DOMAIN)
