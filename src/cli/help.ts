import { dashed, serviceFlags, type FlagSpec } from '../flags.js'
import { commonFlags, type Command } from './command.js'
import { commands } from './commands.js'
import { exitCodeMeanings, exitCodes } from './exit-codes.js'

/** The text of `headrace --help`. */
export function overview(): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const)
  return [
    'Usage: headrace COMMAND [ARGUMENTS] [FLAGS]',
    '',
    'Talks to services from a terminal: lists, calls, streams, publishes, watches, and finds out why nothing is found.',
    '',
    'Commands:',
    ...twoColumns(rows),
    '',
    'Flags of every command:',
    ...twoColumns([
      ...flagRows(commonFlags),
      ['--help', 'Print the help of a command, with all its flags'],
      ['--version', 'Print the version of headrace'],
    ]),
    '',
    'The flags of a service (--registry, --registry_address, --transport, --broker, …) and the MICRO_* variables apply to every',
    'command that needs them: headrace list --help shows them.',
    '',
    'Exit codes:',
    ...twoColumns(
      Object.entries(exitCodes).map(([name, code]) => [
        String(code),
        exitCodeMeanings[name as keyof typeof exitCodes],
      ]),
    ),
    '',
  ].join('\n')
}

/** The text of `headrace COMMAND --help`. */
export function commandHelp({ name, usage, description, examples, flags, remote }: Command): string {
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [title, ...lines, '']
  return [
    `Usage: headrace ${name} ${usage}`.trimEnd(),
    '',
    description,
    '',
    ...section(
      'Examples:',
      examples.map(example => `  headrace ${example}`),
    ),
    ...section('Flags:', twoColumns(flagRows(flags))),
    ...section('Flags of every command:', twoColumns(flagRows(commonFlags))),
    ...(remote ? section('Flags of every service:', twoColumns(flagRows(serviceFlags))) : []),
  ].join('\n')
}

function flagRows(flags: Readonly<Record<string, FlagSpec>>): readonly (readonly [string, string])[] {
  return Object.entries(flags).map(([name, { help, env }]) => [
    dashed(name),
    env === undefined ? help : `${help} [$${env}]`,
  ])
}

function twoColumns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([first]) => first.length))
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`)
}
