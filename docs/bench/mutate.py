"""Makes broken audio files out of sound ones: what `melgauge tag` and `prepare` have to survive.

Each output is one of the inputs with bits flipped, cut off, a part removed, doubled, zeroed or filled with noise, spliced
with another file, or with its first bytes damaged, where headers are. Equal seeds and inputs give equal files.

usage: python3 mutate.py OUTPUT_FOLDER COUNT SEED INPUT_FOLDER...
"""
import os
import random
import sys

target, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
sources = []
for folder in sys.argv[4:]:
    for name in sorted(os.listdir(os.fsencode(folder))):
        path = os.path.join(os.fsencode(folder), name)
        if os.path.isfile(path) and not name.endswith((b".csv", b".txt", b".md")) and os.path.getsize(path) > 0:
            sources.append(path)
os.makedirs(target, exist_ok=True)
rng = random.Random(seed)
largest = 1 << 20


def read(path):
    with open(path, "rb") as file:
        return bytearray(file.read(largest))


def place(data, length):
    at = rng.randrange(len(data))
    return at, min(len(data), at + max(1, length))


def flip(data):
    for _ in range(rng.choice([1, 3, 10, 100, 1000])):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def damage_head(data):
    for _ in range(rng.choice([1, 2, 5, 20])):
        data[rng.randrange(min(len(data), 512))] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)])


def cut(data):
    del data[rng.randrange(1, len(data) + 1):]


def remove(data):
    start, end = place(data, rng.randrange(len(data) // 2 + 1))
    del data[start:end]


def double(data):
    start, end = place(data, rng.randrange(len(data) // 4 + 1))
    data[start:start] = data[start:end]


def zero(data):
    start, end = place(data, rng.randrange(len(data) // 4 + 1))
    data[start:end] = bytes(end - start)


def noise(data):
    start, end = place(data, rng.randrange(len(data) // 8 + 1))
    data[start:end] = rng.randbytes(end - start)


def splice(data):
    other = read(rng.choice(sources))
    start = rng.randrange(len(other))
    data[rng.randrange(len(data)):] = other[start:]


def numbers(data):
    """Lengths and counts of headers, at their extremes."""
    for _ in range(rng.choice([1, 2, 4])):
        at = rng.randrange(min(len(data), 4096))
        data[at:at + 4] = rng.choice([b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f",
                                      b"\x00\x00\x00\x80", b"\x80\x00\x00\x00"])


kinds = [flip, damage_head, cut, remove, double, zero, noise, splice, numbers]
for number in range(count):
    source = rng.choice(sources)
    data = read(source)
    names = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        kind = rng.choice(kinds)
        kind(data)
        names.append(kind.__name__)
        if not data:
            break
    ending = os.path.splitext(os.fsdecode(os.path.basename(source)))[1] or ".wav"
    with open(os.path.join(target, "%05d-%s%s" % (number, "-".join(names), ending)), "wb") as file:
        file.write(data)
print(count, "files from", len(sources))
