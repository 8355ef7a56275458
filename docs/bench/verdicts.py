"""Compares the verdicts of a table that `melgauge tag` wrote with those of the ffmpeg program: can the file be decoded, and
how long is it? Lists the files on which they differ; neither is right by definition.

usage: python3 verdicts.py TABLE.csv [SECONDS_OF_TOLERANCE]
"""
import concurrent.futures
import csv
import subprocess
import sys

tolerance = float(sys.argv[2]) if len(sys.argv) > 2 else 0.1
with open(sys.argv[1], newline="") as file:
    rows = list(csv.DictReader(file))


def seconds(path):
    """Decoded length by ffmpeg; 0 if there is none."""
    command = ["ffmpeg", "-v", "quiet", "-protocol_whitelist", "file", "-i", "file:" + path, "-map", "0:a:0", "-ac", "1",
               "-ar", "16000", "-f", "s16le", "-"]
    total = 0
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    while block := process.stdout.read(1 << 16):
        total += len(block)
    process.wait()
    return total / 32000


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    lengths = list(pool.map(lambda row: seconds(row["path"]), rows))
both, neither, differ = 0, 0, []
for row, length in zip(rows, lengths):
    ours = 0 if row["status"] == "error" else float(row["durationSeconds"])
    if (ours > 0) != (length > 0) or abs(ours - length) > tolerance + 0.001 * length:
        differ.append((row["path"], row["error"] or "%.3f s" % ours, "%.3f s" % length))
    elif ours > 0:
        both += 1
    else:
        neither += 1
print("both decode", both, "neither", neither, "differ", len(differ))
for path, ours, theirs in differ:
    print(path, "| melgauge:", ours, "| ffmpeg:", theirs)
