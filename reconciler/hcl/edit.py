"""Edits of Terraform files as replacements of characters: what is not edited stays as it is, byte for byte.

`Source` is a parsed file; its methods give edits for nodes of its tree; `apply` carries edits out, also those of
several methods at once. Where the lines around an edit were as `terraform fmt` leaves them, `apply` keeps them so,
which can realign neighbouring lines.
"""

from reconciler.hcl.applying import apply
from reconciler.hcl.elements import NotLiteral, plain_of
from reconciler.hcl.render import EditProblem, Nested, Raw, Style, render
from reconciler.hcl.source import Source

__all__ = ["EditProblem", "Nested", "NotLiteral", "Raw", "Source", "Style", "apply", "plain_of", "render"]
