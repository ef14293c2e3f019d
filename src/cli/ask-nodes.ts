import { ServiceError, flattenNodes, type ServiceNode } from '../streams/index.js'
import type { CommandContext } from './command.js'
import { findWholeService } from './find-service.js'

/** What one node has answered, or why it has not. */
export interface NodeAnswer<T> {
  readonly node: ServiceNode
  readonly answer?: T
  readonly error?: ServiceError
}

/** Asks each node of a service, at its own address, all at once. Rejects when there is no node. */
export async function askNodes<T>(
  context: Pick<CommandContext<Record<never, never>>, 'flags' | 'service' | 'shell'>,
  name: string,
  endpoint: string,
): Promise<readonly NodeAnswer<T>[]> {
  const nodes = flattenNodes(await findWholeService(context, name))
  const client = (await context.service()).client(name)
  return Promise.all(
    nodes.map(node =>
      client.call<T>(endpoint, {}, { address: node.address, retries: 0 }).then(
        answer => ({ node, answer }),
        (failure: unknown) => ({ node, error: ServiceError.from(failure) }),
      ),
    ),
  )
}
