import { dialectOf, probeKey, type Message, type Probe } from '../../../streams/index.js'
import type { HttpRequest } from '../../../wire/http1.js'

/**
 * A request as its server sees it. `GET /health`, and `GET` or `HEAD` of `/`, are probes when they carry nothing (PROTOCOL section 16): calls
 * may come with any verb and to any path, but never without a body or a type.
 */
export function asMessage(request: HttpRequest): Message {
  const { method } = request
  if (method !== 'GET' && method !== 'HEAD') return request
  const probe = probeOf(request)
  return probe === undefined
    ? request
    : { headers: { ...request.headers, [probeKey]: probe }, body: request.body }
}

function probeOf({ method, target, headers, body }: HttpRequest): Probe | undefined {
  if (body.byteLength > 0 || headers['Content-Type'] !== undefined) return undefined
  if (dialectOf(headers) !== 'rpc') return undefined
  const [path] = target.split('?', 1)
  if (path === '/') return 'alive'
  if (path === '/health') return method === 'GET' ? 'health' : 'status'
  return undefined
}
