"""What the machine is, and who used its processors from one moment to another.

SPDX-License-Identifier: MIT
"""
import os
import platform
import re
import resource
import subprocess

TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).splitlines()[0]


def cores():
    return len(os.sched_getaffinity(0))


def describe(binary):
    """The machine line."""
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = re.search(r"model name\s*: (.*)", info.read())
    redis = re.search(r"v=(\S+)", first_line("redis-server", "--version"))
    wrk = re.search(r"^wrk (?:debian/)?([\d.]+)", first_line("wrk", "-v"))
    return (f"{cores()} cores, {model.group(1) if model else platform.machine()}, "
            f"Linux {platform.release().split('-')[0]}; {first_line(binary, 'version')}, "
            f"redis {redis.group(1)}, wrk {wrk.group(1)}")


def cpu_ns(pid):
    """CPU time of all threads of a process so far."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as stat:
            total += int(stat.read().split()[0])
    return total


def rss(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
        return int(re.search(r"^Rss:\s*(\d+) kB", rollup.read(), re.M).group(1)) * 1024


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def own_ns():
    """CPU time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return int(sum(u.ru_utime + u.ru_stime for u in used) * 1e9)


def machine_ns():
    """CPU time that all processes got so far, and what the host took away."""
    with open("/proc/stat", encoding="ascii") as stat:
        user, nice, system, _, _, irq, softirq, steal = map(int, stat.readline().split()[1:9])
    return (user + nice + system + irq + softirq) * TICK_NS, steal * TICK_NS


class Stopwatch:
    """CPU time from its making to stop(): by process, by this program's children, by all others."""

    def __init__(self, **pids):
        self.pids = pids
        self.begin = self._now()

    def _now(self):
        busy, steal = machine_ns()
        return {"busy": busy, "steal": steal, "own": own_ns(),
                **{name: cpu_ns(pid) for name, pid in self.pids.items()}}

    def stop(self):
        """Nanoseconds by name; own is the load generator, once it has been waited for."""
        used = {name: after - self.begin[name] for name, after in self._now().items()}
        ours = used["own"] + sum(used[name] for name in self.pids)
        used["others"] = max(0, used["busy"] - ours) + used["steal"]
        return used
