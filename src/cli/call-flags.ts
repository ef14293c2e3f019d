import { ServiceError, type CallOptions, type ServiceRecord } from '../streams/index.js'
import type { FlagSpec } from '../flags.js'
import { printable } from './output.js'
import { isStream, topicOf } from './show-endpoint.js'

/** The flags of whatever calls an endpoint. */
export const callFlags = {
  metadata: { kind: 'pairs', help: 'Metadata of the call, key=value, repeatable' },
  address: { kind: 'text', help: 'Call host:port instead of choosing a node' },
  dialect: {
    kind: 'text',
    help: 'How go-micro at --address is spoken to: rpc (2017) or mucp (version 1). Default: rpc',
  },
} as const satisfies Readonly<Record<string, FlagSpec>>

/** The options of a call that its flags ask for. Throws `bad_request` for a dialect that is none. */
export function callOptions(flags: {
  readonly metadata?: Readonly<Record<string, string>>
  readonly address?: string
  readonly dialect?: string
}): CallOptions {
  const { metadata, address, dialect } = flags
  if (dialect !== undefined && dialect !== 'rpc' && dialect !== 'mucp') {
    throw new ServiceError('bad_request', `--dialect must be rpc or mucp, not '${printable(dialect)}'`)
  }
  return {
    ...(metadata === undefined ? {} : { metadata }),
    ...(address === undefined ? {} : { address }),
    ...(dialect === undefined ? {} : { dialect }),
  }
}

/**
 * What a call failed with, in the words that help most: when the registry knows the endpoints of the service and this is none of them, that is what is wrong. Otherwise the
 * error as it is.
 */
export function explainFailure(
  failure: unknown,
  endpoint: string,
  records: readonly ServiceRecord[],
): ServiceError {
  const error = ServiceError.from(failure)
  if (['unavailable', 'timeout', 'cancelled'].includes(error.kind) || endpoint.startsWith('Debug.'))
    return error
  const known = new Set(
    records.flatMap(({ endpoints }) =>
      endpoints.filter(each => topicOf(each) === undefined).map(({ name }) => name),
    ),
  )
  if (known.size === 0 || known.has(endpoint)) return error
  const text = `${records[0]?.name ?? ''} has no endpoint '${endpoint}'; it has ${[...known].sort().join(', ')}`
  return new ServiceError('not_found', printable(text), { cause: error })
}

/** Throws `bad_request` when the registry knows the endpoint as one of the other kind: a stream that is to be called, or the contrary. */
export function checkKind(command: 'call' | 'stream', name: string, records: readonly ServiceRecord[]): void {
  const endpoint = records.flatMap(({ endpoints }) => endpoints).find(each => each.name === name)
  const stream = endpoint?.metadata['stream']
  if (endpoint === undefined || stream === undefined || isStream(endpoint) === (command === 'stream')) return
  const [is, other] = isStream(endpoint) ? ['is a stream', 'stream'] : ['is no stream', 'call']
  throw new ServiceError('bad_request', printable(`${name} ${is}; use headrace ${other}`))
}
