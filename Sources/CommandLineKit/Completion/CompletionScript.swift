import ArgumentParser

/// The scripts with which shells complete a command line: those of the argument parser, and what they lack.
enum CompletionScript {
  /// The script of a program for a shell.
  static func text<Root: ParsableCommand>(of root: Root.Type, for shell: CompletionShell) -> String {
    let name = root.configuration.commandName ?? ""
    let script = DefaultingCommand.all(of: root).reduce(root.completionScript(for: shell)) { script, command in
      command.completed(script, for: shell)
    }
    switch shell {
    case .bash: return "\(script)\n\(bashWords(name))"
    case .zsh:
      return script.replacing("\nif [[ \"${funcstack[1]}\"", with: "\(zshFolders(name))\nif [[ \"${funcstack[1]}\"")
    default: return script
    }
  }

  /// For bash: words with a colon, an equals sign or an at sign. Bash ends words there, so that `cpu:avx2` is three.
  private static func bashWords(_ name: String) -> String {
    """

    # Joins what bash takes apart at : = and @, asks for completions of the whole word, and takes from them what bash
    # has before the last of these.
    __\(name)_words() {
        local -a words=()
        local line="${COMP_LINE:0:COMP_POINT}" word
        local -i index
        for ((index = 0; index <= COMP_CWORD; index++)); do
            word="${COMP_WORDS[index]}"
            if ((index == 0)) || [[ "${line}" == [[:space:]]* || -z "${line}" ]]; then
                while [[ "${line}" == [[:space:]]* ]]; do line="${line:1}"; done
                words+=('')
            fi
            # The word is completed up to the cursor.
            ((index < COMP_CWORD)) || word="${line}"
            words[${#words[@]} - 1]+="${word}"
            line="${line#"${word}"}"
        done
        COMP_WORDS=("${words[@]}")
        COMP_CWORD=$((${#words[@]} - 1))
        local current="${words[COMP_CWORD]}" before=''
        ((COMP_CWORD == 0)) || before="${words[COMP_CWORD - 1]}"
        _\(name) "${1}" "${current}" "${before}"
        trap - RETURN

        local known="${current%"${2}"}" candidate
        local -a candidates=()
        local files=false
        for candidate in "${COMPREPLY[@]}"; do
            # Options are offered once they are begun.
            [[ "${candidate}" == -* && "${current}" != -* ]] && continue
            [[ -e "${candidate/#~\\//${HOME}/}" ]] && files=true
            candidates+=("${candidate#"${known}"}")
        done
        COMPREPLY=("${candidates[@]}")
        "${files}" || compopt +o filenames 2>/dev/null
    }
    complete -o filenames -F __\(name)_words \(name)
    """
  }

  /// For zsh: no space behind a folder, which may go on.
  private static func zshFolders(_ name: String) -> String {
    """

    __\(name)_complete() {
        local -a folders=("${(M)@:#*/}") others=("${@:#*/}")
        folders=("${folders[@]//\\\\:/:}")
        folders=("${folders[@]//\\\\\\\\/\\\\}")
        ((${#folders})) && compadd -S '' -- "${folders[@]}"
        local -ar non_empty_completions=("${others[@]:#(|:*)}")
        local -ar empty_completions=("${(M)others[@]:#(|:*)}")
        _describe -V '' non_empty_completions -- empty_completions -P $'\\'\\''
    }

    """
  }
}
