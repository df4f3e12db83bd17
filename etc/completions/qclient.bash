# bash completion for qclient; written by: qclient completion bash
_qclient() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]} flags=
  # A colon separates words for readline: name:version arrives in pieces.
  if declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref -n : -c word -p before
  fi
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W 'classify generate chat embed tokenize detokenize list show ps install promote rollback unlabel load unload remove status stats metrics watch doctor completion help version' -- "$word"))
    return
  fi
  case $verb in
    classify) flags='--model --top --stats --json --quiet --no-color --socket --timeout --help' ;;
    generate) flags='--model --stats --max-tokens --temperature --top-k --top-p --min-p --repetition-penalty --seed --stop --logprobs --stream --raw --echo --json --quiet --no-color --socket --timeout --help' ;;
    chat) flags='--model --stats --system --max-tokens --temperature --top-k --top-p --min-p --repetition-penalty --seed --stop --logprobs --stream --json --quiet --no-color --socket --timeout --help' ;;
    embed) flags='--model --stats --json --quiet --no-color --socket --timeout --help' ;;
    tokenize) flags='--model --chat --special --json --quiet --no-color --socket --timeout --help' ;;
    detokenize) flags='--model --json --quiet --no-color --socket --timeout --help' ;;
    list) flags='--json --quiet --no-color --socket --timeout --help' ;;
    show) flags='--json --quiet --no-color --socket --timeout --help' ;;
    ps) flags='--json --quiet --no-color --socket --timeout --help' ;;
    install) flags='--name --label --force --json --quiet --no-color --socket --timeout --help' ;;
    promote) flags='--label --force --json --quiet --no-color --socket --timeout --help' ;;
    rollback) flags='--label --json --quiet --no-color --socket --timeout --help' ;;
    unlabel) flags='--json --quiet --no-color --socket --timeout --help' ;;
    load) flags='--json --quiet --no-color --socket --timeout --help' ;;
    unload) flags='--json --quiet --no-color --socket --timeout --help' ;;
    remove) flags='--force --json --quiet --no-color --socket --timeout --help' ;;
    status) flags='--json --quiet --no-color --socket --timeout --help' ;;
    stats) flags='--json --quiet --no-color --socket --timeout --help' ;;
    metrics) flags='--json --quiet --no-color --socket --timeout --help' ;;
    watch) flags='--json --quiet --no-color --socket --timeout --help' ;;
    doctor) flags='--json --quiet --no-color --socket --timeout --help' ;;
    completion) flags='--json --quiet --no-color --socket --timeout --help' ;;
    help) flags='--json --quiet --no-color --socket --timeout --help' ;;
    version) flags='--json --quiet --no-color --socket --timeout --help' ;;
  esac
  case $before in
    --model|-m) COMPREPLY=($(compgen -W "$(qclient list 2>/dev/null | awk 'NR > 1 { print $1; print $1 ":" $2 }' | sort -u)" -- "$word")) ;;
    --socket) COMPREPLY=($(compgen -f -- "$word")) ;;
    *)
      case $word in
        -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
        *)
          case $verb in
            chat|show|promote|rollback|unlabel|load|unload|remove) COMPREPLY=($(compgen -W "$(qclient list 2>/dev/null | awk 'NR > 1 { print $1; print $1 ":" $2 }' | sort -u)" -- "$word")) ;;
            completion) COMPREPLY=($(compgen -W 'bash zsh fish' -- "$word")) ;;
            help) COMPREPLY=($(compgen -W 'classify generate chat embed tokenize detokenize list show ps install promote rollback unlabel load unload remove status stats metrics watch doctor completion help version' -- "$word")) ;;
            classify|install) COMPREPLY=($(compgen -f -- "$word")) ;;
          esac ;;
      esac ;;
  esac
  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$word"; fi
}
complete -o filenames -F _qclient qclient
