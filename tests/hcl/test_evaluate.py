"""What an evaluation says beyond values: origins, sources of variables, diagnostics, requests, gaps, live values."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from reconciler.hcl.evaluate import Evaluation, Inputs, evaluate
from reconciler.hcl.normal import rewrite
from reconciler.hcl.tree import MemoryTree, Overlay
from reconciler.model import UNKNOWN, NoOrigin, Origin, Path, Resource

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'


def run(main: str = "", inputs: Inputs | None = None, **files: str) -> Evaluation:
    """Evaluate main.tf and other files, whose names are given with _ for / and __ for a dot."""
    named = {name.replace("__", ".").replace("_", "/"): text for name, text in files.items()}
    tree = MemoryTree({path: text.encode() for path, text in {"main.tf": main, **named}.items()})
    return evaluate(tree, "", inputs)


def only(evaluation: Evaluation, address: str | None = None) -> Resource:
    found = [r for r in evaluation.resources if address is None or str(r.address) == address]
    assert len(found) == 1, [str(r.address) for r in evaluation.resources]
    return found[0]


def errors(evaluation: Evaluation) -> list[str]:
    return [f"{d.span}: {d.summary}" for d in evaluation.diagnostics if d.severity == "error"]


def literal(evaluation: Evaluation, files: Mapping[str, str], path: Path, address: str | None = None) -> str:
    """The characters that an attribute comes from."""
    origin = only(evaluation, address).origins[path]
    assert isinstance(origin, Origin), origin
    return files[origin.span.file][origin.span.start : origin.span.end]


# -- origins --------------------------------------------------------------------------------------------------

QUEUE = 'resource "aws_sqs_queue" "q" {\n%s\n}\n'
WAYS: dict[str, tuple[dict[str, str], Path, str, int]] = {
    # name: (files, path, the literal, how many hops)
    "in place": ({"main.tf": QUEUE % "  delay_seconds = 5 # here"}, ("delay_seconds",), "5", 0),
    "a converted string": ({"main.tf": QUEUE % '  delay_seconds = "5"'}, ("delay_seconds",), '"5"', 0),
    "a default": (
        {"main.tf": QUEUE % "  delay_seconds = var.d", "vars.tf": 'variable "d" {\n  default = 7\n}\n'},
        ("delay_seconds",),
        "7",
        1,
    ),
    "tfvars": (
        {
            "main.tf": QUEUE % "  delay_seconds = local.d",
            "vars.tf": 'variable "d" {}\nlocals {\n  d = var.d\n}\n',
            "terraform.tfvars": "d = 8\n",
        },
        ("delay_seconds",),
        "8",
        2,
    ),
    "an entry of a map": (
        {
            "main.tf": "locals {\n  m = { a = { d = 1 }, b = { d = 22 } }\n}\n"
            + QUEUE % '  delay_seconds = local.m["b"].d'
        },
        ("delay_seconds",),
        "22",
        1,
    ),
    "merge and lookup": (
        {
            "main.tf": "locals {\n  base = { d = 1 }\n  m = merge(local.base, { d = 33 })\n}\n"
            + QUEUE % '  delay_seconds = lookup(local.m, "d", 0)'
        },
        ("delay_seconds",),
        "33",
        1,
    ),
    "a conditional": (
        {"main.tf": "locals {\n  on = true\n}\n" + QUEUE % "  delay_seconds = local.on ? 3 : 4"},
        ("delay_seconds",),
        "3",
        0,
    ),
    "try and coalesce": (
        {"main.tf": QUEUE % "  delay_seconds = try(coalesce(null, 12), 13)"},
        ("delay_seconds",),
        "12",
        0,
    ),
    "a for expression": (
        {"main.tf": "locals {\n  l = [for x in [5, 6] : { d = x }]\n}\n" + QUEUE % "  delay_seconds = local.l[1].d"},
        ("delay_seconds",),
        "6",
        1,
    ),
    "an optional attribute's default": (
        {
            "main.tf": 'variable "o" {\n  type    = object({ d = optional(number, 44) })\n  default = {}\n}\n'
            + QUEUE % "  delay_seconds = var.o.d"
        },
        ("delay_seconds",),
        "44",
        1,
    ),
    "a tag": ({"main.tf": QUEUE % '  tags = { Owner = "me" }'}, ("tags_all", "Owner"), '"me"', 0),
    "a whole map": ({"main.tf": QUEUE % '  tags = { Owner = "me" }'}, ("tags",), '{ Owner = "me" }', 0),
    "a heredoc": ({"main.tf": QUEUE % "  name = <<-E\n    x\n  E"}, ("name",), "<<-E\n    x\n  E", 0),
}


@pytest.mark.parametrize("name", WAYS)
def test_a_value_knows_its_literal(name: str) -> None:
    files, path, text, hops = WAYS[name]
    files = {**files, "provider.tf": PROVIDER}
    evaluation = evaluate(MemoryTree({path: text.encode() for path, text in files.items()}), "")
    assert errors(evaluation) == []
    assert literal(evaluation, files, path).strip() == text
    origin = only(evaluation).origins[path]
    assert isinstance(origin, Origin)
    last = origin.via[-1:] if hops else ()
    assert all(str(path[-1]) in hop for hop in last), "the way ends at the argument"
    assert len(origin.via) == (hops and hops + 1), origin.via


def test_the_way_through_modules_is_told_hop_by_hop() -> None:
    files = {
        "main.tf": PROVIDER
        + "locals {\n  services = {\n    pay = { timeout = 60 }\n  }\n}\n"
        + 'module "m" {\n  source   = "./m"\n  for_each = local.services\n  config   = each.value\n}\n',
        "m/main.tf": 'variable "config" {\n  type = object({ timeout = number })\n}\n'
        'resource "aws_sqs_queue" "q" {\n  visibility_timeout_seconds = var.config.timeout\n}\n',
    }
    evaluation = evaluate(MemoryTree({path: text.encode() for path, text in files.items()}), "")
    origin = only(evaluation, 'module.m["pay"].aws_sqs_queue.q').origins["visibility_timeout_seconds",]
    assert isinstance(origin, Origin)
    assert files["main.tf"][origin.span.start : origin.span.end] == "60"
    assert origin.span.line == 6
    assert origin.via == (
        "main.tf:5 local.services",
        "main.tf:11 for_each",
        "main.tf:12 module.m.config",
        "m/main.tf:1 var.config",
        "m/main.tf:5 visibility_timeout_seconds",
    )


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ('format("%s", "x")', "computed by format() at main.tf"),
        ('"a${var.x}"', "put together from a template"),
        ("1 + 2", "computed by +"),
        ("aws_sqs_queue.other.arn", "known only after apply: aws_sqs_queue.other"),
        ("var.given", "given by --var"),
        ("var.environment", "given by the environment variable TF_VAR_environment"),
    ],
)
def test_what_has_no_literal_says_why(expression: str, reason: str) -> None:
    main = f"""{PROVIDER}
