"""Mutated files of images, labels and QMNIST's rows: each is refused, or read as it stands there.

Each file is written to a disk in memory and read by `handwriting.data.idx` (and by
`handwriting.data.qmnist`).
Nothing but a DatasetError may come of it, and what is accepted must be what an independent parser
of the format finds in the same bytes. The memory is what the process came to need, that parser
included. Where atheris is installed, it chooses the mutations by the code that they reach;
otherwise they are drawn at random, the same for the same seed.

    python benchmarks/fuzz_data.py --files 200000
"""

import argparse
import array
import atexit
import gzip
import importlib.util
import math
import os
import resource
import struct
import sys
import tempfile
import time
import traceback
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from handwriting.data import idx, qmnist
from handwriting.data.dataset import Split
from handwriting.errors import DatasetError

TYPES = {1: (np.uint8, 8), 2: (np.int32, 0x0C), 3: (np.uint8, 8)}
"""The type of the elements of each kind of file, and its code, by its number of dimensions."""

LABELS = np.uint8([3, 1, 4, 1, 5])
SPLIT = Split(np.zeros((5, 2, 2), np.uint8), LABELS)
NUMBERS = (0, 1, 2, 3, 255, 2**16, 2**24, 2**26, 2**26 + 1, 2**30, 2**31 - 1, 2**31, 2**32 - 1)
BOMB = gzip.compress(bytes(2**24), 9)
"""16 MiB of zeros in 16 KiB."""

ONE_BOMB_IN = 1000
MOST_FOUND = 2**26 + 2**16


def good(dimensions: int, random: np.random.Generator) -> bytes:
    """A small file that is what it should be."""
    shape = tuple(int(side) for side in random.integers(1, 6, dimensions))
    if dimensions == 2:
        rows = random.integers(-5, 5000, (5 + shape[0], 8)).astype(">i4")
        rows[:5, 0] = LABELS
        return header(rows.shape, 0x0C) + rows.tobytes()
    return header(shape, 8) + random.bytes(math.prod(shape))


def header(shape: tuple[int, ...], code: int) -> bytes:
    return bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)


# Mutations: of what is in a file, and of how it is packed


def cut(content: bytes, random: np.random.Generator) -> bytes:
    return content[: random.integers(0, len(content) + 1)]


