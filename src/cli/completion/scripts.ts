import type { CompletionWords } from './words.js'

/** The shells that completion scripts are written for. */
export const shells = ['bash', 'zsh', 'fish'] as const

/** The completion script of a shell: commands, their flags, and the names of services, which are asked for when they are needed. */
export function completionScript(shell: (typeof shells)[number], words: readonly CompletionWords[]): string {
  return { bash, zsh, fish }[shell](words)
}

/** Names of services, quickly or not at all: somebody waits at a prompt. */
const serviceNames = 'headrace list 2>/dev/null'

function bash(words: readonly CompletionWords[]): string {
  const cases = words.map(({ name, flags }) => `    ${name}) flags='${flags.join(' ')}' ;;`)
  const withService = words.filter(({ takesService }) => takesService).map(({ name }) => name)
  const withFiles = words.filter(({ takesFiles }) => takesFiles).map(({ name }) => name)
  const withChoices = words.filter(({ choices }) => choices.length > 0)
  return `# headrace: completion for bash. Use it with: source <(headrace completion bash)
_headrace() {
  local word="\${COMP_WORDS[COMP_CWORD]}" command="\${COMP_WORDS[1]}" flags=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W '${words.map(({ name }) => name).join(' ')} --help --version' -- "$word")
    return
  fi
  case "$command" in
${cases.join('\n')}
  esac
  if [[ "$word" == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$word")
    [[ "\${COMPREPLY[0]}" == *= ]] && compopt -o nospace
    return
  fi
  case "$command" in
    ${withFiles.join('|')}) compopt -o default; return ;;
  esac
  [ "$COMP_CWORD" -eq 2 ] || return
  case "$command" in
    ${withService.join('|')}) mapfile -t COMPREPLY < <(compgen -W "$(${serviceNames})" -- "$word") ;;
${withChoices.map(({ name, choices }) => `    ${name}) mapfile -t COMPREPLY < <(compgen -W '${choices.join(' ')}' -- "$word") ;;`).join('\n')}
  esac
}
complete -F _headrace headrace
`
}

function zsh(words: readonly CompletionWords[]): string {
  const cases = words.map(({ name, flags }) => `    ${name}) flags=(${flags.map(quoted).join(' ')}) ;;`)
  const withService = words.filter(({ takesService }) => takesService).map(({ name }) => name)
  const withFiles = words.filter(({ takesFiles }) => takesFiles).map(({ name }) => name)
  const withChoices = words.filter(({ choices }) => choices.length > 0)
  return `#compdef headrace
# headrace: completion for zsh. Use it with: source <(headrace completion zsh)
_headrace() {
  local -a commands flags services
  commands=(
${words.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  case "$words[2]" in
${cases.join('\n')}
  esac
  if [[ "$PREFIX" == -* ]]; then
    compadd -S '' -- $flags
    return
  fi
  case "$words[2]" in
    ${withFiles.join('|')}) _files -g '*.proto'; return ;;
  esac
  (( CURRENT == 3 )) || return
  case "$words[2]" in
    ${withService.join('|')}) services=(\${(f)"$(${serviceNames})"}); compadd -- $services ;;
${withChoices.map(({ name, choices }) => `    ${name}) compadd -- ${choices.join(' ')} ;;`).join('\n')}
  esac
}
compdef _headrace headrace
`
}

function fish(words: readonly CompletionWords[]): string {
  const lines = words.flatMap(({ name, summary, flags, takesService, takesFiles, choices }) => [
    `complete -c headrace -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ...flags.map(flag => {
      const [, dashes = '', word = '', value] = /^(--?)([^=]+)(=?)$/.exec(flag) ?? []
      const option = dashes === '-' ? '-s' : '-l'
      return `complete -c headrace -n '__fish_seen_subcommand_from ${name}' ${option} ${word}${value === '=' ? ' -r' : ''}`
    }),
    ...(takesService
      ? [`complete -c headrace -n '__fish_seen_subcommand_from ${name}' -a '(${serviceNames})'`]
      : []),
    ...(takesFiles ? [`complete -c headrace -n '__fish_seen_subcommand_from ${name}' -F`] : []),
    ...(choices.length > 0
      ? [`complete -c headrace -n '__fish_seen_subcommand_from ${name}' -a '${choices.join(' ')}'`]
      : []),
  ])
  return `# headrace: completion for fish. Use it with: headrace completion fish | source
complete -c headrace -f
${lines.join('\n')}
`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