variable "x" {{ default = "x" }}
variable "given" {{}}
variable "environment" {{}}
resource "aws_sqs_queue" "other" {{}}
resource "aws_sqs_queue" "q" {{
  name = {expression}
}}
"""
    inputs = Inputs(arguments=(("var", "given=g"),), environment={"TF_VAR_environment": "e"})
    origin = only(run(main, inputs), "aws_sqs_queue.q").origins["name",]
    assert isinstance(origin, NoOrigin)
    assert reason in origin.reason


def test_blocks_and_the_elements_that_make_them_have_origins() -> None:
    main = f"""{PROVIDER}
resource "aws_security_group" "g" {{
  ingress {{
    from_port = 1
    to_port   = 1
    protocol  = "tcp"
  }}
  dynamic "ingress" {{
    for_each = {{ web = 443 }}
    content {{
      from_port = ingress.value
      to_port   = ingress.value
      protocol  = "tcp"
    }}
  }}
}}
"""
    group = only(run(main))
    ports = [rule["from_port"] for rule in group.values["ingress"]]  # type: ignore[index,union-attr]
    written, made = ports.index(1), ports.index(443)
    spans = {}
    for index in (written, made):
        origin = group.origins["ingress", index]
        assert isinstance(origin, Origin)
        spans[index] = main[origin.span.start : origin.span.end]
    assert spans[written].startswith("ingress {")
    assert spans[made] == "443"
    port = group.origins["ingress", made, "from_port"]
    assert isinstance(port, Origin)
    assert main[port.span.start : port.span.end] == "443"


# -- variables ------------------------------------------------------------------------------------------------


def test_sources_of_variables_win_in_terraforms_order() -> None:
    declared = "".join(f'variable "{name}" {{\n  default = "default"\n}}\n' for name in "abcdefg")
    shown = "".join(f'output "{name}" {{\n  value = var.{name}\n}}\n' for name in "abcdefg")
    layers = {
        "terraform.tfvars": 'b = "tfvars"\nc = "tfvars"\nd = "tfvars"\ne = "tfvars"\nf = "tfvars"\ng = "tfvars"\n',
        "terraform.tfvars.json": '{"c": "json", "d": "json", "e": "json", "f": "json", "g": "json"}',
        "b.auto.tfvars": 'd = "auto b"\ne = "auto b"\nf = "auto b"\ng = "auto b"\n',
        "a.auto.tfvars": 'd = "auto a"\n',
        "deep/more.tfvars": 'e = "file"\nf = "file"\ng = "file"\n',
    }
    tree = MemoryTree({path: text.encode() for path, text in {"main.tf": declared + shown, **layers}.items()})
    inputs = Inputs(
        arguments=(("var", "f=first"), ("var-file", "deep/more.tfvars"), ("var", "g=last")),
        environment={f"TF_VAR_{name}": "environment" for name in "abcdefg"},
    )
    values = {name: output.value for name, output in evaluate(tree, "", inputs).outputs.items()}
    assert values == {
        "a": "environment",
        "b": "tfvars",
        "c": "json",
        "d": "auto b",
        "e": "file",
        "f": "file",
        "g": "last",
    }


def test_values_that_no_variable_takes() -> None:
    evaluation = run("", Inputs(arguments=(("var", "x=1"),)), terraform__tfvars="y = 1\n")
    assert [(d.severity, d.summary) for d in evaluation.diagnostics] == [
        ("warning", 'Value for the undeclared variable "y".'),
        ("error", '--var gives a value to "x", but there is no such variable.'),
    ]


def test_a_missing_variable_fails_only_what_needs_it() -> None:
    evaluation = run(
        PROVIDER
        + 'variable "name" {\n}\nresource "aws_sqs_queue" "a" {\n  name = var.name\n}\n'
        + 'resource "aws_sqs_queue" "b" {\n  name = "b"\n}\n'
    )
    assert errors(evaluation) == ['main.tf:4: No value for the required variable "name".']
    assert "required variable" in (only(evaluation, "aws_sqs_queue.a").unverified or "")
    assert only(evaluation, "aws_sqs_queue.b").unverified is None


# -- what is wrong --------------------------------------------------------------------------------------------

POSTCONDITION = """
  lifecycle {
    postcondition {
      condition     = self.name == "b"
      error_message = "named ${self.name}"
    }
  }
