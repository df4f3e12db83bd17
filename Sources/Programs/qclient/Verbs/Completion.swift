extension Command {
  func completion() throws(ClientFailure) {
    switch invocation.operands[0] {
    case "bash": try console.write(Completion.bash)
    case "zsh": try console.write(Completion.zsh)
    case "fish": try console.write(Completion.fish)
    case let other: throw .usage("no completion for '\(other)'; there is bash, zsh and fish")
    }
  }
}

/// Completion scripts, written from the lists of verbs and options; model names come from the daemon.
enum Completion {
  private static let verbs = Verb.allCases.map(\.rawValue).joined(separator: " ")
  private static let modelVerbs: [Verb] = [
    .chat, .show, .promote, .rollback, .unlabel, .load, .unload, .remove,
  ]
  /// Prints `name` and `name:version` of every installed model; silent without a daemon.
  private static let listModels =
    "qclient list 2>/dev/null | awk 'NR > 1 { print $1; print $1 \":\" $2 }' | sort -u"

  private static func words(_ verb: Verb) -> String {
    (verb.flags + Flag.general).map { "--\($0.rawValue)" }.joined(separator: " ")
  }

  static var bash: String {
    let cases = Verb.allCases.map { "    \($0.rawValue)) flags='\(words($0))' ;;" }.joined(separator: "\n")
    let models = modelVerbs.map(\.rawValue).joined(separator: "|")
    return """
      # bash completion for qclient; written by: qclient completion bash
      _qclient() {
        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]} flags=
        # A colon separates words for readline: name:version arrives in pieces.
        if declare -F _get_comp_words_by_ref >/dev/null; then
          _get_comp_words_by_ref -n : -c word -p before
        fi
        if [ "$COMP_CWORD" -eq 1 ]; then
          COMPREPLY=($(compgen -W '\(verbs)' -- "$word"))
          return
        fi
        case $verb in
      \(cases)
        esac
        case $before in
          --model|-m) COMPREPLY=($(compgen -W "$(\(listModels))" -- "$word")) ;;
          --socket) COMPREPLY=($(compgen -f -- "$word")) ;;
          *)
            case $word in
              -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
              *)
                case $verb in
                  \(models)) COMPREPLY=($(compgen -W "$(\(listModels))" -- "$word")) ;;
                  completion) COMPREPLY=($(compgen -W 'bash zsh fish' -- "$word")) ;;
                  help) COMPREPLY=($(compgen -W '\(verbs)' -- "$word")) ;;
                  classify|install) COMPREPLY=($(compgen -f -- "$word")) ;;
                esac ;;
            esac ;;
        esac
        if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$word"; fi
      }
      complete -o filenames -F _qclient qclient

      """
  }

  static var zsh: String {
    let described = Verb.allCases.map { "    '\($0.rawValue):\(quote($0.help))'" }.joined(separator: "\n")
    let cases = Verb.allCases.map { "    \($0.rawValue)) flags=(\(words($0))) ;;" }.joined(separator: "\n")
    let models = modelVerbs.map(\.rawValue).joined(separator: "|")
    return """
      #compdef qclient
      # zsh completion for qclient; written by: qclient completion zsh
      _qclient() {
        local -a verbs flags models
        verbs=(
      \(described)
        )
        if (( CURRENT == 2 )); then
          _describe verb verbs
          return
        fi
        case $words[2] in
      \(cases)
        esac
        if [[ $words[CURRENT-1] == (--model|-m) ]]; then
          models=(${(f)"$(\(listModels))"})
          compadd -a models
        elif [[ $PREFIX == -* ]]; then
          compadd -a flags
        else
          case $words[2] in
            \(models)) models=(${(f)"$(\(listModels))"}); compadd -a models ;;
            completion) compadd bash zsh fish ;;
            help) _describe verb verbs ;;
            *) _files ;;
          esac
        fi
      }
      # Autoloaded, this file is the function's body, and the first TAB waits for an answer; sourced, it only registers.
      if [[ $funcstack[1] == _qclient ]]; then _qclient "$@"; else compdef _qclient qclient; fi

      """
  }

  static var fish: String {
    var lines = ["# fish completion for qclient; written by: qclient completion fish"]
    for verb in Verb.allCases {
      lines.append(
        "complete -c qclient -f -n __fish_use_subcommand -a \(verb.rawValue) -d '\(escape(verb.help))'")
    }
    for flag in Flag.allCases {
      let verbs =
        Flag.general.contains(flag) ? [] : Verb.allCases.filter { $0.flags.contains(flag) }.map(\.rawValue)
      let condition = verbs.isEmpty ? "" : " -n '__fish_seen_subcommand_from \(verbs.joined(separator: " "))'"
      let argument = flag.argument == nil ? "" : flag == .model ? " -xa '(__qclient_models)'" : " -r"
      lines.append("complete -c qclient\(condition) -l \(flag.rawValue)\(argument) -d '\(escape(flag.help))'")
    }
    let models = modelVerbs.map(\.rawValue).joined(separator: " ")
    lines.append("complete -c qclient -f -n '__fish_seen_subcommand_from \(models)' -a '(__qclient_models)'")
    lines.append("complete -c qclient -F -n '__fish_seen_subcommand_from classify install'")
    lines.append("complete -c qclient -f -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'")
    lines.insert("function __qclient_models\n  command -q qclient; and \(listModels)\nend", at: 1)
    return lines.joined(separator: "\n") + "\n"
  }

  /// Text for the inside of a single-quoted word of a shell.
  private static func quote(_ text: String) -> String {
    text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
  }

  private static func escape(_ text: String) -> String {
    text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'")
  }
}
