import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# A machine without Node.js has it beside Python, from a wheel.
PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
NPM = shutil.which("npm", path=PATH)


@pytest.mark.skipif(NPM is None, reason="`make assets` installs Node.js where there is none")
def test_the_scripts_of_the_dashboard_pass_their_own_tests() -> None:
    assert NPM is not None
    ran = subprocess.run(
        [NPM, "test", "--silent"],
        cwd=ROOT,
        env={**os.environ, "PATH": PATH},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