"""
WRONG: dict[str, tuple[str, str]] = {
    "broken text": ("x = = 1\n", "main.tf:1: "),
    "a cycle": ("locals {\n  a = local.b\n  b = local.a\n}\n", "Cycle: local.a -> local.b -> local.a."),
    "itself": ("locals {\n  a = [local.a]\n}\n", "Cycle: local.a -> local.a."),
    "undeclared": ("locals {\n  a = var.nothing\n}\n", "main.tf:2: var.nothing is not declared"),
    "twice": ("locals {\n  a = 1\n}\nlocals {\n  a = 2\n}\n", "main.tf:5: Duplicate local.a."),
    "count of null": ('resource "aws_sqs_queue" "q" {\n  count = null\n}\n', "count must be a whole number"),
    "a list in for_each": ('resource "aws_sqs_queue" "q" {\n  for_each = ["a"]\n}\n', "for_each must be a map"),
    "both": ('resource "aws_sqs_queue" "q" {\n  count = 1\n  for_each = {}\n}\n', "exclude each other"),
    "an unknown argument": ('resource "aws_sqs_queue" "q" {\n  nam = "x"\n}\n', 'An argument named "nam"'),
    "a computed argument": ('resource "aws_sqs_queue" "q" {\n  arn = "x"\n}\n', "decided by the provider"),
    "a missing argument": ('resource "aws_sqs_queue_policy" "q" {\n  policy = "x"\n}\n', '"queue_url" is required'),
    "an unknown block": ('resource "aws_sqs_queue" "q" {\n  x {\n  }\n}\n', 'Blocks of type "x"'),
    "a wrong type": ('resource "aws_sqs_queue" "q" {\n  delay_seconds = "x"\n}\n', "a number is required"),
    "an unknown module": ('module "m" {\n  source = "./nowhere"\n}\n', 'There is no module in "nowhere"'),
    "a module that calls itself": ('module "m" {\n  source = "./."\n}\n', "calls itself"),
    "a validation": (
        'variable "v" {\n  default = 1\n  validation {\n    condition = var.v > 1\n    error_message = "few"\n  }\n}\n',
        "var.v: few",
    ),
    "a postcondition": (
        QUEUE % ('  name = "a"\n' + POSTCONDITION),
        "aws_sqs_queue.q: named a",
    ),
    "a sensitive output": (
        'variable "v" {\n  sensitive = true\n  default = 1\n}\noutput "o" {\n  value = var.v\n}\n',
        "must say `sensitive = true`",
    ),
    "an unknown provider": (
        'resource "aws_sqs_queue" "q" {\n  provider = aws.west\n}\n',
        "There is no provider aws.west",
    ),
    "a deep expression": ("locals {\n  a = " + "(" * 400 + "1" + ")" * 400 + "\n}\n", "main.tf"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_its_place(name: str) -> None:
    text, message = WRONG[name]
    found = errors(run(text, provider__tf=PROVIDER))
    assert any(message in error for error in found), found
    assert all("main.tf" in error for error in found), found


def test_what_cannot_be_told_concerns_only_what_needs_it() -> None:
    evaluation = run(
        PROVIDER
        + 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'
        + 'resource "aws_sqs_queue" "a" {\n  name = try(module.vpc.name, "fallback")\n}\n'
        + 'resource "aws_sqs_queue" "b" {\n  name = "b"\n}\n'
        + 'resource "random_pet" "p" {\n  length = 2\n}\n'
        + 'resource "aws_sqs_queue" "c" {\n  name = random_pet.p.id\n}\n'
    )
    assert [str(gap.address) for gap in evaluation.gaps] == ["module.vpc"]
    assert "not installed" in (only(evaluation, "aws_sqs_queue.a").unverified or "")
    assert only(evaluation, "aws_sqs_queue.b").unverified is None
    assert only(evaluation, "random_pet.p").unverified == "the provider hashicorp/random is not supported"
    assert only(evaluation, "aws_sqs_queue.c").values["name"] is UNKNOWN


DIFFERS = "path.cwd differs from machine to machine"


@pytest.mark.parametrize(
    ("expression", "folder", "name"),
    [
        ("basename(path.cwd)", None, "live"),
        ('replace(basename(path.cwd), "/i/", "o")', None, "love"),
        ("basename(dirname(path.cwd))", None, None),
        ("basename(dirname(path.cwd))", "estate", "estate"),
        ('trimspace(file("${path.cwd}/../name"))', None, "named"),
        ('templatefile("${path.cwd}/../name", { n = length(path.cwd) })', None, None),
        ("basename(dirname(dirname(path.cwd)))", "estate", None),
        ("path.cwd", "estate", None),
        ('startswith(path.cwd, "/home") ? "a" : "b"', None, None),
        ('basename(path.cwd == "/home/me" ? "a" : "b")', None, None),
        ('element([for part in split("/", path.cwd) : part], 0)', None, None),
        ('element(["a"], length(path.cwd))', None, "a"),
    ],
)
def test_where_the_repository_lies_is_nobodys_business(expression: str, folder: str | None, name: str | None) -> None:
    """What is the same wherever it lies is known; the rest is not, whatever machine this is."""
    files = {"live/main.tf": PROVIDER + QUEUE % f"  name = {expression}", "name": "named\n"}
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    queue = only(evaluate(tree, "live", Inputs(folder=folder)))
    assert (queue.values.get("name"), queue.unverified) == (name, None if name else DIFFERS)


def test_how_many_there_are_may_be_unknown() -> None:
    evaluation = run(
        PROVIDER
        + 'data "aws_subnets" "s" {}\n'
        + 'resource "aws_sqs_queue" "q" {\n  for_each = toset(data.aws_subnets.s.ids)\n  name = each.key\n}\n'
    )
    queue = only(evaluation)
    assert str(queue.address) == "aws_sqs_queue.q"
    assert "for_each at main.tf:6 depends on what is known only after apply" in (queue.unverified or "")
    assert [request.address for request in evaluation.data] == ["data.aws_subnets.s"]


# -- what the cloud says --------------------------------------------------------------------------------------

LIVE = (
    PROVIDER
    + 'data "aws_caller_identity" "me" {}\n'
    + 'resource "aws_sqs_queue" "q" {\n  count = 2\n  name = "q${count.index}"\n}\n'
    + 'resource "aws_sns_topic" "t" {\n  name = "t-${data.aws_caller_identity.me.account_id}"\n'
    + "  tags = { Queue = aws_sqs_queue.q[1].arn }\n}\n"
)


def test_without_the_cloud_it_is_unknown_and_asked_for() -> None:
    evaluation = run(LIVE)
    topic = only(evaluation, "aws_sns_topic.t")
    assert topic.values == {"name": UNKNOWN, "tags": UNKNOWN, "tags_all": UNKNOWN}
    (request,) = evaluation.data
    assert (request.address, request.type, dict(request.arguments)) == (
        "data.aws_caller_identity.me",
        "aws_caller_identity",
        {},
    )
    assert request.provider.region == "eu-west-1"


def test_with_answers_and_live_values_nothing_is_unknown() -> None:
    inputs = Inputs(
        prior={f"aws_sqs_queue.q[{i}]": {"name": f"q{i}", "arn": f"arn:q{i}", "policy": ""} for i in range(2)},
        data={"data.aws_caller_identity.me": {"account_id": "123456789012", "id": "123456789012"}},
    )
    evaluation = run(LIVE, inputs)
    assert evaluation.data == ()
    tags = {"Queue": "arn:q1"}
    topic = only(evaluation, "aws_sns_topic.t")
    assert topic.values == {"name": "t-123456789012", "tags": tags, "tags_all": tags}


def test_what_is_secret_is_told() -> None:
    evaluation = run(
        PROVIDER
        + 'variable "p" {\n  default = "x"\n  sensitive = true\n}\n'
        + 'resource "aws_db_instance" "d" {\n  instance_class = "x"\n  password = "plain"\n  username = var.p\n'
        + "  tags = { A = var.p, B = 1 }\n}\n"
    )
    secret = only(evaluation).sensitive
    assert {("password",), ("username",), ("tags", "A"), ("tags_all", "A")} <= secret
    assert ("tags",) not in secret


# -- providers, backends, statements --------------------------------------------------------------------------


def test_a_providers_settings() -> None:
    provider = only(
        run(
            """
