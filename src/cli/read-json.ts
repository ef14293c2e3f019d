import { ServiceError } from '../streams/errors.js'
import { parseJson } from '../wire/json-text.js'

const maxDepth = 1_000

/** The value of a JSON text, integers beyond ±2^53 as `bigint`. Throws `bad_request` that says which text it was. */
export function readJson(text: string, what: string): unknown {
  try {
    return parseJson(text, { maxDepth, bigints: true })
  } catch (failure) {
    const { detail } = ServiceError.from(failure)
    // Newer versions of Node say the position twice; the line is always the first of this text.
    const reason = detail.replace(/^json: /, '').replace(/ \(line \d+ column \d+\)$/, '')
    throw new ServiceError('bad_request', `${what} is not JSON: ${reason}`, { cause: failure })
  }
}
