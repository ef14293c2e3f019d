#!/usr/bin/env bash
# Puts a protoc where the tests find it, unless one is on the PATH: Debian's protobuf-compiler, by package name and from the mirror that
# this machine's apt uses, unpacked with its libraries in a cache outside the repository. Nothing is installed in the system.
set -euo pipefail

cache="${XDG_CACHE_HOME:-$HOME/.cache}/headrace/protoc"

if command -v protoc >/dev/null; then
  echo "protoc is on the PATH: $(command -v protoc)"
  exit 0
fi
if [ -x "$cache/protoc" ]; then
  echo "protoc is in $cache"
  exit 0
fi
for tool in apt-get apt-cache dpkg-deb; do
  command -v "$tool" >/dev/null || {
    echo "there is no $tool here: install protoc by hand and put it on the PATH" >&2
    exit 1
  }
done

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/unpacked" "$cache"

# A state of apt's own, so that the machine's lists and packages stay as they are.
apt=(-o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work" -o 'Acquire::Languages=none' -o 'Acquire::Retries=3' -o 'APT::Sandbox::User=root')
apt-get -qq "${apt[@]}" update
libraries="$(apt-cache "${apt[@]}" depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances protobuf-compiler |
  grep -E '^(libprotoc|libprotobuf|libstdc|libgcc-s1|zlib)' | sort -u)"
# shellcheck disable=SC2086 # a list of names
(cd "$work" && apt-get -qq "${apt[@]}" download protobuf-compiler $libraries)
for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/unpacked"; done
mkdir -p "$cache/lib"
find "$work/unpacked" -name '*.so.*' -exec cp -P {} "$cache/lib/" \;
cp "$work/unpacked/usr/bin/protoc" "$cache/protoc.program"
# Renamed into place, so that an interrupted run leaves no half of a program.
printf '#!/bin/sh\nLD_LIBRARY_PATH="%s/lib" exec "%s/protoc.program" "$@"\n' "$cache" "$cache" >"$cache/protoc.$$"
chmod +x "$cache/protoc.$$"
mv "$cache/protoc.$$" "$cache/protoc"
"$cache/protoc" --version