variable "id" {}
provider "aws" {
  region                 = "us-east-1"
  profile                = "p"
  allowed_account_ids    = ["1"]
  s3_use_path_style      = true
  assume_role {
    role_arn    = "arn:role"
    external_id = var.id
  }
  endpoints {
    sqs = "http://localhost:1"
    s3  = "http://localhost:2"
  }
  default_tags {
    tags = { A = "b" }
  }
  ignore_tags {
    keys = ["K"]
  }
}
resource "aws_sqs_queue" "q" {}
""",
            Inputs(environment={"TF_VAR_id": "e"}),
        )
    ).provider
    assert (provider.region, provider.profile, provider.s3_use_path_style) == ("us-east-1", "p", True)
    assert provider.endpoints == (("s3", "http://localhost:2"), ("sqs", "http://localhost:1"))
    assert [(role.role_arn, role.external_id) for role in provider.assume_role] == [("arn:role", "e")]
    assert (provider.default_tags, provider.ignore_tags) == ((("A", "b"),), ("K",))
    assert provider.unknown == ()


def test_a_provider_that_is_not_known_makes_its_resources_unverified() -> None:
    evaluation = run(
        'data "aws_ssm_parameter" "region" {\n  name = "r"\n}\n'
        'provider "aws" {\n  alias  = "x"\n  region = data.aws_ssm_parameter.region.value\n}\n'
        'resource "aws_sqs_queue" "q" {\n  provider = aws.x\n}\n'
    )
    assert only(evaluation).unverified == "its provider's region cannot be told"


def test_statements() -> None:
    evaluation = run(
        """
