"""Run the command that an SSH client sent as its words stand: `sshd` itself would give it to a shell."""

import json
import os
import shlex
import sys
from pathlib import Path

words = shlex.split(os.environ["SSH_ORIGINAL_COMMAND"])
environment = json.loads(Path(sys.argv[1]).read_text())
os.chdir("/")
try:
    os.execvpe(words[0], words, environment)
except OSError as error:
    sys.stderr.write(f"exec: {error}\n")
    raise SystemExit(127) from None
