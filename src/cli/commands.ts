import type { CommandEntry } from './command.js'

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
  {
    name: 'publish',
    summary: 'Publishes an event, and says what became of it',
    load: async () => (await import('./commands/publish.js')).publish,
  },
  {
    name: 'subscribe',
    summary: 'Prints the events of a topic',
    load: async () => (await import('./commands/subscribe.js')).subscribe,
  },
  {
    name: 'watch',
    summary: 'Shows services and nodes as they come and go',
    load: async () => (await import('./commands/watch.js')).watch,
  },
  {
    name: 'health',
    summary: 'Asks each node of a service whether it is well',
    load: async () => (await import('./commands/health.js')).health,
  },
  {
    name: 'stats',
    summary: 'Asks each node of a service for its numbers',
    load: async () => (await import('./commands/stats.js')).stats,
  },
  {
    name: 'register',
    summary: 'Puts a node into the registry that does not do so itself',
    load: async () => (await import('./commands/register.js')).register,
  },
  {
    name: 'deregister',
    summary: 'Takes a node out of the registry',
    load: async () => (await import('./commands/deregister.js')).deregister,
  },
  {
    name: 'gen',
    summary: 'Writes TypeScript for .proto files',
    load: async () => (await import('./commands/gen.js')).gen,
  },
  {
    name: 'new',
    summary: 'Makes a service that runs and has a test',
    load: async () => (await import('./commands/new.js')).newService,
  },
  {
    name: 'doctor',
    summary: 'Finds out why nothing is found',
    load: async () => (await import('./commands/doctor.js')).doctor,
  },
  {
    name: 'completion',
    summary: 'Prints a completion script for a shell',
    load: async () => (await import('./commands/completion.js')).completion,
  },
]