terraform {
  backend "s3" {
    bucket = "b"
    key    = "k"
    assume_role = { role_arn = "arn" }
  }
}
moved {
  from = aws_sqs_queue.a["x"]
  to   = module.m[0].aws_sqs_queue.a
}
removed {
  from = aws_sqs_queue.gone
  lifecycle {
    destroy = false
  }
}
import {
  for_each = { one = "id-1", two = "id-2" }
  to       = aws_sqs_queue.q[each.key]
  id       = each.value
}
resource "aws_sqs_queue" "q" {
  for_each = toset(["one", "two"])
}
"""
    )
    assert errors(evaluation) == []
    assert evaluation.backend is not None
    assert (evaluation.backend.type, evaluation.backend.config["bucket"]) == ("s3", "b")
    assert [(m.source, m.target) for m in evaluation.moved] == [
        ('aws_sqs_queue.a["x"]', "module.m[0].aws_sqs_queue.a"),
    ]
    assert [(r.source, r.destroy) for r in evaluation.removed] == [("aws_sqs_queue.gone", False)]
    assert [(str(i.to), i.id) for i in evaluation.imports] == [
        ('aws_sqs_queue.q["one"]', "id-1"),
        ('aws_sqs_queue.q["two"]', "id-2"),
    ]


def test_an_installed_module_is_evaluated_where_it_lies() -> None:
    files = {
        "live/main.tf": PROVIDER + 'module "q" {\n  source = "acme/queue/aws"\n  name = "x"\n}\n',
        "live/.terraform/modules/q/main.tf": 'variable "name" {}\n'
        'module "in" {\n  source = "./in"\n  name = var.name\n}\n',
        "live/.terraform/modules/q/in/main.tf": 'variable "name" {}\nresource "aws_sqs_queue" "q" {\n'
        '  name = "${var.name}-${path.module}"\n}\n',
    }
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    inputs = Inputs(installed={"q": "live/.terraform/modules/q"})
    queue = only(evaluate(tree, "live", inputs))
    assert str(queue.address) == "module.q.module.in.aws_sqs_queue.q"
    assert queue.values["name"] == "x-.terraform/modules/q/in"


def test_ignored_changes_are_paths() -> None:
    evaluation = run(
        PROVIDER
        + 'resource "aws_sqs_queue" "a" {\n  lifecycle {\n    ignore_changes = [tags["x y"], policy]\n  }\n}\n'
        + 'resource "aws_sqs_queue" "b" {\n  lifecycle {\n    ignore_changes = all\n  }\n}\n'
    )
    assert only(evaluation, "aws_sqs_queue.a").ignore_changes == {("tags", "x y"), ("policy",)}
    assert only(evaluation, "aws_sqs_queue.b").ignore_changes == {()}


def test_an_edited_tree_is_evaluated_like_any_other() -> None:
    base = MemoryTree({"main.tf": (PROVIDER + QUEUE % "  delay_seconds = 5").encode()})
    edited = Overlay(base, {"main.tf": base.read("main.tf").replace(b"= 5", b"= 6"), "gone.tf": None})
    assert only(evaluate(base, "")).values["delay_seconds"] == 5
    assert only(evaluate(edited, "")).values["delay_seconds"] == 6
    assert edited.blob_id("main.tf") != base.blob_id("main.tf")


def test_long_chains_do_not_recurse() -> None:
    count = 5000
    lines = ["locals {", "  a0 = 1", *(f"  a{i} = local.a{i - 1}" for i in range(1, count)), "}"]
    lines += ['output "last" {', f"  value = local.a{count - 1}", "}"]
    assert run("\n".join(lines)).outputs["last"].value == 1


def test_numbers_come_out_as_json_has_them() -> None:
    outputs = run('output "n" {\n  value = [1, 2.5, 1e3, 10 / 4, 9007199254740993]\n}\n').outputs
    assert outputs["n"].value == [1, 2.5, 1000, 2.5, 9007199254740993]


def test_write_only_and_ephemeral_values_are_in_no_state() -> None:
    evaluation = run(
        PROVIDER
        + 'ephemeral "aws_ssm_parameter" "p" {\n  arn = "x"\n}\n'
        + 'resource "aws_ssm_parameter" "s" {\n  name = "s"\n  type = "SecureString"\n'
        + "  value_wo = ephemeral.aws_ssm_parameter.p.value\n  value_wo_version = 1\n}\n"
    )
    parameter = only(evaluation)
    assert parameter.unverified is None
    assert "value_wo" not in parameter.values
    assert parameter.values["value_wo_version"] == 1


def test_secrets_of_other_providers_stay_secret() -> None:
    evaluation = run(
        PROVIDER
        + 'resource "random_password" "p" {\n  length = 16\n}\n'
        + 'resource "tls_private_key" "k" {\n  algorithm = "RSA"\n}\n'
        + 'resource "aws_ssm_parameter" "s" {\n  name = "s"\n  type = "String"\n  value = random_password.p.result\n'
        + "  description = tls_private_key.k.private_key_pem\n}\n",
        Inputs(
            prior={
                "random_password.p": {"result": "hunter2", "id": "none"},
                "tls_private_key.k": {"private_key_pem": "PEM", "algorithm": "RSA"},
            }
        ),
    )
    parameter = only(evaluation, "aws_ssm_parameter.s")
    assert (parameter.values["value"], parameter.values["description"]) == ("hunter2", "PEM")
    assert {("value",), ("description",)} <= parameter.sensitive


def test_a_number_without_end_is_told_as_unknown() -> None:
    found = only(run('resource "terraform_data" "t" {\n  input = 1/0\n}\n'), "terraform_data.t")
    assert found.values["input"] is UNKNOWN


CERTIFICATE = """
resource "aws_acm_certificate" "c" {
  domain_name               = "acme.example"
  subject_alternative_names = ["www.acme.example"]
  validation_method         = "DNS"
}
resource "aws_route53_record" "r" {
  for_each = { for o in aws_acm_certificate.c.domain_validation_options : o.domain_name => o.resource_record_name }
  zone_id  = "Z1"
  name     = each.value
  type     = "CNAME"
}
"""


def test_records_that_validate_a_certificate_are_known_before_it_is_there() -> None:
    evaluation = run(PROVIDER + CERTIFICATE)
    assert errors(evaluation) == []
    records = {str(r.address): r.values["name"] for r in evaluation.resources if r.type == "aws_route53_record"}
    assert records == {f'aws_route53_record.r["{name}"]': UNKNOWN for name in ("acme.example", "www.acme.example")}
    names = only(evaluation, "aws_acm_certificate.c").values["subject_alternative_names"]
    assert names == ["acme.example", "www.acme.example"]


def test_a_certificate_that_is_there_says_itself_how_it_is_validated() -> None:
    record = {f"resource_record_{part}": f"_{part}.acme.example" for part in ("name", "type", "value")}
    live = {"domain_validation_options": [{"domain_name": "acme.example", **record}]}
    evaluation = run(PROVIDER + CERTIFICATE, Inputs(prior={"aws_acm_certificate.c": live}))
    assert only(evaluation, 'aws_route53_record.r["acme.example"]').values["name"] == "_name.acme.example"


@pytest.mark.parametrize(
    ("kind", "exists", "timeout", "bucket"),
    [("application", False, 30, ""), ("network", False, None, ""), ("network", True, None, None)],
)
def test_settings_without_meaning_are_not_desired(
    kind: str, exists: bool, timeout: int | None, bucket: str | None
) -> None:
    code = f"""
