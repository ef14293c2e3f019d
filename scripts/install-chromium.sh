#!/usr/bin/env bash
# Puts Chromium where the test of the browser client finds it, unless it is there: Debian's package, by name.
set -euo pipefail

if [ -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
  echo "chromium is there: ${CHROMIUM:-/usr/bin/chromium}"
  exit 0
fi
command -v apt-get >/dev/null || {
  echo 'there is no apt-get here: install Chromium by hand and say with CHROMIUM where it is' >&2
  exit 1
}
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)
"${as_root[@]}" apt-get -qq -o Acquire::Retries=3 update
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get -qq install -y --no-install-recommends chromium >/dev/null
chromium --version --no-sandbox
