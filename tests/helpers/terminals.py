"""A terminal that a command is shown on: its bytes, and the rows that a person sees at the end."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

PART = re.compile(r"\x1b\[(\d*)([A-Za-z])|([\r\n\b])|([^\x1b\r\n\b]+)")


def rows_after(text):
    """Return the rows of a screen after text that moves by \\r, \\n, up, and erases by J and K."""
    rows, row, column = [""], 0, 0
    for count, code, control, plain in PART.findall(text):
        if plain:
            before = rows[row].ljust(column)
            rows[row] = before[:column] + plain + before[column + len(plain) :]
            column += len(plain)
        elif control == "\r":
            column = 0
        elif control == "\n":
            row += 1
            rows += [""] * (row + 1 - len(rows))
        elif code == "A":
            row = max(row - int(count or 1), 0)
        elif code in "JK":
            rows[row] = rows[row][:column]
            del rows[row + 1 if code == "J" else len(rows) :]
    return rows


def on_a_terminal(command, folder, columns):
    """Run a command on a terminal; return its exit status, what it wrote, and its last screen."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = os.environ | {"TERM": "xterm"}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=theirs, stderr=theirs, stdin=theirs
    )
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux says so at the end, others by no bytes
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    shown = b"".join(parts).decode("utf-8", errors="replace").replace("\r\n", "\n")
    return process.wait(timeout=60), shown, rows_after(shown.replace("\n", "\r\n"))
