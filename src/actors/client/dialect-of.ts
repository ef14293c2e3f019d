import type { Dialect } from '../../streams/codec.js'
import type { Link } from '../../streams/transport.js'

/** The dialect that a request is written in once it is known where it goes. */
export function dialectOf(link: Link): Dialect {
  return link.bare === true ? 'bare' : 'rpc'
}