def flip(content: bytes, random: np.random.Generator) -> bytes:
    flipped = bytearray(content)
    for place in random.integers(0, 8 * max(1, len(content)), random.integers(1, 4)):
        if place // 8 < len(flipped):
            flipped[place // 8] ^= 1 << (place % 8)
    return bytes(flipped)


def insert(content: bytes, random: np.random.Generator) -> bytes:
    place = int(random.integers(0, len(content) + 1))
    return content[:place] + random.bytes(int(random.integers(1, 20))) + content[place:]


def trail(content: bytes, random: np.random.Generator) -> bytes:
    return content + [b"\0", bytes(100), b"more", random.bytes(8)][random.integers(0, 4)]


def begin(content: bytes, random: np.random.Generator) -> bytes:
    """Another magic number, type or number of dimensions."""
    place = int(random.integers(0, 4))
    value = int(random.choice([0, 1, 2, 3, 4, 8, 9, 11, 12, 13, 14, 64, 255]))
    return content[:place] + bytes([value]) + content[place + 1 :]


def resize(content: bytes, random: np.random.Generator) -> bytes:
    """Another length of a dimension."""
    place = 4 + 4 * int(random.integers(0, 3))
    return content[:place] + struct.pack(">I", random.choice(NUMBERS)) + content[place + 4 :]


def turn(content: bytes, random: np.random.Generator) -> bytes:
    """The lengths with their least significant byte first."""
    dimensions = content[3] if len(content) > 3 else 0
    end = 4 + 4 * min(dimensions, 3)
    turned = b"".join(content[place : place + 4][::-1] for place in range(4, end, 4))
    return content[:4] + turned + content[end:]


def empty(content: bytes, random: np.random.Generator) -> bytes:
    return [b"", b"\0", b"\x1f\x8b", gzip.compress(b""), content[:4]][random.integers(0, 5)]


def pack(content: bytes, random: np.random.Generator) -> bytes:
    return gzip.compress(content, int(random.integers(0, 10)), mtime=0)


def pack_twice(content: bytes, random: np.random.Generator) -> bytes:
    return gzip.compress(gzip.compress(content, mtime=0), mtime=0)


def pack_in_parts(content: bytes, random: np.random.Generator) -> bytes:
    """Several members, perhaps with nothing in between, or zeros after the last."""
    place = int(random.integers(0, len(content) + 1))
    between = [b"", gzip.compress(b"", mtime=0), bytes(3)][random.integers(0, 3)]
    parts = gzip.compress(content[:place], mtime=0), gzip.compress(content[place:], mtime=0)
    return between.join(parts) + bytes(int(random.choice([0, 0, 1, 600])))


def pack_with_a_name(content: bytes, random: np.random.Generator) -> bytes:
    """The parts that a gzip header may have, or some of them."""
    packed = gzip.compress(content, mtime=0)
    extra = struct.pack("<H", 5) + b"extra"
    added = [(4, extra), (8, b"name\0"), (16, b"comment\0"), (2, b"\0\0"), (1, b""), (32, b"")]
    chosen = [part for part in added if random.integers(0, 2)]
    flags = sum(flag for flag, _ in chosen)
    return packed[:3] + bytes([flags]) + packed[4:10] + b"".join(p for _, p in chosen) + packed[10:]


def spoil_the_sum(content: bytes, random: np.random.Generator) -> bytes:
    packed = bytearray(gzip.compress(content, mtime=0))
    packed[-int(random.integers(1, 9))] ^= 1 << int(random.integers(0, 8))
    return bytes(packed)


INSIDE = (cut, flip, insert, trail, begin, resize, resize, turn, empty)
PACKING = (pack, pack, pack, pack_twice, pack_in_parts, pack_with_a_name, spoil_the_sum)
OUTSIDE = (cut, flip, insert, trail)


def mutated(content: bytes, random: np.random.Generator) -> bytes:
    """The file with up to three faults in it, packed or not, with up to two faults around it."""
    for number in random.integers(0, len(INSIDE), random.integers(0, 4)):
        content = INSIDE[number](content, random)
    if random.integers(0, 2):
        content = PACKING[random.integers(0, len(PACKING))](content, random)
        for number in random.integers(0, len(OUTSIDE), random.integers(0, 3)):
            content = OUTSIDE[number](content, random)
    return content


def bomb(dimensions: int, random: np.random.Generator) -> bytes:
    """A small file that unpacks to much; it may promise that, or less, or more."""
    _, code = TYPES[dimensions]
    promised = int(random.choice([10, 2**24, 2**26, 2**26 + 1, 2**32 - 1]))
    shape = (promised // TYPES[dimensions][0]().itemsize, *[1] * (dimensions - 1))
    return gzip.compress(header(shape, code), mtime=0) + BOMB * int(
        random.choice([1, 4, 5, 60, 640])
    )


# An independent parser


def parsed(content: bytes, dimensions: int) -> tuple[tuple[int, ...], memoryview] | None:
    """The shape and the elements that the bytes of a file stand for, or None."""
    plain = unpacked(content) if content[:2] == b"\x1f\x8b" else content
    if plain is None or plain[:4] != bytes([0, 0, TYPES[dimensions][1], dimensions]):
        return None
    start = 4 + 4 * dimensions
    if len(plain) < start:
        return None
    shape = tuple(int.from_bytes(plain[at : at + 4], "big") for at in range(4, start, 4))
    size = math.prod(shape) * TYPES[dimensions][0]().itemsize
    return (shape, memoryview(plain)[start:]) if len(plain) == start + size else None


def unpacked(content: bytes) -> bytearray | None:
    """What is in a file of gzip members (RFC 1952), or None where it is none, or holds too much."""
    found = bytearray()
    while content:
        if content[:3] != b"\x1f\x8b\x08" or len(content) < 10:
            return None
        body = after_header(content)
        reader = zlib.decompressobj(-15)
        try:
            part = reader.decompress(body, MOST_FOUND)
        except zlib.error:
            return None
        rest = reader.unused_data
        sums = struct.pack("<II", zlib.crc32(part), len(part) % 2**32)
        if not reader.eof or rest[:8] != sums or len(found) + len(part) > MOST_FOUND:
            return None
        found += part
        content = rest[8:].lstrip(b"\0")
    return found


def after_header(content: bytes) -> bytes:
    """What follows the header of a gzip member; nothing where the header does not end."""
    flags, rest = content[3], content[10:]
    if flags & 4:
        length = int.from_bytes(rest[:2], "little")
        rest = rest[2 + length :] if len(rest) >= 2 + length else b""
    for flag in (8, 16):
        if flags & flag:
            rest = rest.partition(b"\0")[2]
    return rest[2:] if flags & 2 else rest


def whole_numbers(elements: memoryview) -> list[int]:
    numbers = array.array("i", bytes(elements))
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers.tolist()


# Reading and judging


@dataclass
class Tally:
    """What came of the files."""

    files: int = 0
    refused: int = 0
    accepted: int = 0
    crashes: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def judge(self, path: Path, content: bytes, dimensions: int) -> None:
        """Read a file, and note whether that went as it must."""
        self.files += 1
        path.write_bytes(content)
        try:
            found = idx.read(path, dimensions, TYPES[dimensions][0]).array
        except DatasetError:
            self.refused += 1
            self._note(parsed_within_limits(content, dimensions), "refused", content)
            return
        except Exception:
            self.crashes.append(f"{content[:200].hex()}: {traceback.format_exc(limit=-3)}")
            return
        self.accepted += 1
        expected = parsed(content, dimensions)
        right = expected is not None and found.shape == expected[0]
        if right:
            stored = np.frombuffer(expected[1], found.dtype.newbyteorder(">"))
            right = bool((stored == found.ravel()).all())
        self._note(not right, "read", content)
        if dimensions == 2 and right:
            self._judge_rows(path, found, whole_numbers(expected[1][:1000]), content)

    def _judge_rows(self, path: Path, rows: np.ndarray, numbers: list[int], content: bytes) -> None:
        fitting = rows.shape[1] == 8 and len(rows) >= 5 and numbers[:40:8] == LABELS.tolist()
        try:
            split = qmnist.with_rows(SPLIT, rows, path)
        except DatasetError:
            self._note(fitting, "refused as rows", content)
            return
        except Exception:
            self.crashes.append(f"{content[:200].hex()}: {traceback.format_exc(limit=-3)}")
            return
        found = split.series.tolist(), split.writers.tolist()
        self._note(not fitting or found != (numbers[1:40:8], numbers[2:40:8]), "read", content)

    def _note(self, wrong: bool, what: str, content: bytes) -> None:
        if wrong:
            self.wrong.append(f"wrongly {what}: {content[:200].hex()}")


def parsed_within_limits(content: bytes, dimensions: int) -> bool:
    """Whether a file is good, and promises no more than any file may."""
    found = parsed(content, dimensions)
    return found is not None and math.prod(max(1, side) for side in found[0]) <= 2**24


def fuzz(files: int, seed: int, folder: Path) -> Tally:
    """Mutations drawn at random, read from a folder."""
    random = np.random.default_rng(seed)
    tally = Tally()
    for number in range(1, files + 1):
        dimensions = int(random.integers(1, 4))
        if number % ONE_BOMB_IN == 0:
            content = bomb(dimensions, random)
        else:
            content = mutated(good(dimensions, random), random)
        tally.judge(folder / "file", content, dimensions)
    return tally


def fuzz_by_coverage(files: int, seed: int, folder: Path, report: Callable[[Tally], None]) -> None:
    """Mutations chosen by atheris, which ends the process; the report is printed before."""
    import atheris

    tally = Tally()

    def mutate(content: bytes, most: int, seed: int) -> bytes:
        random = np.random.default_rng(seed)
        if random.integers(0, 3) == 0:
            return atheris.Mutate(content, most)
        start = content[:1] or b"\1"
        return (start + mutated(content[1:], random))[:most]

    def judge(content: bytes) -> None:
        if content:
            tally.judge(folder / "file", content[1:], 1 + content[0] % 3)

    corpus = folder / "corpus"
    corpus.mkdir()
    random = np.random.default_rng(seed)
    for number in range(300):
        content = good(1 + number % 3, random)
        content = mutated(content, random) if number > 30 else content
        (corpus / str(number)).write_bytes(bytes([number % 3]) + content)
    atexit.register(lambda: report(tally))
    for function in (idx.read, idx._read_open, idx._read_header, idx._check_promise):
        function.__code__ = atheris.instrument_func(function).__code__
    options = [f"-atheris_runs={files}", f"-seed={seed + 1}", "-max_len=4096", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], judge, custom_mutator=mutate)
    atheris.Fuzz()


def peak() -> float:
    """The most memory that this process has had, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--random", action="store_true", help="without atheris, though it is here")
    asked = parser.parse_args()
    coverage = importlib.util.find_spec("atheris") is not None and not asked.random
    memory = Path("/dev/shm")  # a disk in memory, where the system has one
    folder = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
    before, started = peak(), time.perf_counter()

    def report(tally: Tally) -> None:
        folder.cleanup()
        print("| mutations | files | refused | accepted | wrong | crashes | memory | seconds |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
        print(
            f"| {'atheris' if coverage else f'random, seed {asked.seed}'} | {tally.files:,} | "
            f"{tally.refused:,} | {tally.accepted:,} | {len(tally.wrong):,} | "
            f"{len(tally.crashes):,} | {peak() - before:.0f} MB | "
            f"{time.perf_counter() - started:.0f} |"
        )
        print("\n".join([*tally.crashes[:5], *tally.wrong[:5]]), flush=True)
        if tally.crashes or tally.wrong:
            os._exit(1)  # atheris would end with 0

    if coverage:
        fuzz_by_coverage(asked.files, asked.seed, Path(folder.name), report)
    report(fuzz(asked.files, asked.seed, Path(folder.name)))


if __name__ == "__main__":
    main()
