"""Runs a program on a terminal of its own, in the foreground of a small shell: terminal.py STEPS PROGRAM [ARGUMENT...]

STEPS is JSON: [[what to wait for in the output, what to type then], ...]. The shell continues a program that was stopped,
and tells how it ended, and whether the terminal is as it was. Everything that appears on the terminal is printed.
"""
import json
import os
import pty
import select
import signal
import sys
import termios
import time

PATIENCE = 60


def shell(command):
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    before = termios.tcgetattr(0)
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execvp(command[0], command)
    while True:
        _, status = os.waitpid(pid, os.WUNTRACED)
        os.tcsetpgrp(0, os.getpid())
        if not os.WIFSTOPPED(status):
            break
        os.tcsetpgrp(0, pid)
        os.killpg(pid, signal.SIGCONT)
        # Said last: whoever reads it may type Ctrl-C at once, and the terminal gives that to its foreground.
        print("shell: stopped", flush=True)
    how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit code {os.WEXITSTATUS(status)}"
    same = "same" if termios.tcgetattr(0) == before else "changed"
    print(f"shell: {how}, terminal {same}", flush=True)


def main():
    steps = json.loads(sys.argv[1])
    pid, terminal = pty.fork()
    if pid == 0:
        shell(sys.argv[2:])
        os._exit(0)
    seen = b""
    start = 0
    end = time.monotonic() + PATIENCE
    while True:
        while steps and (at := seen.find(steps[0][0].encode(), start)) >= 0:
            start = at + len(steps[0][0])
            os.write(terminal, steps.pop(0)[1].encode())
        if not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
            print("it hangs")
            os.kill(pid, signal.SIGKILL)
            break
        try:
            data = os.read(terminal, 4096)
        except OSError:  # the last has closed it
            break
        if not data:
            break
        seen += data
    os.waitpid(pid, 0)
    print(seen.decode().replace("\r\n", "\n"))


main()
