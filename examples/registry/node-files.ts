import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ServiceError, checkService, type Clock, type ServiceRecord } from 'headrace/streams'

/** Where the files are, and what they are read with. */
export interface NodeFilesInit {
  readonly directory: string
  readonly clock: Clock
  /** Told once of each file that cannot be read as a node. */
  readonly damaged: (error: ServiceError) => void
}

/** How long the file of a node that died is kept after its time, in milliseconds; nobody lists it any more. */
const graceMs = 60_000

/** The nodes in a directory: one JSON file each, named after the node's id. Everything rejects `unavailable` while the directory is not there. */
export class NodeFiles {
  private readonly knownDamage = new Set<string>()
  private writes = 0

  constructor(private readonly init: NodeFilesInit) {}

  /** Puts each node of a record into its file. A reader sees the old file or the new one, never half of it. */
  async write(service: ServiceRecord, ttlMs: number | undefined): Promise<void> {
    const expiresAt = ttlMs === undefined ? undefined : this.init.clock.scheduler.now() + ttlMs
    for (const node of service.nodes) {
      const text = JSON.stringify({ service: { ...service, nodes: [node] }, expiresAt })
      const draft = this.path(`${node.id}.${process.pid}-${(this.writes += 1)}.draft`)
      await this.attempt(async () => {
        await writeFile(draft, text)
        await rename(draft, this.path(`${node.id}.json`))
      })
    }
  }

  /** Removes the files of nodes; those that are not there are no error. */
  async remove(ids: readonly string[]): Promise<void> {
    await this.attempt(() => Promise.all(ids.map(id => rm(this.path(`${id}.json`), { force: true }))))
  }

  /** A record for each node whose time is not over, sorted by file. */
  async read(): Promise<readonly ServiceRecord[]> {
    const now = this.init.clock.scheduler.now() // of before: reading takes time, in which a node may be registered again
    const names = await this.attempt(() => readdir(this.init.directory))
    const files = names.filter(name => name.endsWith('.json')).sort()
    const records = await Promise.all(files.map(name => this.readOne(join(this.init.directory, name), now)))
    return records.filter(record => record !== undefined)
  }

  private async readOne(path: string, now: number): Promise<ServiceRecord | undefined> {
    const text = await readFile(path, 'utf8').catch(() => undefined) // removed since it was listed
    if (text === undefined) return undefined
    try {
      const { service, expiresAt = Infinity } = parse(text)
      const overdueMs = now - expiresAt
      if (overdueMs > graceMs) await rm(path, { force: true })
      return overdueMs < 0 ? service : undefined
    } catch (cause) {
      this.tellDamage(path, cause)
      return undefined
    }
  }

  private tellDamage(path: string, cause: unknown): void {
    if (this.knownDamage.has(path)) return
    this.knownDamage.add(path)
    this.init.damaged(
      new ServiceError('bad_request', `file registry: ${path} is no node; delete it`, { cause }),
    )
  }

  private async attempt<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation()
    } catch (cause) {
      const { directory } = this.init
      throw new ServiceError('unavailable', `file registry: cannot use ${directory}; does it exist?`, {
        cause,
      })
    }
  }

  private path(name: string): string {
    return join(this.init.directory, encodeURIComponent(name))
  }
}

interface NodeFile {
  readonly service: ServiceRecord
  readonly expiresAt?: number
}

/** Throws for a text that is no node. JSON leaves out what is undefined: the endpoints get it back. */
function parse(text: string): NodeFile {
  const { service, ...rest } = JSON.parse(text) as NodeFile
  checkService('file registry', service)
  const endpoints = service.endpoints.map(({ name, request, response, metadata }) => ({
    name,
    request,
    response,
    metadata,
  }))
  return { ...rest, service: { ...service, endpoints } }
}
