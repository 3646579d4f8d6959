"""Why a call failed, in the few kinds that decide what happens next."""

from __future__ import annotations

from enum import Enum, auto

from reconciler.errors import CloudError


class Kind(Enum):
    DENIED = auto()
    CREDENTIALS = auto()  # none, invalid or expired
    THROTTLED = auto()
    UNREACHABLE = auto()  # nothing was sent, or the connection broke
    SERVER = auto()  # 5xx, an unreadable answer
    REFUSED = auto()  # AWS understood and says no: not found, invalid ...

    @property
    def transient(self) -> bool:
        return self in (Kind.THROTTLED, Kind.UNREACHABLE, Kind.SERVER)


_HINTS = {
    Kind.DENIED: "run `reconcile permissions` for the policy that reading needs",
    Kind.CREDENTIALS: "sign in again or set AWS_PROFILE, AWS_ACCESS_KEY_ID ... ; `reconcile doctor` tells what is used",
    Kind.THROTTLED: "try again later",
    Kind.UNREACHABLE: "check the region, the network, and `endpoints` or AWS_ENDPOINT_URL",
    Kind.SERVER: "try again later",
    Kind.REFUSED: None,
}


class CallFailed(Exception):
    """One call failed for good: retries are over. `code` is AWS's error code or botocore's exception name."""

    def __init__(self, operation: str, kind: Kind, code: str, message: str, *, sent: bool = True) -> None:
        said = message or ("the answer gives no reason" if code.isdigit() else "")
        super().__init__(f"{_named(code)}: {operation}" + (f" ({said})" if said else ""))
        self.operation = operation
        self.kind = kind
        self.code = code
        self.message = message
        self.sent = sent  # False: AWS certainly did not see the request

    def as_error(self) -> CloudError:
        return CloudError(f"{_named(self.code)}: {self.message}", where=self.operation, hint=_HINTS[self.kind])


def _named(code: str) -> str:
    """An error without a code of its own is told by its HTTP status."""
    return f"HTTP {code}" if code.isdigit() else code


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CREDENTIALS = _codes(
    "ExpiredToken ExpiredTokenException RequestExpired InvalidClientTokenId UnrecognizedClientException "
    "InvalidAccessKeyId SignatureDoesNotMatch InvalidSignatureException AuthFailure IncompleteSignature "
    "MissingAuthenticationToken MissingAuthenticationTokenException InvalidToken TokenRefreshRequired "
    "NoCredentialsError PartialCredentialsError CredentialRetrievalError TokenRetrievalError SSOTokenLoadError "
    "UnauthorizedSSOTokenError ProfileNotFound"
)
_DENIED = _codes(
    "AccessDenied AccessDeniedException UnauthorizedOperation AuthorizationError AuthorizationErrorException "
    "UnauthorizedException NotAuthorized OptInRequired SubscriptionRequiredException ForbiddenException 403"
)
_THROTTLED = _codes(
    "Throttling ThrottlingException ThrottledException RequestThrottledException RequestThrottled TooManyRequests "
    "TooManyRequestsException RequestLimitExceeded BandwidthLimitExceeded SlowDown PriorRequestNotComplete "
    "ProvisionedThroughputExceededException TransactionInProgressException EC2ThrottledException 429"
)
_BUSY = _codes("ConcurrentModification ConcurrentModificationException OperationAborted ConflictingOperationInProgress")
_SERVER = _codes(
    "InternalError InternalFailure InternalServerError InternalServiceError InternalServiceException "
    "InternalServerException ServiceUnavailable ServiceUnavailableException ServiceException Unavailable "
    "RequestTimeout RequestTimeoutException KMSInternalException ServerException 500 502 503 504"
)
EXPIRED = frozenset(("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"))


def kind_of(code: str, status: int, message: str = "") -> Kind:
    """The kind of an error that AWS answered with, from its code first and the HTTP status else."""
    name = code.rsplit("#", 1)[-1].split(":", 1)[0]
    if name in _BUSY or (name == "ResourceConflictException" and "in progress" in message):
        return Kind.THROTTLED  # another change is under way: this one was refused, and will be taken later
    if name in _CREDENTIALS:
        return Kind.CREDENTIALS
    # SQS in the query protocol: AWS.SimpleQueueService.RequestThrottled
    if name in _THROTTLED or status == 429 or "Throttl" in name:
        return Kind.THROTTLED
    if name in _DENIED or (status in (401, 403) and "NotFound" not in name):
        return Kind.DENIED
    if name in _SERVER or status >= 500:
        return Kind.SERVER
    return Kind.REFUSED
