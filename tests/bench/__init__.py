"""Benchmarks: how fast, how large, how many calls, against real Terraform on the same endpoint in the same run.

    make bench                                  all parts, small sizes first
    python -m tests.bench language              parsing and evaluation, no Terraform needed
    python -m tests.bench calls --sizes 10,100  API calls per type
    python -m tests.bench time                  wall-clock time of the command line
    python -m tests.bench --json                one JSON document instead of tables

Nothing here is a test: figures depend on the machine. `--check` turns the targets into an exit code.
"""
