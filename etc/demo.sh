#!/bin/sh
# Starts the daemon on a socket and a state folder of its own, asks both default models, stops it.
#
#   etc/demo.sh FOLDER     FOLDER holds the programs, for instance .build/release
set -eu

programs=${1:?usage: etc/demo.sh FOLDER-OF-PROGRAMS}
programs=$(cd "$programs" && pwd)
cd "$(dirname "$0")/.."

say() { echo "demo: $1" >&2; }

for program in quantd qclient; do
  [ -x "$programs/$program" ] || { say "$programs/$program is missing; run 'make build' first"; exit 1; }
done
ls models/*.qpack > /dev/null 2>&1 || {
  say "there is no model: models/*.qpack matches nothing. The packs belong to the repository; is the clone complete?"
  exit 1
}

folder=$(mktemp -d)
daemon=
finish() {
  if [ -n "$daemon" ] && kill -0 "$daemon" 2> /dev/null; then kill -KILL "$daemon"; fi
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

# An empty file of its own: neither the machine's configuration nor the user's may change what this shows.
: > "$folder/quantd.conf"
export QUANTD_SOCKET="$folder/quantd.sock"
PATH="$programs:$PATH"

# Prints a command as one would type it, then runs it.
show() {
  printf '\n$'
  for word; do
    case $word in
      *' '*) printf ' "%s"' "$word" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  echo
  "$@"
}

echo "\$ quantd serve --socket $QUANTD_SOCKET --models-directory models &"
quantd serve --user --config "$folder/quantd.conf" --socket "$QUANTD_SOCKET" \
  --state-directory "$folder/state" --models-directory "$PWD/models" 2> "$folder/log" &
daemon=$!

tries=0
until qclient status > /dev/null 2>&1; do
  tries=$((tries + 1))
  if ! kill -0 "$daemon" 2> /dev/null || [ "$tries" -ge 600 ]; then
    say "the daemon is not ready; it said:"
    cat "$folder/log" >&2
    exit 1
  fi
  sleep 0.1
done

failed=0
show qclient classify models/samples/ship.ppm || failed=$?
show qclient generate "Once upon a time" --max-tokens 60 --seed 1 || failed=$?

echo
echo "\$ kill -TERM quantd"
kill -TERM "$daemon"
status=0
wait "$daemon" || status=$?
daemon=
if [ "$failed" -ne 0 ] || [ "$status" -ne 0 ]; then
  say "qclient ended with $failed, the daemon with $status (0 expected of both); the daemon said:"
  cat "$folder/log" >&2
  exit 1
fi
echo "quantd ended with status 0"
