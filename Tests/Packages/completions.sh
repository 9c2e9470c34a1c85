#!/bin/bash
# Asks real shells what they offer for the program's options and arguments, and compares.
#
# Each runs on a terminal of its own (script, of Debian's bsdutils), because how it cuts a line into words is part of
# what is tested. A shell that is not installed is left out, and said.
#
# Usage: Tests/Packages/completions.sh PROGRAM       with the scripts that PROGRAM writes
#        Tests/Packages/completions.sh --installed   with those of the package that is installed
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d -t completions-XXXXXX)
# What could not be tidied is no wrong answer of a shell.
trap 'rm -rf "$work" || true' EXIT
if [ "${1:?a program, or --installed}" = --installed ]; then program=; else program=$(realpath "$1"); fi

# What the machine has: a cached model, a theme, files of several kinds, and one whose name is a command.
export HOME="$work/home" XDG_CONFIG_HOME="$work/home/.config" HF_HUB_CACHE="$work/hub" HF_HUB_OFFLINE=1 TERM=xterm
mkdir -p "$HOME" "$XDG_CONFIG_HOME/diffusion-tui/themes" "$work/here/results" "$work/bin" "$work/here/my-model"
# Where this folder is missing fish reads every man page into it in the background, beyond the end of this script.
mkdir -p "$HOME/.local/share/fish/generated_completions"
commit=0123456789abcdef0123456789abcdef01234567
mkdir -p "$HF_HUB_CACHE/models--owner--cached/snapshots/$commit" "$HF_HUB_CACHE/models--owner--cached/refs"
printf %s "$commit" > "$HF_HUB_CACHE/models--owner--cached/refs/main"
cd "$work/here"
touch plan.toml receipt.json picture.png table.csv notes.txt '$(touch pwned).png'
if [ -n "$program" ]; then
  ln -s "$program" "$work/bin/diffusion-tui"
  PATH="$work/bin:$PATH"
  mkdir -p "$XDG_CONFIG_HOME/fish/completions" "$work/zsh"
  diffusion-tui --generate-completion-script bash > "$work/bash"
  diffusion-tui --generate-completion-script zsh > "$work/zsh/_diffusion-tui"
  diffusion-tui --generate-completion-script fish > "$XDG_CONFIG_HOME/fish/completions/diffusion-tui.fish"
fi
printf 'name = "broken"\n' > "$XDG_CONFIG_HOME/diffusion-tui/themes/broken.toml"
sed 's/^name = .*/name = "mine"/' "$here/../../themes/dark.toml" > "$XDG_CONFIG_HOME/diffusion-tui/themes/mine.toml"

# What bash makes of a line: all that it offers is inserted (C-t), and the line is written to a file (C-g).
cat > "$work/bashrc" <<RC
PS1=
$(if [ -n "$program" ]; then echo ". '$work/bash'"; else echo ". /usr/share/bash-completion/bash_completion"; fi)
bind '"\C-t": insert-completions'
bind -x '"\C-g": printf "%s\n" "\$READLINE_LINE" > "$work/line"'
RC
# Types into a shell on a terminal of its own, and waits until it has written the file of its answer.
type_into() {
  rm -f "$work/line"
  {
    printf %s "$2"
    for _ in $(seq 200); do if [ -e "$work/line" ]; then break; fi; sleep 0.05; done
    printf '\003exit\n'
  } | timeout 20 script -qec "$1" /dev/null > "$work/log" 2>&1 || true
  [ -e "$work/line" ] || { cat "$work/log"; echo "no answer to: $2"; } >&2
}
ask_bash() {
  type_into "bash --rcfile '$work/bashrc' -i" "$1"$'\024\007'
  # Words that share what stands before a colon are inserted without it, but for the first.
  local -a words
  mapfile -t words < <(xargs -n 1 < "$work/line")
  local first="${words[$(wc -w <<< "$1") - 1]:-}" word
  case "$1" in *:*) ;; *) first= ;; esac
  for word in "${words[@]}"; do
    printf '%s\n' "$word"
    case "$first" in *:*) printf '%s\n' "${first%%:*}:$word" ;; esac
  done
}

