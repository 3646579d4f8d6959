"""Networks and machines, by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from reconciler.model import Operation
from reconciler.resources.spec import Subject
from tests.oracle.hand import Hand, news, side
from tests.oracle.hands import Hands, Refused


def prefix_list_entries(_hands: Hands, subject: Subject) -> Iterator[Operation]:
    before, after = (
        {entry["cidr"]: entry.get("description") or "" for entry in cast("list[dict[str, str]]", one or [])}
        for one in side(subject, "entry")
    )
    added = [{"Cidr": c, "Description": d} for c, d in sorted(after.items()) if before.get(c) != d]
    gone = [{"Cidr": cidr} for cidr in sorted(before) if before[cidr] != after.get(cidr)]
    now = _hands.ask("ec2", "describe_managed_prefix_lists", PrefixListIds=[subject.id])["PrefixLists"][0]["Version"]
    name = (subject.after or {})["name"]  # moto forgets what it is not given
    given: dict[str, Any] = {"PrefixListId": subject.id, "CurrentVersion": now, "PrefixListName": name}
    given |= {"AddEntries": added} if added else {}
    given |= {"RemoveEntries": gone} if gone else {}
    yield Operation("ec2", "ModifyManagedPrefixList", given)


def acl_subnets(hands: Hands, subject: Subject) -> Iterator[Operation]:
    """A subnet is always with one of them: one that leaves goes to the network's default."""
    new, gone = news(subject, "subnet_ids")
    network = (subject.after or {})["vpc_id"]
    every = hands.ask("ec2", "describe_network_acls", Filters=[{"Name": "vpc-id", "Values": [network]}])["NetworkAcls"]
    default = next(acl["NetworkAclId"] for acl in every if acl["IsDefault"])
    for subnet in [*new, *gone]:
        link = next(
            (a["NetworkAclAssociationId"] for acl in every for a in acl["Associations"] if a["SubnetId"] == subnet),
            None,
        )
        if link is None:
            raise Refused(f"{subnet} is in another network")
        to = subject.id if subnet in new else default
        yield Operation("ec2", "ReplaceNetworkAclAssociation", {"AssociationId": link, "NetworkAclId": to})


def volume(_hands: Hands, subject: Subject) -> Iterator[Operation]:
    yield Operation("ec2", "ModifyVolume", {"VolumeId": subject.id, "Size": (subject.after or {})["size"]})


def ipv6_of_subnet(hands: Hands, subject: Subject) -> Iterator[Operation]:
    _, after = side(subject, "ipv6_cidr_block")
    found = hands.ask("ec2", "describe_subnets", SubnetIds=[subject.id])["Subnets"][0]
    for link in found.get("Ipv6CidrBlockAssociationSet", ()):
        if link["Ipv6CidrBlockState"]["State"] == "associated":
            yield Operation("ec2", "DisassociateSubnetCidrBlock", {"AssociationId": link["AssociationId"]})
    if after:
        yield Operation("ec2", "AssociateSubnetCidrBlock", {"SubnetId": subject.id, "Ipv6CidrBlock": after})


def ipv6_of_vpc(hands: Hands, subject: Subject) -> Iterator[Operation]:
    _, after = side(subject, "assign_generated_ipv6_cidr_block")
    found = hands.ask("ec2", "describe_vpcs", VpcIds=[subject.id])["Vpcs"][0]
    if after:
        yield Operation("ec2", "AssociateVpcCidrBlock", {"VpcId": subject.id, "AmazonProvidedIpv6CidrBlock": True})
        return
    for link in found.get("Ipv6CidrBlockAssociationSet", ()):
        if link["Ipv6CidrBlockState"]["State"] == "associated":
            yield Operation("ec2", "DisassociateVpcCidrBlock", {"AssociationId": link["AssociationId"]})


def instance_profile(hands: Hands, subject: Subject) -> Iterator[Operation]:
    _, after = side(subject, "iam_instance_profile")
    filters = [{"Name": "instance-id", "Values": [subject.id]}]
    links = hands.ask("ec2", "describe_iam_instance_profile_associations", Filters=filters)
    for link in links["IamInstanceProfileAssociations"]:
        yield Operation("ec2", "DisassociateIamInstanceProfile", {"AssociationId": link["AssociationId"]})
    if after:
        given = {"InstanceId": subject.id, "IamInstanceProfile": {"Name": after}}
        yield Operation("ec2", "AssociateIamInstanceProfile", given)


def shutdown(_hands: Hands, subject: Subject) -> Iterator[Operation]:
    _, after = side(subject, "instance_initiated_shutdown_behavior")
    given = {"InstanceId": subject.id, "InstanceInitiatedShutdownBehavior": {"Value": after}}
    yield Operation("ec2", "ModifyInstanceAttribute", given)


def addresses(name: str, verb: str, parameter: str) -> Hand:
    """Addresses of an interface: ("ipv6_addresses", "Ipv6Addresses", "Ipv6Addresses")."""

    def hand(_hands: Hands, subject: Subject) -> Iterator[Operation]:
        new, gone = news(subject, name)
        for how, addresses in (("Assign", new), ("Unassign", gone)):
            if addresses:
                given = {"NetworkInterfaceId": subject.id, parameter: list(addresses)}
                yield Operation("ec2", f"{how}{verb}", given)

    return hand
