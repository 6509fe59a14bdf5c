"""What a contest of classifiers came to: sentences, rows of tables, and what figures show."""

from handwriting.wording.contest.mistakes import (
    classes,
    classes_alt,
    deskewing,
    mistakes,
    mistakes_alt,
    unread_alt,
)
from handwriting.wording.contest.origins import conditions, origins, sources
from handwriting.wording.contest.tables import (
    claim_rows,
    entrant_rows,
    standing_numbers,
    standing_rows,
    time_numbers,
    time_rows,
)
from handwriting.wording.contest.times import fastest, points, reading_name, ways, ways_alt
from handwriting.wording.contest.verdicts import accuracy, answer, place, trainings

__all__ = [
    "accuracy",
    "answer",
    "claim_rows",
    "classes",
    "classes_alt",
    "conditions",
    "deskewing",
    "entrant_rows",
    "fastest",
    "mistakes",
    "mistakes_alt",
    "origins",
    "place",
    "points",
    "reading_name",
    "sources",
    "standing_numbers",
    "standing_rows",
    "time_numbers",
    "time_rows",
    "trainings",
    "unread_alt",
    "ways",
    "ways_alt",
]
