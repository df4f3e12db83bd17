#!/bin/sh
# Checks what a build needs: Swift 6.2 and SQLite's header. Installs the latter where it may, else says how.
set -eu

fail() {
  echo "deps: $1" >&2
  exit 1
}

swift=${SWIFT:-swift}
command -v "$swift" > /dev/null ||
  fail "'$swift' is not in PATH. Swift 6.2 or later: https://www.swift.org/install/linux"
version=$("$swift" --version 2> /dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
[ -n "$version" ] || fail "'$swift --version' prints no version; is the toolchain complete?"
major=${version%%.*}
minor=${version#*.}
if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
  fail "found Swift $version, but 6.2 or later is needed: https://www.swift.org/install/linux"
fi

have_sqlite() {
  pkg-config --exists sqlite3 2> /dev/null || [ -e /usr/include/sqlite3.h ]
}

if ! have_sqlite; then
  install="apt-get install -y --no-install-recommends libsqlite3-dev"
  if ! command -v apt-get > /dev/null; then
    fail "SQLite's header (sqlite3.h) is missing. Install libsqlite3-dev, sqlite-devel or what it is called here"
  elif [ "$(id -u)" -eq 0 ]; then
    echo "deps: $install"
    # Package lists may be missing or old, for instance in a container.
    $install || { apt-get update && $install; }
  elif sudo -n true 2> /dev/null; then
    echo "deps: sudo $install"
    sudo -n $install || { sudo -n apt-get update && sudo -n $install; }
  else
    fail "SQLite's header (sqlite3.h) is missing. Run: sudo $install"
  fi
  have_sqlite || fail "sqlite3.h is still missing after: $install"
fi
