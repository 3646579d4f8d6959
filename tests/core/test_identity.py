"""Which live resource is which: state, baseline, natural key, and never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.identity import Known, Match, Records, left_over, match
from reconciler.model import UNKNOWN, Provider, Resource, Snapshot
from reconciler.resources.spec import Gather, Semantics
from tests.core.support import PROVIDER, entry, resource

QUEUE = "aws_sqs_queue"
GATHER = Gather("security_group_id", lambda found, _: found, lambda found, _: found[0])
TYPES = {
    QUEUE: entry(QUEUE, natural_keys=(("name",),)),
    "aws_vpc": entry("aws_vpc", natural_keys=(("tags.Name", "cidr_block"),)),
    "aws_iam_policy": entry("aws_iam_policy", natural_keys=(("path", "name"),), regional=False),
    "aws_security_group": entry("aws_security_group", natural_keys=(("vpc_id", "name"),)),
    "aws_security_group_rule": entry("aws_security_group_rule", gather=GATHER),
    "aws_iam_role_policy_attachment": entry(
        "aws_iam_role_policy_attachment", natural_keys=(("role", "policy_arn"),), id_from_live=False, regional=False
    ),
}


@dataclass(frozen=True)
class Stub:
    type: str
    id: str
    keys: Mapping[str, Any] = field(default_factory=dict[str, Any])
    provider: Provider = PROVIDER
    aws_owned: bool = False


def queue(name: str, values: Any = None, **changes: Any) -> Resource:
    return resource(f"{QUEUE}.{name}", {"name": name} if values is None else values, **changes)


def stub(id_: str, name: str, **changes: Any) -> Stub:
    return Stub(QUEUE, id_, {"name": name}, **changes)


def snapshot(address: str, id_: str, **attributes: Any) -> Snapshot:
    return Snapshot(address, address.split(".")[0], id_, attributes)


def one(desired: Resource, *stubs: Stub, records: Records | None = None) -> Match:
    return match([desired], stubs, records or Records(), TYPES)[str(desired.address)]


def test_state_goes_before_baseline_and_baseline_before_the_name() -> None:
    listed = (stub("u1", "q"), stub("u2", "other"), stub("u3", "third"))
    state = {f"{QUEUE}.q": Known("u2")}
    snapshots = {f"{QUEUE}.q": snapshot(f"{QUEUE}.q", "u3")}
    found = one(queue("q"), *listed, records=Records(state, snapshots))
    assert (found.id, found.how, found.listed, found.recorded) == ("u2", "state", True, True)
    found = one(queue("q"), *listed, records=Records(None, snapshots))
    assert (found.id, found.how) == ("u3", "baseline")
    found = one(queue("q"), *listed)
    assert (found.id, found.how, found.recorded) == ("u1", "natural key", False)


def test_a_resource_that_was_made_again_is_found_under_its_new_id() -> None:
    found = one(queue("q"), stub("new", "q"), records=Records({f"{QUEUE}.q": Known("old")}))
    assert (found.id, found.recreated, found.recorded) == ("new", True, True)


def test_what_no_listing_shows_is_asked_for_by_its_id() -> None:
    found = one(queue("q"), records=Records({f"{QUEUE}.q": Known("u1")}))
    assert (found.id, found.listed, found.recorded) == ("u1", False, True)


def test_moved_resources_are_found_under_their_old_address() -> None:
    records = Records({f"{QUEUE}.old": Known("u1")}, moved={f"{QUEUE}.q": [f"{QUEUE}.mid", f"{QUEUE}.old"]})
    desired = queue("q")
    found = match([desired], [stub("u1", "anything")], records, TYPES)
    assert found[f"{QUEUE}.q"].id == "u1"
    assert left_over([desired], found, records) == {}


def test_what_state_holds_under_another_address_is_not_taken() -> None:
    records = Records({f"{QUEUE}.old": Known("u1")})
    desired = queue("q")
    found = match([desired], [stub("u1", "q")], records, TYPES)
    assert found[f"{QUEUE}.q"] == Match()
    assert left_over([desired], found, records) == {f"{QUEUE}.old": "u1"}


def test_a_rename_without_state_is_recognised_by_the_baseline() -> None:
    records = Records(None, {f"{QUEUE}.old": snapshot(f"{QUEUE}.old", "u1", name="q")})
    desired = queue("q")
    found = match([desired], [stub("u1", "q")], records, TYPES)
    assert (found[f"{QUEUE}.q"].id, found[f"{QUEUE}.q"].renamed_from) == ("u1", f"{QUEUE}.old")
    assert left_over([desired], found, records) == {}


def test_several_that_fit_are_not_guessed_at() -> None:
    found = one(queue("q"), stub("u1", "q"), stub("u2", "q"))
    assert found.id is None and "2 live resources" in str(found.reason)


def test_two_addresses_cannot_be_one_resource() -> None:
    desired = [resource(f"{QUEUE}.a", {"name": "q"}), resource(f"{QUEUE}.b", {"name": "q"})]
    found = match(desired, [stub("u1", "q")], Records(), TYPES)
    assert all(m.id is None and "u1" in str(m.reason) for m in found.values())
    records = Records({f"{QUEUE}.a": Known("u1")})
    found = match(desired, [stub("u1", "q")], records, TYPES)
    assert found[f"{QUEUE}.a"].id == "u1" and found[f"{QUEUE}.b"].reason


def test_a_key_that_is_not_known_yet_waits() -> None:
    found = one(queue("q", {"name": UNKNOWN}), stub("u1", "q"))
    assert found.waiting and found.id is None and found.reason is None


def test_a_name_that_the_provider_makes_up_cannot_find_anything() -> None:
    found = one(queue("q", {}), stub("u1", "q-123"))
    assert found.id is None and "left to the provider" in str(found.reason)


def test_what_is_not_there_is_simply_not_there() -> None:
    assert one(queue("q"), stub("u1", "other")) == Match()
    assert one(queue("q")) == Match()


def test_other_regions_and_accounts_do_not_count() -> None:
    elsewhere = Provider(region="us-east-1")
    assert one(queue("q"), stub("u1", "q", provider=elsewhere)) == Match()
    policy = resource("aws_iam_policy.p", {"name": "p"})
    there = Stub("aws_iam_policy", "arn", {"path": "/", "name": "p"}, elsewhere)
    assert one(policy, there).id == "arn"


def test_defaults_stand_for_what_a_key_leaves_out() -> None:
    policy = resource("aws_iam_policy.p", {"name": "p"})
    assert one(policy, Stub("aws_iam_policy", "arn", {"path": "/other/", "name": "p"})).id is None


def test_what_the_provider_computes_in_a_key_is_left_out_of_it() -> None:
    group = resource("aws_security_group.g", {"name": "g"})
    assert one(group, Stub("aws_security_group", "sg-1", {"vpc_id": "vpc-1", "name": "g"})).id == "sg-1"


def test_a_name_tag_is_a_part_of_what_names_a_vpc() -> None:
    def vpc(**values: Any) -> Resource:
        return resource("aws_vpc.v", {"cidr_block": "10.0.0.0/16", **values})

    stubs = [
        Stub("aws_vpc", f"vpc-{n}", {"tags.Name": n, "cidr_block": "10.0.0.0/16"}) for n in ("main", "other", None)
    ]
    assert one(vpc(tags={"Name": "main", "Env": "a"}), *stubs).id == "vpc-main"
    assert one(vpc(), *stubs).id == "vpc-None"
    assert one(vpc(tags=UNKNOWN), *stubs).waiting
    inherited = Provider(region=PROVIDER.region, default_tags=(("Name", "other"),))
    assert match([replace(vpc(), provider=inherited)], stubs, Records(), TYPES)["aws_vpc.v"].id == "vpc-other"
    recorded = Records(None, {"aws_vpc.v": snapshot("aws_vpc.v", "gone", tags_all={"Name": "main"})})
    assert one(vpc(tags=UNKNOWN), *stubs, records=recorded).id == "vpc-main"


def test_what_shares_a_prefix_is_told_apart_by_a_longer_key() -> None:
    keys = (("name",), ("name", "kms_master_key_id"))
    types = {QUEUE: entry(QUEUE, natural_keys=keys)}
    made = [
        Stub(QUEUE, f"u{n}", {"name": f"q-2026112110434182180000000{n}", "kms_master_key_id": key})
        for n, key in enumerate("ab")
    ]

    def found(key: str) -> Match:
        desired = queue("q", {"name": None, "name_prefix": "q-", "kms_master_key_id": key})
        return match([desired], made, Records(), types)[f"{QUEUE}.q"]

    assert found("b").id == "u1"
    assert "2 live resources" in str(found("c").reason)


def test_a_name_that_terraform_made_of_a_prefix_is_recognised() -> None:
    desired = queue("q", {"name_prefix": "q-"})
    made = stub("u1", "q-20261121104341821800000001")
    assert one(desired, made, stub("u2", "q-other")).id == "u1"
    assert one(desired, stub("u2", "q-other")) == Match()
    assert "2 live resources" in str(one(desired, made, stub("u2", "q-20261121104341821800000002")).reason)


def test_what_is_never_listed_is_looked_up_by_what_the_code_says() -> None:
    kind = "aws_security_group_rule"
    desired = resource(f"{kind}.r", {"security_group_id": "sg-1"})
    assert one(desired) == Match()
    assert one(desired, records=Records({f"{kind}.r": Known("sgrule-1")})) == Match(recorded=True)


def test_ids_that_terraform_makes_up_are_looked_up_by_their_key() -> None:
    kind = "aws_iam_role_policy_attachment"
    desired = resource(f"{kind}.a", {"role": "r", "policy_arn": UNKNOWN})
    there = Stub(kind, "r/p", {"role": "r", "policy_arn": "p"})
    records = Records({f"{kind}.a": Known("r-2026", {"role": "r", "policy_arn": "p"})})
    found = one(desired, there, records=records)
    assert (found.id, found.recorded, found.recreated) == ("r/p", True, False)
    gone = one(desired, records=records)
    assert gone.id is None and gone.recorded


def test_an_import_block_names_the_resource() -> None:
    found = one(queue("q"), stub("u1", "else"), records=Records(imports={f"{QUEUE}.q": "u1"}))
    assert (found.id, found.how) == ("u1", "import")


def test_types_that_nobody_reads_match_nothing() -> None:
    assert one(resource("aws_nothing.x", {})) == Match()


def test_a_dns_record_is_not_the_one_below_it() -> None:
    """The name may lack that of its zone, which the zone's own SOA record tells."""
    name = "aws_route53_record"
    types = {
        name: entry(
            name,
            natural_keys=(("zone_id", "name", "type", "set_identifier"),),
            id_from_live=False,
            semantics={"name": Semantics.RECORD_NAME},
        )
    }

    def record(id_: str, called: str, kind: str = "A", zone: str = "Z1") -> Stub:
        return Stub(name, id_, {"zone_id": zone, "name": called, "type": kind, "set_identifier": ""})

    there = [
        record("soa", "example.com", "SOA"),
        record("other", "a.example.com", zone="Z2"),
        record("below", "a.b.example.com"),
        record("apex", "example.com"),
    ]

    def found(called: str, *more: Stub) -> str | None:
        wanted = resource(f"{name}.it", {"zone_id": "Z1", "name": called, "type": "A"})
        return match([wanted], [*there, *more], Records(), types)[f"{name}.it"].id

    assert found("a") is None
    assert found("a", record("it", "a.example.com")) == "it"
    assert found("A.Example.com.", record("it", "a.example.com")) == "it"
    assert found("a.b") == "below"
    assert found("") == found("example.com") == "apex"