# What zsh adds to its list of matches.
cat > "$work/.zshrc" <<RC
PS1=
fpath=('$work/zsh' \$fpath)
autoload -U compinit
compinit -u -d '$work/zcompdump'
compadd() {
  local -a __offered
  if [[ \${@[(I)-[ODA]]} -eq 0 ]]; then
    builtin compadd -O __offered "\$@"
    ((\$#__offered)) && print -rl -- "\${__offered[@]}" >> '$work/matches'
  fi
  builtin compadd "\$@"
}
answer() { zle list-choices; touch '$work/line'; }
zle -N answer
bindkey '^G' answer
RC
ask_zsh() {
  : > "$work/matches"
  ZDOTDIR="$work" type_into 'zsh -i' "$1"$'\007'
  cat "$work/matches"
}

# What fish's own command says to a line that is being typed.
cat > "$work/answer.fish" <<RC
function answer
  complete -C (commandline) > '$work/matches'
  commandline -r ''
  touch '$work/line'
end
bind \cg answer
RC
ask_fish() {
  type_into "fish --private -i -C 'source $work/answer.fish'" "$1"$'\007'
  cut -f 1 "$work/matches"
}

failures=0 cases=0
# check SHELL LINE EXPECTED UNEXPECTED: the words that must be offered, and those that must not.
check() {
  local offered word
  cases=$((cases + 1))
  offered=$("ask_$1" "$2" | sort -u)
  for word in $3; do
    if ! grep -qxF -e "$word" -e "$word/" <<< "$offered"; then
      echo "$1: '$2' does not offer $word, but:" $offered
      failures=$((failures + 1))
    fi
  done
  for word in ${4:-}; do
    if grep -qF -e "$word" <<< "$offered"; then
      echo "$1: '$2' offers $word"
      failures=$((failures + 1))
    fi
  done
}

for shell in ${SHELLS:-bash zsh fish}; do
  command -v "$shell" > /dev/null || { echo "$shell is not installed: left out"; continue; }
  started=$cases
  check $shell 'diffusion-tui ' 'explore lesson generate sweep randn inspect snapshot bench verify models doctor'
  check $shell 'diffusion-tui --the' '--theme'
  check $shell 'diffusion-tui --theme ' 'dark light high-contrast mono nord solarized mine' 'broken notes.txt'
  check $shell 'diffusion-tui --renderer ' 'half-block ascii braille kitty quadrant'
  check $shell 'diffusion-tui generate --device ' 'cpu cpu:portable cpu:reference' 'reassociated'
  check $shell 'diffusion-tui generate --device cpu:' 'cpu:portable cpu:reference'
  check $shell 'diffusion-tui generate --device cpu:ref' 'cpu:reference' 'portable'
  check $shell 'diffusion-tui generate --scheduler e' 'euler euler-ancestral edm-euler' 'ddim'
  check $shell 'diffusion-tui generate --gpu-model rtx3' 'rtx3090' 'a100'
  check $shell 'diffusion-tui generate --weights ' 'float32 bfloat16 float16'
  check $shell 'diffusion-tui generate --progress ' 'line json none'
  check $shell 'diffusion-tui generate --image ' 'demo picture.png' 'plan.toml'
  check $shell 'diffusion-tui generate --output ' 'picture.png results' 'notes.txt'
  check $shell 'diffusion-tui generate --trace ' 'results my-model' 'notes.txt'
  check $shell 'diffusion-tui generate --receipt ' 'receipt.json' 'plan.toml'
  check $shell 'diffusion-tui generate ' 'ddpm-emoji-32 sd-emoji-64 owner/cached my-model' 'notes.txt'
  check $shell 'diffusion-tui inspect owner/' 'owner/cached' 'emoji'
  check $shell 'diffusion-tui verify ' 'receipt.json' 'notes.txt'
  check $shell 'diffusion-tui lesson ' 'seed precision plan.toml' 'notes.txt'
  # Without a command of its own, sweep is sweep run.
  check $shell 'diffusion-tui sweep ' 'run merge plan.toml results' 'notes.txt'
  check $shell 'diffusion-tui sweep pl' 'plan.toml' 'merge'
  check $shell 'diffusion-tui sweep --' '--output --shard --device --threads --progress' '--columns'
  check $shell 'diffusion-tui sweep --device cpu:' 'cpu:portable cpu:reference' 'merge'
  check $shell 'diffusion-tui sweep plan.toml --sh' '--shard' 'merge'
  check $shell 'diffusion-tui sweep plan.toml --device ' 'cpu cpu:portable cpu:reference' 'merge'
  check $shell 'diffusion-tui sweep --threads 2 ' 'plan.toml' 'merge notes.txt'
  check $shell 'diffusion-tui sweep run ' 'plan.toml' 'merge notes.txt'
  check $shell 'diffusion-tui sweep run plan.toml --output ' 'results my-model' 'notes.txt'
  check $shell 'diffusion-tui sweep merge ' 'results my-model' 'run plan.toml'
  check $shell 'diffusion-tui sweep merge --' '--columns --partial' '--shard'
  check $shell 'diffusion-tui sweep merge --columns s' 'seed steps scheduler scheduler-options' 'eta'
  check $shell 'diffusion-tui sweep merge --columns m' 'model' 'eta'
  check $shell 'diffusion-tui sweep merge --columns b' 'batch-size branches' 'eta'
  check $shell 'diffusion-tui models --' '--json'
  check $shell 'diffusion-tui models rm ' 'owner/cached' 'emoji'
  check $shell 'diffusion-tui randn --dtype ' 'float16 bfloat16 float32 float64'
  [ ! -e pwned ] || { echo "$shell: runs the name of a file"; failures=$((failures + 1)); rm pwned; }
  version=$("$shell" --version | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1)
  echo "$shell $version: $((cases - started)) questions"
done
[ "$failures" -eq 0 ] || { echo "$failures answers are wrong"; exit 1; }
echo "completions: all values are offered"
