"""Draws mutants, judges them and prints the report: ``python -m tests.mutation [--count N] [--seed N] [--out FILE]``.

Exits 1 where fewer than ``THRESHOLD`` of the faults are caught, or a harmless edit has a finding.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from random import Random

from tests.mutation.agreement import CLASSES as LAB_CLASSES
from tests.mutation.agreement import compared, summary
from tests.mutation.catalogue import CLASSES, FAULTS, HARMLESS
from tests.mutation.report import report, share
from tests.mutation.run import drawn, judged
from tests.mutation.scenes import lab_scenes, scenes

#: The share of faults that must be caught.
THRESHOLD = 0.99
#: Harmless edits for each ten faults.
HARMLESS_TENTHS = 3

HEAD = """\
# Mutation report

Written by `python -m tests.mutation --count {count} --seed {seed} --lab {lab} --out docs/mutation.md`. From verified
configurations, each class draws single faults at random, in one router of a customer whose other routers stay as they
are. A fault is caught when `verify` says something that it did not say before, by one of the rules that the class
names, of the router that has the fault.

"""

LAB = """
## Agreement with the lab

The lab's routers run the same texts; they share no code with parser and verifier. Agreement: where a tunnel is lost, or
a promised packet does not arrive, or a forbidden one does, verification has a finding; and where verification says
that a tunnel will not form, it does not come up.

"""


def main(arguments: list[str]) -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="faults to draw")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--lab", type=int, default=0, help="faults about which the lab is asked too")
    parser.add_argument("--only", default="", help="classes whose name holds this")
    parser.add_argument("--out", type=Path, help="where to write the report; otherwise it is printed")
    wanted = parser.parse_args(arguments)
    random = Random(wanted.seed)
    mutants = drawn([one for one in FAULTS if wanted.only in one.name], scenes(), wanted.count, random)
    harmless = [one for one in HARMLESS if wanted.only in one.name]
    mutants += drawn(harmless, scenes(), wanted.count * HARMLESS_TENTHS // 10, random)
    outcomes = [judged(one) for one in mutants]
    text = HEAD.format(count=wanted.count, seed=wanted.seed, lab=wanted.lab) + report(outcomes)
    if wanted.lab:
        text += LAB + summary(compared(drawn(LAB_CLASSES, lab_scenes(), wanted.lab, Random(wanted.seed))))
    if wanted.out:
        wanted.out.write_text(text, encoding="utf-8")
    else:
        print(text)
    faults = [one for one in outcomes if not one.mutant.fault.harmless]
    wrong = [one for one in outcomes if one.mutant.fault.harmless and not one.right]
    print(f"{share(faults):.2%} of {len(faults)} caught; {len(wrong)} harmless edits with a finding", file=sys.stderr)
    return 0 if share(faults) >= THRESHOLD and not wrong and CLASSES else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
