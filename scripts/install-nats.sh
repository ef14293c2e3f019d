#!/usr/bin/env bash
# Puts a NATS server where the benchmarks find it, unless one is on the PATH: Debian's nats-server, by package name and from the mirror that
# this machine's apt uses, unpacked in a cache outside the repository. Nothing is installed in the system.
set -euo pipefail

cache="${XDG_CACHE_HOME:-$HOME/.cache}/headrace/nats"

if command -v nats-server >/dev/null; then
  echo "nats-server is on the PATH: $(command -v nats-server)"
  exit 0
fi
if [ -x "$cache/nats-server" ]; then
  echo "nats-server is in $cache"
  exit 0
fi
for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || {
    echo "there is no $tool here: install nats-server by hand and put it on the PATH" >&2
    exit 1
  }
done

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/unpacked" "$cache"

# A state of apt's own, so that the machine's lists and packages stay as they are.
apt=(apt-get -qq -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work" -o 'Acquire::Languages=none' -o 'Acquire::Retries=3' -o 'APT::Sandbox::User=root')
"${apt[@]}" update
(cd "$work" && "${apt[@]}" download nats-server)
dpkg-deb -x "$work"/nats-server_*.deb "$work/unpacked"
# Renamed into place, so that an interrupted run leaves no half of a program. It is one file, and needs no libraries but the system's.
cp "$work/unpacked/usr/sbin/nats-server" "$cache/nats-server.$$"
mv "$cache/nats-server.$$" "$cache/nats-server"
"$cache/nats-server" --version
