#!/bin/sh
# Checks the units as systemd reads them: no complaint from `verify`, and an exposure of at most 0.5 (of 10).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
if ! command -v systemd-analyze > /dev/null; then
  echo "SKIPPED: systemd/check.sh needs systemd-analyze (package systemd)"
  exit 0
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/system" "$folder/user"
# The programs need not be installed to check the units.
for unit in quantd.service quantd.socket; do
  sed 's|^ExecStart=/usr/bin/quantd|ExecStart=/bin/true|' "$here/$unit" > "$folder/system/$unit"
  sed 's|^ExecStart=/usr/bin/quantd|ExecStart=/bin/true|' "$here/user/$unit" > "$folder/user/$unit"
done

complaints=$(
  cd "$folder/system" && systemd-analyze verify --man=no ./quantd.service ./quantd.socket 2>&1
  cd "$folder/user" &&
    XDG_RUNTIME_DIR="$folder" systemd-analyze --user verify --man=no ./quantd.service ./quantd.socket 2>&1
) || true
# Only what is said about these units counts; the machine's own may have faults too.
if echo "$complaints" | grep -F quantd; then
  echo "systemd-analyze verify: the lines above are about these units" >&2
  exit 1
fi
echo "systemd-analyze verify: no complaint"

# --threshold counts in tenths.
systemd-analyze security --no-pager --offline=true --threshold=5 "$folder/system/quantd.service" |
  grep 'Overall exposure' || true
systemd-analyze security --no-pager --offline=true --threshold=5 "$folder/system/quantd.service" > /dev/null

if grep -E '^(PrivateUsers|RuntimeDirectory)=' "$here/quantd.service"; then
  echo "quantd.service: the line above breaks SO_PEERCRED or the socket; its comments say why" >&2
  exit 1
fi
