#!/bin/sh
# Install the Debian packages that the tests use and this machine lacks.
# With `bench`: those of the benchmarks and their peers, too.
# Without root or apt it names them instead; the tests that need them then fail and say so.
set -eu

missing=""
command -v redis-server >/dev/null || missing="$missing redis-server"
command -v npm >/dev/null || missing="$missing npm"
command -v chromium >/dev/null || missing="$missing chromium"
command -v firefox-esr >/dev/null || command -v firefox >/dev/null || missing="$missing firefox-esr"
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
command -v curl >/dev/null || missing="$missing curl"
command -v pdftotext >/dev/null || missing="$missing poppler-utils"
command -v soffice >/dev/null || missing="$missing libreoffice-writer-nogui"
/usr/bin/python3 -c "import uno" 2>/dev/null || missing="$missing python3-uno"
[ -x /usr/bin/calcurse-caldav ] || missing="$missing calcurse"
/usr/bin/python3 -c "import httplib2" 2>/dev/null || missing="$missing python3-httplib2"
[ -x /usr/libexec/evolution-source-registry ] || missing="$missing evolution-data-server"
/usr/bin/python3 -c "import gi; gi.require_version('ECal', '2.0')" 2>/dev/null \
    || missing="$missing python3-gi gir1.2-ecal-2.0 gir1.2-edataserver-1.2"
command -v dbus-run-session >/dev/null || missing="$missing dbus"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
if [ "${1:-}" = bench ]; then
    # maubot's libolm is compiled.
    command -v cmake >/dev/null || missing="$missing cmake"
    command -v c++ >/dev/null || missing="$missing g++"
fi

[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "· installing$missing"
    apt-get update -qq
    # shellcheck disable=SC2086  a list of package names
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "! please install:$missing" >&2
fi
