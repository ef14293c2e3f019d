import { endpointKey, type CallMarks, type Dialect } from './codec.js'
import type { Metadata } from './message.js'

/**
 * The dialect of a request, by its headers (PROTOCOL section 14.4). Clients of go-micro's version 1 that speak the codecs of before name a
 * `Micro-Target`, and those of winter 2018 wrote `X-Micro-` before each name.
 */
export function dialectOf(headers: Metadata): Dialect {
  if (headers[endpointKey] !== undefined) return 'bare'
  if (present(headers['Micro-Protocol'] ?? headers['X-Micro-Protocol'])) return 'mucp'
  if (!namesEndpoint(headers)) return 'rpc'
  return present(headers['Micro-Target'] ?? headers['X-Micro-Target']) ? 'rpc' : 'mucp'
}

/** The topic of a message that is an event and no request; `undefined` for a request. */
export function topicOf(headers: Metadata): string | undefined {
  const topic = headers['Micro-Topic'] ?? headers['X-Micro-Topic']
  if (topic === undefined || topic === '' || headers[endpointKey] !== undefined) return undefined
  return present(headers['Micro-Protocol'] ?? headers['X-Micro-Protocol']) ? undefined : topic
}

/** The marks of a request in the dialect of version 1. */
export function marksOf(headers: Metadata): CallMarks {
  return {
    id: headers['Micro-Id'] ?? headers['X-Micro-Id'],
    stream: headers['Micro-Stream'] ?? headers['X-Micro-Stream'],
  }
}

function namesEndpoint(headers: Metadata): boolean {
  return (
    present(headers['Micro-Endpoint'] ?? headers['Micro-Method'] ?? headers['Micro-Service']) ||
    present(headers['X-Micro-Endpoint'] ?? headers['X-Micro-Method'] ?? headers['X-Micro-Service'])
  )
}

function present(value: string | undefined): boolean {
  return value !== undefined && value !== ''
}
