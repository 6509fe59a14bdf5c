"""How far a measured share may lie from the true one."""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from handwriting.errors import SettingError

__all__ = ["Interval", "RepeatedAccuracy", "wilson"]


@dataclass(frozen=True)
class Interval:
    """A range that covers the true share with probability `level`; all are fractions."""

    low: float
    high: float
    level: float

    def __contains__(self, share: float) -> bool:
        return self.low <= share <= self.high


@dataclass(frozen=True)
class RepeatedAccuracy:
    """The accuracies of networks that differ only in their seed, on the same examples.

    Attributes:
        values: The accuracy of each network, 0-1.
        trials: How many examples each network read.
    """

    values: tuple[float, ...]
    trials: int

    @classmethod
    def of(cls, values: Sequence[float], trials: int) -> "RepeatedAccuracy":
        """Return the accuracies `values`, each measured on the same `trials` examples.

        Raises:
            SettingError: There is no value, one is not within 0-1, or there is no example.
        """
        if not values or not all(0 <= value <= 1 for value in values):
            raise SettingError(f"accuracies: expected one or more within 0 to 1, found {values}")
        if trials < 1:
            raise SettingError(f"trials: expected at least one example, found {trials}")
        return cls(tuple(float(value) for value in values), trials)

    @property
    def mean(self) -> float:
        """The mean accuracy, 0-1."""
        return sum(self.values) / len(self.values)

    @property
    def lowest(self) -> float:
        """The lowest accuracy, 0-1."""
        return min(self.values)

    @property
    def highest(self) -> float:
        """The highest accuracy, 0-1."""
        return max(self.values)

    @property
    def interval(self) -> Interval:
        """The 95% Wilson interval of the mean accuracy.

        All networks read the same examples, so that repeats do not narrow it: it is as wide as that
        of one network with the mean accuracy.
        """
        return wilson(round(self.mean * self.trials), self.trials)


def wilson(successes: int, trials: int, level: float = 0.95) -> Interval:
    """Return Wilson's score interval for the share of successes.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927), 209-212.

    Args:
        successes: How many trials succeeded, 0 to `trials`.
        trials: How many trials there were, at least 1.
        level: The probability that the interval covers the true share, above 0 and below 1.

    Raises:
        SettingError: A number is out of its range.
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise SettingError(
            f"expected 0 to trials successes of at least 1 trial, found {successes} of {trials}"
        )
    if not 0 < level < 1:
        raise SettingError(f"level: expected a number above 0 and below 1, found {level}")
    found = stats.binomtest(int(successes), int(trials)).proportion_ci(level, method="wilson")
    return Interval(float(found.low), float(found.high), level)
