#!/usr/bin/env bash
# Installs what `npm run interop` needs beside npm, from Debian's packages by name, where it is missing: Go 1.19 or newer, a JDK 17 or newer,
# and the tools that make a network of its own.
set -euo pipefail

packages=()
needs() { command -v "$1" >/dev/null || packages+=("$2"); }
needs go golang-go
needs javac default-jdk-headless
needs ip iproute2
needs unshare util-linux
if [ "${#packages[@]}" -gt 0 ]; then
  command -v apt-get >/dev/null || {
    echo "there is no apt-get here: install ${packages[*]} by hand" >&2
    exit 1
  }
  apt-get -qq update
  apt-get -qq install --no-install-recommends -y "${packages[@]}"
fi
go version
javac -version
