#!/bin/sh
# Formats every manual page: a warning of groff or mandoc is an error.
set -eu

cd "$(dirname "$0")"
found=
for formatter in "groff -man -Tutf8 -ww -z" "mandoc -T lint -W warning"; do
  command -v "${formatter%% *}" > /dev/null || continue
  found=yes
  for page in *.[1-8]; do
    complaints=$($formatter "$page" 2>&1) || true
    [ -z "$complaints" ] || {
      echo "$complaints" >&2
      echo "etc/man/$page: ${formatter%% *} complains" >&2
      exit 1
    }
  done
done
if [ -n "$found" ]; then echo "man pages: no complaint"; else echo "SKIPPED: neither groff nor mandoc is installed"; fi
