"""Kills a command with SIGKILL at random instants, again and again, and lets it finish: what it leaves must be what it
leaves when nobody kills it. Whenever it gets to its end before it is killed, all that it left is removed, and it begins
anew.

usage: python3 killing.py KILLS SEED LONGEST_SECONDS RESULTS REST -- COMMAND...
       COMMAND leaves the files RESULTS (a,b,c; a folder stands for the .npy, .csv and .json files in it), which are
       compared, and REST, which are not. Prints how often it was killed and a digest of the results; with 0 KILLS that
       is the digest of an uninterrupted run.
"""
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time

split = sys.argv.index("--")
kills, seed, longest = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
results, rest = sys.argv[4].split(","), [name for name in sys.argv[5].split(",") if name]
command = sys.argv[split + 1:]
rng = random.Random(seed)


def remove():
    for name in results + rest:
        if os.path.isdir(name):
            shutil.rmtree(name)
        elif os.path.exists(name):
            os.remove(name)


def digest():
    total = hashlib.sha256()
    for result in results:
        files = [result] if os.path.isfile(result) else sorted(
            os.path.join(folder, name) for folder, _, names in os.walk(result) for name in names
            if name.endswith((".npy", ".csv", ".json")))
        for file in files:
            with open(file, "rb") as content:
                total.update(os.path.relpath(file, os.path.dirname(result)).encode())
                total.update(hashlib.sha256(content.read()).digest())
    return total.hexdigest()


remove()
done = ends = 0
while done < kills:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        process.wait(rng.uniform(0.1, longest))
        ends += 1
        if process.returncode not in (0, 3):
            sys.exit("exit code %d: %s" % (process.returncode, process.stderr.read().decode()))
        remove()
    except subprocess.TimeoutExpired:
        # Only the command itself: what it has started must notice by itself.
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        done += 1
last = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
time.sleep(1)
left = subprocess.run(["pgrep", "-f", "DecodingMain"], capture_output=True, text=True).stdout.split()
print("killed", done, "times; got to its end", ends, "times; at last exit code", last.returncode, "workers left",
      len(left), "digest", digest())
