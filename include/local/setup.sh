#!/usr/bin/env bash
# Make .venv in this checkout, or bring it up to date: setup.sh [LOCK]
# With a lock file its packages and the provider are installed; without one only the empty environment is made.
# PYTHON chooses the interpreter; otherwise the first of 3.11 to 3.13 that is found.
set -euo pipefail
cd "$(dirname "$0")/../.."
lock=${1:-}
python=.venv/bin/python

# Two verbs started at once must not install into each other's half-made environment.
exec 9<"include/local/setup.sh"
if command -v flock >/dev/null; then flock 9; fi

describe() { "$1" -c 'import sys; print(sys.base_prefix, *sys.version_info[:2])' 2>/dev/null; }
supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if supported "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11, 3.12 or 3.13 is needed; ${PYTHON:-python3} is $("${PYTHON:-python3}" --version 2>&1 || true)." >&2
    echo "Name a fitting one: make PYTHON=/path/to/python3.12 <verb>" >&2
    exit 1
}

# The environment is made anew when it was moved, cannot run, was interrupted while installing, has nothing to install
# with, or is of another Python than the one asked for.
usable() {
    [ -f .venv/.made ] && [ ! -e .venv/.installing ] && [ "$(cat .venv/.made)" = "$PWD" ] && supported $python || return 1
    command -v uv >/dev/null || [ -e .venv/bin/pip ] || return 1
    [ -z "${PYTHON:-}" ] || [ "$(describe "$PYTHON")" = "$(describe $python)" ]
}

if ! usable; then
    base=$(find_python)
    rm -rf .venv
    echo "Making .venv with $("$base" --version)"
    if command -v uv >/dev/null; then
        uv venv --quiet --no-python-downloads --python "$(command -v "$base")" .venv
    else
        "$base" -m venv .venv
    fi
    echo "$PWD" >.venv/.made
fi

[ -n "$lock" ] || exit 0
stamp=.venv/.installed-$lock
if cat "$lock" pyproject.toml | cmp -s - "$stamp"; then exit 0; fi

if command -v uv >/dev/null; then
    install() { uv pip install --quiet --python $python --no-deps "$@"; }
else
    install() { $python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile "$@"; }
    # Python brings older ones, which take more than twice as long for so many packages.
    install 'pip>=25'
fi
echo "Installing $(grep -c '==' "$lock") packages from $lock (the first time this can take a few minutes)"
touch .venv/.installing
install -r "$lock"
install --no-build-isolation --editable .
# Once, on all processors, and not by each of the many processes that Airflow starts: some environments forbid these to
# keep what they have compiled. Nobody imports the packages' own tests, a fifth of it all. Packages bring a few files for
# other versions of Python; those do not compile.
$python -m compileall -q -j 0 -x '/tests/' .venv/lib >/dev/null || true
cat "$lock" pyproject.toml >"$stamp"
rm .venv/.installing
echo "Set up in $SECONDS s"
