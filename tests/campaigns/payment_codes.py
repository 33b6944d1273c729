"""The campaign of payment codes: whatever a rail writes it reads again, and no country's checksum lets one wrong character pass."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from random import Random
from types import ModuleType

from core.domain.payments import emv
from tests.support.payments import READERS, tried, values

SEALED = ("pix", "promptpay", "paynow", "vietqr")
REFUSED = "not_a_payment_code"


def misread(rail: str, module: ModuleType, chance: Random) -> str:
    """What is wrong with one random code; "" where it is read as it was written, and not at all with a character changed."""
    value = values(rail, chance)
    code = module.write(value)
    if (found := tried(lambda: module.read(code))) != value:
        return f"{rail}: {code!r} is read as {found}"
    if rail not in SEALED:
        return ""
    place = chance.randrange(len(code))
    wrong = chance.choice([chr(each) for each in range(0x20, 0x7F) if chr(each) != code[place]])
    mutant = code[:place] + wrong + code[place + 1 :]
    return "" if tried(lambda: emv.opened(mutant)) == REFUSED else f"{rail}: {mutant!r} passes"


def campaign(*, count: int, seed: int) -> list[str]:
    """`count` codes a rail; what is wrong with any of them."""
    chance = Random(seed)
    return [wrong for rail, module in READERS.items() for _ in range(count) if (wrong := misread(rail, module, chance))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    begun = time.monotonic()
    wrong = campaign(count=options.count, seed=options.seed)
    print("\n".join(wrong[:20]) or f"{options.count} codes of each of {len(READERS)} rails, none misread")
    print(f"{time.monotonic() - begun:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
