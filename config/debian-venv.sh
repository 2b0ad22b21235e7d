#!/bin/sh
# Debian keeps `venv` in a package of its own: install it where that is allowed, else name it.
# Usage: debian-venv.sh <python> <folder of the environment>
set -eu

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "· installing python3-venv"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
    exec "$1" -m venv --clear "$2"
fi
echo "! please install the package python3-venv, then try again" >&2
exit 1
