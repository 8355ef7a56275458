"""Kills a command with SIGKILL at random instants, again and again, and lets it finish: what it leaves must be what it
leaves when nobody kills it. The clock of each attempt starts anew; attempts get longer until the job is done.

usage: python3 killing.py KILLS SEED LONGEST_SECONDS RESULT[,RESULT...] -- COMMAND...
       where COMMAND leaves the files RESULT; a folder stands for all files in it. Prints a digest of them.
"""
import hashlib
import os
import random
import signal
import subprocess
import sys
import time

split = sys.argv.index("--")
kills, seed, longest = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
results, command = sys.argv[4].split(","), sys.argv[split + 1:]
rng = random.Random(seed)
done = 0
finished = 0
while done < kills:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    try:
        process.wait(rng.uniform(0.2, longest))
        finished += 1
        if process.returncode not in (0, 3):
            sys.exit("exit code %d: %s" % (process.returncode, process.stderr.read().decode()))
        for result in results:
            if os.path.isfile(result):
                os.remove(result)
    except subprocess.TimeoutExpired:
        # Only the command itself: what it has started must notice by itself.
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        done += 1
code = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE).returncode
time.sleep(1)
left = subprocess.run(["pgrep", "-f", "DecodingMain"], capture_output=True, text=True).stdout.split()
digest = hashlib.sha256()
for result in results:
    files = [result] if os.path.isfile(result) else sorted(
        os.path.join(folder, name) for folder, _, names in os.walk(result) for name in names)
    for file in files:
        with open(file, "rb") as content:
            digest.update(os.path.relpath(file, os.path.dirname(result)).encode() + hashlib.sha256(content.read()).digest())
print("kills", done, "finished between them", finished, "exit code", code, "workers left", len(left), digest.hexdigest())
