import type { Command } from './command.js'

/** A command as the overview shows it; its code is loaded when it is chosen. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<Command>
}

/** The commands, in the order of the overview. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'list',
    summary: 'Names the services in the registry',
    load: async () => (await import('./commands/list.js')).list,
  },
  {
    name: 'get',
    summary: 'Shows the nodes, versions and endpoints of a service',
    load: async () => (await import('./commands/get.js')).get,
  },
  {
    name: 'call',
    summary: 'Calls an endpoint',
    load: async () => (await import('./commands/call.js')).call,
  },
  {
    name: 'stream',
    summary: 'Streams with an endpoint: lines of JSON in and out',
    load: async () => (await import('./commands/stream.js')).stream,
  },
]
