"""Functions on IP prefixes."""

from __future__ import annotations

import ipaddress
import re
from typing import Final, TypeAlias

from reconciler.hcl import numbers, values
from reconciler.hcl.functions.spec import Call, FunctionError, Parameter, Table, integer
from reconciler.hcl.values import NUMBER, STRING, ListOf, Value

TABLE = Table()
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
_PREFIX = Parameter("prefix", STRING)
_LEADING_ZEROS: Final = re.compile(r"(?<![0-9a-fA-F])0+(?=[0-9a-fA-F])")


def _network(text: str, argument: int = 0) -> Network:
    address, slash, length = text.partition("/")
    if not slash or not (length.isascii() and length.isdigit()) or "%" in address or "/" in length:
        raise FunctionError(f"invalid CIDR expression: invalid CIDR address: {text}", argument)
    address = _LEADING_ZEROS.sub("", address)
    try:
        return ipaddress.ip_network(f"{address}/{int(length)}", strict=False)
    except ValueError as error:
        raise FunctionError(f"invalid CIDR expression: invalid CIDR address: {text}", argument) from error


def _whole(value: Value, argument: int) -> int:
    whole = numbers.to_int(value.number) if value.number.is_finite() else None
    if whole is None:
        raise FunctionError("a whole number is required", argument)
    return whole


@TABLE.add("cidrhost", _PREFIX, Parameter("hostnum", NUMBER), result=STRING)
def _cidrhost(call: Call) -> Value:
    number, network = _whole(call.args[1], 1), _network(call.text(0))
    size = 1 << (network.max_prefixlen - network.prefixlen)
    # The check of a number that is not negative sees its low 64 bits as a signed integer.
    low = (number + 2**63) % 2**64 - 2**63
    if low >= size or number < -size or number >> network.max_prefixlen > 0:
        raise FunctionError(f"prefix of {network.prefixlen} does not accommodate a host numbered {number}")
    if number < 0:
        number %= size
    # An IPv4 network in IPv6's form has 16 bytes and numbers of 4, which Terraform puts in front.
    return values.string(_address(network, number << 96 if _mapped(network) else number))


def _mapped(network: Network) -> bool:
    """An IPv4 network in the form of IPv6, such as ::ffff:10.0.0.0/104."""
    address = network.network_address
    return isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None


def _address(network: Network, offset: int) -> str:
    address = type(network.network_address)(int(network.network_address) | offset)
    short = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(address if short is None else short)


@TABLE.add("cidrnetmask", _PREFIX, result=STRING)
def _cidrnetmask(call: Call) -> Value:
    network = _network(call.text(0))
    if network.version == 6 and not _mapped(network):
        raise FunctionError(f"IPv6 addresses cannot have a netmask: {call.text(0)}", 0)
    return values.string(str(network.netmask))


@TABLE.add("cidrsubnet", _PREFIX, Parameter("newbits", NUMBER), Parameter("netnum", NUMBER), result=STRING)
def _cidrsubnet(call: Call) -> Value:
    bits, number, network = call.integer(1), _whole(call.args[2], 2), _network(call.text(0))
    length = network.prefixlen + bits
    if not 0 <= length <= network.max_prefixlen:
        raise FunctionError(f"insufficient address space to extend prefix of {network.prefixlen} by {bits}")
    # The check sees 64 bits of the number without its sign.
    if abs(number) % 2**64 >= (1 << bits if 0 <= bits < 64 else 2**64):
        raise FunctionError(f"prefix extension of {bits} does not accommodate a subnet numbered {number}")
    # With a negative number Terraform's result is not in the network, but it is a result.
    address = abs(int(network.network_address) | number << (network.max_prefixlen - length))
    if address >> network.max_prefixlen:
        raise FunctionError(f"prefix extension of {bits} does not accommodate a subnet numbered {number}")
    found = type(network.network_address)(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        return values.string(f"{found.ipv4_mapped}/{max(length - 96, 0)}")
    return values.string(f"{found}/{length}")


@TABLE.add("cidrsubnets", _PREFIX, variadic=Parameter("newbits", NUMBER), result=ListOf(STRING))
def _cidrsubnets(call: Call) -> Value:
    network = _network(call.text(0))
    size = 1 << (network.max_prefixlen - network.prefixlen)
    out: list[Value] = []
    position = 0
    if call.args[1:] and (not int(network.network_address) or _mapped(network)):
        raise FunctionError("not enough remaining address space: Terraform cannot divide a network that starts at 0", 1)
    for index, arg in enumerate(call.args[1:], 1):
        bits = integer(arg, index)
        length = network.prefixlen + bits
        if not 1 <= bits <= 32:
            limit = (
                "must extend prefix by at least one bit" if bits < 1 else "may not extend prefix by more than 32 bits"
            )
            raise FunctionError(limit, index)
        if length > network.max_prefixlen:
            raise FunctionError(
                f"would extend prefix to {length} bits, which is too long for an IPv{network.version} address", index
            )
        step = 1 << (network.max_prefixlen - length)
        position = -(-position // step) * step
        if position + step > size:
            raise FunctionError(
                f"not enough remaining address space for a subnet with a prefix of {length} bits", index
            )
        out.append(values.string(f"{_address(network, position)}/{length}"))
        position += step
    return values.list_of(out, STRING)
