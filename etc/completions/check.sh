#!/bin/sh
# Lets bash, zsh and fish complete qclient and qpack for real, each where it is installed: a verb, an option, and zsh's first TAB of a session.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
fail() {
  echo "completions: $1" >&2
  exit 1
}

expect() { # expect SHELL WHAT OUTPUT WORD...
  shell=$1 what=$2 output=$3
  shift 3
  for word in "$@"; do
    printf '%s\n' "$output" | grep -qF -- "$word" || fail "$shell completes $what without '$word': $output"
  done
}

if command -v bash > /dev/null; then
  complete_in_bash() {
    # shellcheck disable=SC2016
    bash --norc -c 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); "_$1"; printf "%s\n" "${COMPREPLY[@]}"' \
      "$here/$1.bash" "$@"
  }
  expect bash verbs "$(complete_in_bash qclient unl)" unlabel unload
  expect bash options "$(complete_in_bash qclient remove --f)" --force
  expect bash verbs "$(complete_in_bash qclient ch)" chat
  expect bash options "$(complete_in_bash qclient chat --sy)" --system
  expect bash "qpack's commands" "$(complete_in_bash qpack i)" import inspect
  expect bash "qpack's options" "$(complete_in_bash qpack import --c)" --calibration
  expect bash "qpack's recipes" "$(complete_in_bash qpack import --recipe w)" w8a8 w4a8
  echo "completions: bash completes"
else
  echo "SKIPPED: bash is not installed"
fi

if command -v fish > /dev/null; then
  complete_in_fish() { HOME=$(mktemp -d) fish --no-config -c "source '$here/${1%% *}.fish'; complete -C '$1'"; }
  expect fish verbs "$(complete_in_fish 'qclient unl')" unlabel unload
  expect fish options "$(complete_in_fish 'qclient remove --f')" --force
  expect fish options "$(complete_in_fish 'qclient chat --sy')" --system
  expect fish "qpack's commands" "$(complete_in_fish 'qpack i')" import inspect
  expect fish "qpack's options" "$(complete_in_fish 'qpack import --c')" --calibration
  echo "completions: fish completes"
else
  echo "SKIPPED: fish is not installed"
fi

if command -v zsh > /dev/null; then
  # A terminal of zsh's own: the first TAB has to complete, and to describe in whole sentences.
  complete_in_zsh() {
    zsh -f -c '
      zmodload zsh/zpty
      zpty -b terminal "TERM=dumb zsh -f -i"
      zpty -w terminal "PS1=; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=1000; bindkey \"^I\" complete-word; setopt autolist nobeep; print started"
      until zpty -r terminal line "*started*started*"; do :; done
      zpty -n -w terminal "$2"$'"'\\t'"'
      for try in {1..40}; do
        sleep 0.1
        zpty -r -t terminal part && print -r -- "$part"
      done
      zpty -d terminal' zsh "$here" "$1"
  }
  expect zsh verbs "$(complete_in_zsh 'qclient unl')" unlabel unload "free a version's memory"
  expect zsh "qpack's commands" "$(complete_in_zsh 'qpack i')" import inspect
  expect zsh "qpack's options" "$(complete_in_zsh 'qpack import --c')" --calibration
  echo "completions: zsh completes"
else
  echo "SKIPPED: zsh is not installed"
fi
