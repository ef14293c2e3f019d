#!/usr/bin/env bash
# Puts a Consul agent where the tests find it, unless one is on the PATH: Consul 1.8.7 as Debian bullseye has it, by package name
# and from the mirror that this machine's apt uses, unpacked in a cache outside the repository. Nothing is installed in the system.
set -euo pipefail

cache="${XDG_CACHE_HOME:-$HOME/.cache}/headrace/consul"
release=bullseye
keys=/usr/share/keyrings/debian-archive-keyring.gpg

if command -v consul >/dev/null; then
  echo "consul is on the PATH: $(command -v consul)"
  exit 0
fi
if [ -x "$cache/consul" ]; then
  echo "consul is in $cache"
  exit 0
fi
for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || {
    echo "there is no $tool here: install Consul by hand and put it on the PATH" >&2
    exit 1
  }
done

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/unpacked" "$cache"

# The mirror is that of the first Debian release that apt already knows.
mirror="$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(CREATED_BY) $(REPO_URI)' |
  awk '$1 == "Debian" && $2 == "Debian" && $3 == "Packages" { print $4; exit }')"
if [ -z "$mirror" ]; then
  echo 'apt knows no mirror of Debian here (after apt-get update it would): install Consul by hand and put it on the PATH' >&2
  exit 1
fi
signed=
[ -f "$keys" ] && signed=" signed-by=$keys"
echo "deb [check-valid-until=no$signed] $mirror $release main" >"$work/sources.list"

# A state of apt's own, so that the machine's lists and packages stay as they are.
apt=(apt-get -qq
  -o "Dir::Etc::SourceList=$work/sources.list"
  -o 'Dir::Etc::SourceParts=/dev/null'
  -o "Dir::State::Lists=$work/lists"
  -o "Dir::Cache=$work"
  -o 'Acquire::Languages=none'
  -o 'Acquire::Retries=3'
  -o 'APT::Sandbox::User=root')
"${apt[@]}" update
(cd "$work" && "${apt[@]}" download consul)
dpkg-deb -x "$work"/consul_*.deb "$work/unpacked"
# Renamed into place, so that an interrupted run leaves no half of a program.
cp "$work/unpacked/usr/bin/consul" "$cache/consul.$$"
mv "$cache/consul.$$" "$cache/consul"
"$cache/consul" version | head -n 1
