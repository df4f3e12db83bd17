#!/bin/sh
# Checks that every command the README names exists: make's targets, and the verbs and options of the programs.
# Usage: readme.sh FOLDER-OF-PROGRAMS
set -eu

programs=$1
root=$(cd "$(dirname "$0")/.." && pwd)
readme=$root/README.md
status=0

complain() {
  echo "README.md: $1" >&2
  status=1
}

for target in $(grep -oE '`make [a-z0-9-]+|^\$ (sudo )?make [a-z0-9-]+' "$readme" | grep -oE '[a-z0-9-]+$' | sort -u); do
  grep -q "^$target:" "$root/Makefile" || complain "there is no 'make $target'"
done

# The verbs of a program: after its name in backticks or behind a prompt.
verbs() { grep -oE "(\`|\\$ |sudo )$1 [a-z-]+" "$readme" | sed 's/.* //' | sort -u; }
options() { grep -E "(\`|\\$ |sudo )$1 " "$readme" | grep -oE -- ' --[a-z-]+' | sort -u; }

for verb in $(verbs qclient); do
  "$programs/qclient" help "$verb" > /dev/null 2>&1 || complain "qclient has no verb '$verb'"
done
for program in qclient quantd qpack quantbench; do
  help=$("$programs/$program" --help 2>&1)
  case $program in qclient | qpack)
    for verb in $("$programs/$program" help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
      help="$help $("$programs/$program" help "$verb" 2> /dev/null || true)"
    done ;;
  esac
  if [ "$program" != qclient ]; then
    for verb in $(verbs "$program"); do
      printf '%s' "$help" | grep -qw -- "$verb" || complain "$program has no '$verb'"
    done
  fi
  for option in $(options "$program"); do
    printf '%s' "$help" | grep -q -- "$option" || {
      # Every key of the configuration is an option of quantd.
      key=$(printf '%s' "${option#--}" | tr - _)
      [ "$program" = quantd ] && grep -q "^#\{0,1\}$key" "$root/etc/quantd.conf" || complain "$program has no option '$option'"
    }
  done
done
[ "$status" -ne 0 ] || echo "README.md: every command exists"
exit "$status"