resource "aws_lb" "l" {{
  load_balancer_type = "{kind}"
  idle_timeout       = 30
  access_logs {{
    bucket = "logs"
  }}
}}
"""
    prior = {"aws_lb.l": {"idle_timeout": None, "access_logs": [{"bucket": "old", "enabled": False}]}} if exists else {}
    values = only(run(PROVIDER + code, Inputs(prior=prior))).values
    assert values["idle_timeout"] == timeout
    assert values["access_logs"] == [{"bucket": bucket}]


@pytest.mark.parametrize(
    ("given", "planned"),
    [
        (
            '[{"Name":"b","EntryPoint":[null],"cpu":0,"x":1},{"name":"a","user":null}]',
            '[{"name":"a"},{"entryPoint":[""],"name":"b"}]',
        ),
        (
            '[{"name":"a","ulimits":[{},{"name":"core"}]}]',
            '[{"name":"a","ulimits":[{"hardLimit":0,"name":"core","softLimit":0}]}]',
        ),
        (
            '[{"name":"a","environment":[{"name":"y","value":"1"},{"name":"x"},{}]}]',
            '[{"environment":[{"name":"x"},{"name":"y","value":"1"}],"name":"a"}]',
        ),
        ('[{"name":"a","cpu":"1"}]', '[{"name":"a","cpu":"1"}]'),
        ("[{}]", "[{}]"),
        ("no JSON", "no JSON"),
    ],
)
def test_container_definitions_are_written_as_the_provider_writes_them(given: str, planned: str) -> None:
    assert rewrite("containers", given) == planned


REQUIRED = 'terraform {\n  required_providers {\n    aws = "~> 5.0"\n    time = { source = "hashicorp/time" }\n  }\n}\n'


def test_a_function_of_a_provider_is_there_where_the_module_requires_the_provider() -> None:
    text = PROVIDER + QUEUE % '  name = provider::aws::arn_parse("arn:aws:sqs:eu-west-1:1:name").resource'
    assert only(run(REQUIRED + text)).values["name"] == "name"
    assert any("required_providers" in error for error in errors(run(text)))
    other = run(REQUIRED + PROVIDER + QUEUE % '  name = provider::time::rfc3339_parse("x")')
    assert errors(other) == []
    assert "hashicorp/time" in (only(other).unverified or "")
