import { ServiceError } from '../../streams/index.js'
import { askNodes } from '../ask-nodes.js'
import type { CommandContext } from '../command.js'
import { listServices } from '../find-service.js'
import type { Finding } from './finding.js'

type Context = Pick<CommandContext<Record<never, never>>, 'flags' | 'service' | 'shell'>

/** What else is registered. */
export async function checkServices(context: Context): Promise<Finding> {
  const registry = await (await context.service()).registry()
  const names = (await listServices(registry)).filter(name => !name.startsWith('headrace.doctor-'))
  const check = 'services'
  if (names.length > 0) return { check, status: 'ok', text: `${names.length} found: ${names.join(', ')}` }
  return {
    check,
    status: 'warning',
    text: `no other service is in the registry ${registry.name}`,
    advice:
      'see whether one runs, on the same network, with the same --registry and --registry_address (its first lines say what it has registered)',
  }
}

/** The nodes of one service, and whether each answers. */
export async function* checkService(context: Context, name: string): AsyncGenerator<Finding> {
  try {
    const answers = await askNodes<{ readonly status?: unknown }>(context, name, 'Debug.Health')
    for (const { node, answer, error } of answers) {
      const who = `${node.id} ${node.version} at ${node.address}`
      if (error === undefined) yield { check: name, status: 'ok', text: `${who}: ${String(answer?.status)}` }
      else yield { check: name, status: 'problem', text: `${who}: ${error.detail}`, advice: adviceFor(error) }
    }
  } catch (failure) {
    const { detail } = ServiceError.from(failure)
    yield {
      check: name,
      status: 'problem',
      text: detail.replace(/;.*/s, ''),
      advice: 'names are exact; headrace list has those that are there',
    }
  }
}

function adviceFor({ kind }: ServiceError): string {
  if (kind === 'unavailable') {
    return 'it is registered and not reachable: it has crashed, a firewall is between, or it advertises an address that is not valid from here (--server_advertise)'
  }
  return kind === 'timeout'
    ? 'it is reachable and does not answer: it is overloaded or stuck'
    : 'its log may say more'
}
