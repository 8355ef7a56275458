"""The most memory that a command and all processes below it take at a time, in MiB: the sum of what each has to itself and
its share of what they share (PSS), looked at ten times a second.

usage: python3 memory.py COMMAND...
"""
import os
import subprocess
import sys
import time


def children(pid):
    found = [pid]
    try:
        for task in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/children" % (pid, task)) as file:
                for child in file.read().split():
                    found += children(int(child))
    except OSError:
        pass
    return found


def kib(pid):
    try:
        with open("/proc/%d/smaps_rollup" % pid) as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    except OSError:
        return 0


begin = time.time()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
most = 0
while process.poll() is None:
    most = max(most, sum(map(kib, children(process.pid))))
    time.sleep(0.1)
print("exit code", process.returncode, "seconds %.1f" % (time.time() - begin), "most MiB", most >> 10)
