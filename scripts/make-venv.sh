#!/bin/sh
# Makes .venv and installs the locked packages of one list into it, then the project itself.
#
# usage: make-venv.sh LOCK
#
# uv does it where it is present, else Python's own venv and pip. Nothing is asked of the network when all is there.
set -eu
cd "$(dirname "$0")/.."
lock=$1
python=${PYTHON:-python3}
venv=.venv

say() { printf '%s\n' "$*" >&2; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    say "localdigest needs Python 3.11 or newer; \`$python\` is not."
    say "Hint: name another one, as in \`make PYTHON=python3.12 digest\`."
    exit 1
}

install_with_uv() {
    [ -x $venv/bin/python ] || uv venv --quiet --python "$python" $venv
    uv pip install --quiet --python $venv/bin/python --require-hashes -r "$lock"
    uv pip install --quiet --python $venv/bin/python --no-deps --no-build-isolation -e .
}

# Debian puts ensurepip into a package of its own (python3-venv): without it the venv is made bare, and pip comes from
# its authors' bootstrap script.
make_venv() {
    if "$python" -m ensurepip --version >/dev/null 2>&1; then
        "$python" -m venv $venv
        return
    fi
    "$python" -m venv --without-pip $venv
    $venv/bin/python - 2>/dev/null <<'PY' || {
import os, pathlib, subprocess, sys, tempfile, urllib.request

url = os.environ.get("GET_PIP_URL", "https://bootstrap.pypa.io/get-pip.py")
script = pathlib.Path(tempfile.mkdtemp()) / "get-pip.py"
with urllib.request.urlopen(url, timeout=60) as answer:
    script.write_bytes(answer.read())
sys.exit(subprocess.call([sys.executable, str(script), "--quiet"]))
PY
        rm -rf $venv
        say "Python came without ensurepip, and pip could not be fetched."
        say "Hint: \`sudo apt install python3-venv\`, or install uv, and run make again."
        exit 1
    }
}

install_with_pip() {
    [ -x $venv/bin/pip ] || make_venv
    # The pip of Debian 12 stumbles over an extra that a package names in two spellings.
    $venv/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=24'
    $venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
    $venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
}

say "Installing into $venv (once) …"
if command -v uv >/dev/null 2>&1; then install_with_uv; else install_with_pip; fi