def test_what_there_is_one_of_needs_no_name() -> None:
    name = "aws_iam_account_password_policy"
    types = {name: entry(name, natural_keys=((),), regional=False)}
    wanted = resource(f"{name}.main", {"minimum_password_length": 14})
    assert match([wanted], [], Records(), types)[f"{name}.main"] == Match()
    there = Stub(name, "iam-account-password-policy", {})
    assert match([wanted], [there], Records(), types)[f"{name}.main"].id == "iam-account-password-policy"


def test_a_key_may_be_in_a_block() -> None:
    name = "aws_service_discovery_service"
    keys = (("name", "namespace_id"), ("name", "dns_config.0.namespace_id"))
    types = {name: entry(name, natural_keys=keys)}
    there = [
        Stub(name, id_, {"name": "a", "namespace_id": None, "dns_config.0.namespace_id": space})
        for id_, space in (("one", "ns-1"), ("two", "ns-2"))
    ]
    wanted = resource(f"{name}.a", {"name": "a", "dns_config": [{"namespace_id": "ns-2"}]})
    assert match([wanted], there, Records(), types)[f"{name}.a"].id == "two"


def test_of_two_the_one_that_is_not_of_aws() -> None:
    of_aws = stub("u0", "a", aws_owned=True)
    assert one(queue("a"), of_aws).id == "u0"
    assert one(queue("a"), of_aws, stub("u1", "a")).id == "u1"
    assert one(queue("a"), of_aws, stub("u1", "a"), stub("u2", "a")).reason is not None
