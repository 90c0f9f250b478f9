"""The two scripts that Gradescope asks for: one when it builds the image, one for each submission."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from string import Template

NOT_NEEDED = {"torchvision", "tensorboard", "pillow", "safetensors"}  # by a grader: data, logs, pictures, checkpoints

SETUP = Template("""\
#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image for the assignment.
set -euo pipefail
root="$${BACKPROOF_AUTOGRADER:-/autograder}"
python=python3
apt-get update
apt-get install -y python3 python3-venv libseccomp2
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    apt-get install -y python3.11 python3.11-venv  # Ubuntu 22.04 has it beside its own
    python=python3.11
fi
"$$python" -m venv "$$root/venv"
# A torch for the processor alone will do, and makes the image smaller by gigabytes: name an index that has it, as
# PIP_EXTRA_INDEX_URL, before the next line.
"$$root/venv/bin/python" -m pip install --no-cache-dir $requirements
"$$root/venv/bin/python" -m compileall -q "$$root/source"
""")

RUN = Template("""\
#!/usr/bin/env bash
# Gradescope runs this for each submission. Until it has been graded, results.json says that it has not.
root="$${BACKPROOF_AUTOGRADER:-/autograder}"
mkdir -p "$$root/results"
cat > "$$root/results/results.json" <<'END'
$not_graded
END
cd "$$root/source" && "$${BACKPROOF_PYTHON:-$$root/venv/bin/python}" -m compare.grade.autograder $options"$$root"
exit 0  # what went wrong is in results.json, and on the output, which only teachers see
""")


def setup(all_of_them: Iterable[str]) -> str:
    """``setup.sh``, which installs what grading needs of the requirements of the program."""
    return SETUP.substitute(requirements=" ".join(map(shlex.quote, needed(all_of_them))))


def needed(all_of_them: Iterable[str]) -> Iterator[str]:
    """Those of no extra, but for what other commands need."""
    for requirement in all_of_them:
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower()
        if "extra ==" not in requirement and name not in NOT_NEEDED:
            yield requirement


def run(not_graded: str, unsafe: bool) -> str:
    """``run_autograder``; ``not_graded``: the results.json of a submission that could not be graded."""
    return RUN.substitute(not_graded=not_graded.strip(), options="--unsafe " if unsafe else "")
