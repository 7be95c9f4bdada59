"""Is the promotion rule honest? How often luck alone is promoted, and how often the gain that it claims to see is.

    python -m benchmarks.promotion [--json]

Nulls: no true gain, but every training run is moved as a whole by its seed (standard deviation 0.05 nats, as measured
with 20 held-out examples), on top of differences between examples drawn from four shapes: normal, heavy-tailed, skewed
either way. Power is asked for at the gain that `detectable_gain` claims. The worst shape is the figure.
"""

import argparse
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.reporting import Goal, report
from core.training.promotion import Arm, Evidence, decide, detectable_gain

SEED_SPREAD = 0.05
EXAMPLE_SPREAD = 0.30
SIZES = (20, 50, 200)
FALSE_GOAL = 0.05
POWER_GOAL = 0.9

Shape = Callable[[np.random.Generator, int], NDArray[np.float64]]


def _lognormal(random: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Skewed to the right, mean 0, standard deviation 1."""
    drawn = random.lognormal(0.0, 0.75, count)
    return (drawn - np.exp(0.75**2 / 2)) / np.sqrt((np.exp(0.75**2) - 1) * np.exp(0.75**2))


SHAPES: dict[str, Shape] = {
    "normal": lambda random, count: random.standard_normal(count),
    "heavy tails": lambda random, count: random.standard_t(4, count) / np.sqrt(2.0),
    "skewed up": _lognormal,
    "skewed down": lambda random, count: -_lognormal(random, count),
}


def promoted_share(shape: Shape, count: int, true_gain: float, rounds: int, seed: int) -> float:
    """How often the rule promotes a candidate whose expected gain is `true_gain` nats a token."""
    random = np.random.default_rng(seed)
    promoted = 0
    for round_number in range(rounds):
        live = random.gamma(4.0, 0.5, count)
        shift = true_gain + random.normal(0.0, SEED_SPREAD)
        candidate = live - shift - EXAMPLE_SPREAD * shape(random, count)
        same = [0.5] * count
        arms = [Arm(nll.tolist(), same, same, same, same) for nll in (candidate, live)]
        promoted += decide(Evidence(arms[0], arms[1], seed=round_number)).promote
    return promoted / rounds


def main() -> None:
    """Print the table and, with --json, the figures and goals as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="accepted for uniformity; this bench needs none")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=400, help="simulated nights for each cell")
    options = parser.parse_args()

    print(f"{'hold-out':>8}  {'shape':<12} {'promoted by luck':>16} {'claimed gain':>13} {'promoted at it':>15}")
    false: dict[int, float] = {}
    power: dict[int, float] = {}
    claimed = {count: detectable_gain(count, EXAMPLE_SPREAD) for count in SIZES}
    for count in SIZES:
        for name, shape in SHAPES.items():
            luck = promoted_share(shape, count, 0.0, options.rounds, seed=count)
            found = promoted_share(shape, count, claimed[count], options.rounds, seed=count + 1)
            false[count] = max(false.get(count, 0.0), luck)
            power[count] = min(power.get(count, 1.0), found)
            print(f"{count:>8}  {name:<12} {luck:>16.1%} {claimed[count]:>13.3f} {found:>15.1%}")
    figures = {
        "rounds": options.rounds,
        "claimed_gain_nats": {str(count): round(gain, 3) for count, gain in claimed.items()},
        "power": {str(count): share for count, share in power.items()},
    }
    goals = [Goal(f"false_promotions_{count}", false[count], FALSE_GOAL, "<=") for count in SIZES]
    report("promotion", figures, [*goals, Goal("power", min(power.values()), POWER_GOAL)], as_json=options.json)


if __name__ == "__main__":
    main()
