#!/bin/sh
# Create the virtual environment $1 with the first Python 3.11-3.13 that works; PYTHON=... chooses another.
set -eu
venv=$1
suits() { command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

if [ -x "$venv/bin/python" ] && suits "$venv/bin/python"; then exit 0; fi
for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
    if suits "$candidate"; then
        echo "Creating $venv with $("$candidate" --version)"
        if "$candidate" -m venv --clear "$venv" >/dev/null 2>&1; then exit 0; fi
        echo "$candidate cannot create virtual environments (on Debian: apt-get install python3-venv); trying the next one." >&2
    fi
done
echo "Perito needs Python 3.11, 3.12 or 3.13 with venv, and found none. Install one, or name it: make setup PYTHON=/path/to/python3.12" >&2
exit 1
