# bash completion for qpack
_qpack() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]} flags=
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W 'import inspect eval synth help --help --version' -- "$word"))
    return
  fi
  case $verb in
    import) flags='--output --recipe --name --calibration --eval --attention --gate --draft-head --transforms --rounding --threads --quiet --help' ;;
    inspect) flags='--json --help' ;;
    eval) flags='--data --reference --limit --attention-study --threads --json --quiet --help' ;;
    synth) flags='--shape --arch --recipe --output --seed --help' ;;
    help) COMPREPLY=($(compgen -W 'import inspect eval synth' -- "$word")); return ;;
  esac
  case $before in
    --recipe) COMPREPLY=($(compgen -W 'w8a8 w4a8' -- "$word")) ;;
    --shape) COMPREPLY=($(compgen -W 'deit-tiny deit-small vit-base stories15m smollm-135m llama-3.2-1b' -- "$word")) ;;
    --arch) COMPREPLY=($(compgen -W 'vit llama' -- "$word")) ;;
    --transforms) COMPREPLY=($(compgen -W 'fold-norms rotate-stream rotate-values smooth-down mix-down none' -- "$word")) ;;
    --rounding) COMPREPLY=($(compgen -W 'nearest hessian' -- "$word")) ;;
    --draft-head) COMPREPLY=($(compgen -W 'yes no' -- "$word")) ;;
    --attention) COMPREPLY=($(compgen -W 'q8k5v4t-log64 q8k4v4t-log64 q8k8v8-log64 q8k8v8-u8' -- "$word")) ;;
    --name | --gate | --threads | --limit | --seed) COMPREPLY=() ;;
    --calibration | --eval) COMPREPLY=($(compgen -W none -- "$word") $(compgen -f -- "$word")) ;;
    *)
      case $word in
        -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
        *) COMPREPLY=($(compgen -f -- "$word")) ;;
      esac ;;
  esac
}
complete -o filenames -F _qpack qpack
