"""Building the programs of this folder, and running one of them as a sample."""
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
RUNTIMES = {"AsyncioSharp": [], "Task": ["pump"], "ValueTask": ["pump-vt"]}
OTHERS = ["asyncio", "Tokio"]  # the programs in peers/, where they can be run


def note(*words):
    print(*words, file=sys.stderr, flush=True)


def build(project, again=True, name=None):
    """Builds a project of this folder for Release, unless what was built before will do; the path of its program, NAME.dll if that is not the project's."""
    if not shutil.which("dotnet"):
        sys.exit("dotnet is missing: install the .NET 10 SDK")
    if again:
        compile_release(project)
    return next((HERE / project / "bin" / "Release").glob(f"*/{name or project}.dll"))


def compile_release(project):
    command = ["dotnet", "build", str(HERE / project), "-c", "Release", "-v", "q", "--nologo"]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode:
        sys.exit(result.stdout)


def build_c(source, *options):
    """Compiles a C program of this folder; its path, or None if the machine cannot."""
    if not shutil.which("gcc"):
        note(f"without {source}: gcc is missing")
        return None
    program = HERE.parent / "artifacts" / "c" / Path(source).stem
    program.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["gcc", "-O2", "-Wall", "-o", str(program), str(HERE / source), *options], check=True)
    return program


def build_tokio():
    """Builds the programs of peers/tokio; the folder where they are, or None if the machine cannot."""
    manifest = HERE / "peers" / "tokio" / "Cargo.toml"
    crates = Path("/usr/share/cargo/registry")  # Debian's librust-tokio-dev
    if shutil.which("cargo") and crates.exists():
        config = ["--config", 'source.crates-io.replace-with="debian"', "--config", f'source.debian.directory="{crates}"']
        target = HERE.parent / "artifacts" / "tokio"
        built = subprocess.run(["cargo", "build", "--release", "--offline", "--manifest-path", str(manifest), "--target-dir", str(target), *config],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if built.returncode == 0:
            return target / "release"
        note(built.stdout.strip()[-400:])
    note("without Tokio: cargo and Debian's librust-tokio-dev are needed")
    return None


def build_go(name):
    """Builds a program of peers/go; its path, or None if the machine cannot."""
    if shutil.which("go"):
        program = HERE.parent / "artifacts" / "go" / name
        built = subprocess.run(["go", "build", "-o", str(program), str(HERE / "peers" / "go" / f"{name}.go")], stdout=sys.stderr)
        if built.returncode == 0:
            return program
    note("without Go: go (Debian's golang-go) is needed")
    return None


def busy():
    """Processor seconds used so far by the whole machine; 0 where that is not to be had."""
    try:
        with open("/proc/stat") as f:
            t = f.readline().split()[1:9]
    except OSError:
        return 0
    return (sum(map(int, t)) - int(t[3]) - int(t[4])) / os.sysconf("SC_CLK_TCK")


def sample(command):
    """{name: value} of what a run printed, and whether other processes used less than 5 % of a core meanwhile."""
    start, machine, own = time.perf_counter(), busy(), sum(os.times()[:4])
    out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    others = (busy() - machine) - (sum(os.times()[:4]) - own)
    lines = [json.loads(line) for line in out.stdout.splitlines() if line.startswith("{")]
    if out.returncode and "Stack overflow" not in out.stderr:
        note(out.stderr.strip()[-400:])
    return {line["bench"]: line["value"] for line in lines}, others < .05 * (time.perf_counter() - start) + .02


def programs_of(program, rows):
    """{runtime: the command of its program}; other runtimes' only where a row wants them and the machine has them."""
    programs = {runtime: ["dotnet", str(program), *words] for runtime, words in RUNTIMES.items()}
    if not any(row.others for row in rows):
        return programs
    programs["asyncio"] = [sys.executable, str(HERE / "peers" / "locks.py")]
    if tokio := build_tokio():
        programs["Tokio"] = [str(tokio / "locks")]
    return programs


def pinned(cores, command):
    """The command, kept to a core, or to some as taskset takes them, where that can be done; to none if there are none."""
    return (["taskset", "-c", str(cores)] if cores is not None and shutil.which("taskset") else []) + command


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(type=kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port):
    """Until somebody listens there."""
    for _ in range(200):
        time.sleep(.05)
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            pass
    raise SystemExit(f"no server on port {port}")


def congestion():
    """TCP's congestion control: it is part of what servers over loopback cost."""
    return Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()


def processor_time(pid):
    """Seconds that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def python_with(module):
    """A Python that has the module: this one, or the system's; None if neither has."""
    for python in (sys.executable, "/usr/bin/python3"):
        if shutil.which(python) and subprocess.run([python, "-c", f"import {module}"], stderr=subprocess.DEVNULL).returncode == 0:
            return python
    note(f"without {module}: no Python here has it")
    return None


def loaded(load, server, port, connections, depth, size, seconds, warm_up):
    """What pipelined.c says of an echo server, from core 1: rps, server_ns, p50 and p99 (µs)."""
    words = [load, port, connections, depth, size, seconds, warm_up, server.pid]
    return json.loads(subprocess.run(pinned(1, list(map(str, words))), stdout=subprocess.PIPE, text=True, check=True).stdout)
