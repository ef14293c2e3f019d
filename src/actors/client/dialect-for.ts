import type { Format } from '../../streams/codec.js'
import type { ServiceNode } from '../../streams/registry.js'
import type { Link } from '../../streams/transport.js'
import type { CallPlan } from './call-plan.js'

/** What servers of 2017 call themselves, and headrace's. */
const ownServer = 'rpc'

/** The format that a request is written in once it is known where it goes. */
export function formatFor(link: Link, node: ServiceNode | undefined, plan: CallPlan): Format {
  const { formats, options, dialect } = plan
  if (link.bare === true) return formats.bare
  if (options.dialect !== undefined) return formats[options.dialect]
  if (node === undefined) return formats[dialect]
  return isVersionOne(node) ? formats.mucp : formats.rpc
}

/** A headrace node says `mucp` as well, for the clients of version 1, and is a server of `rpc`: that dialect has half of the headers. */
function isVersionOne({ metadata }: ServiceNode): boolean {
  return metadata['protocol'] === 'mucp' && metadata['server'] !== ownServer
}

/**
 * Whether a node may end a stream without a word when its client has ended first: servers of go-micro's version 1 do (PROTOCOL section
 * 14.3). Those of before, and headrace, call themselves otherwise.
 */
export function endsQuietly({ dialect }: Format, node: ServiceNode | undefined): boolean {
  return dialect === 'mucp' && node?.metadata['server'] !== ownServer
}
