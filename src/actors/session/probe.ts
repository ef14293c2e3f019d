import { emptyBody, type Message } from '../../streams/message.js'
import { probeKey } from '../../streams/probe.js'

/** How a service is: whether it should get new calls. Whatever it says, it serves those that come. */
export type Health = 'ok' | 'starting' | 'draining'

const alive: Message = { headers: {}, body: emptyBody }

/** In ja-micro's words, and with the status that load balancers look at. */
const answers: Readonly<Record<Health, Message>> = {
  ok: healthMessage('OK'),
  starting: healthMessage('CRITICAL', 'the service is starting'),
  draining: healthMessage('DEGRADED', 'the service is being stopped and takes no new calls'),
}

/** The answer to a probe (PROTOCOL section 16). `undefined` for any other message. */
export function probeAnswer({ headers }: Message, health: () => Health = () => 'ok'): Message | undefined {
  const probe = headers[probeKey]
  if (probe === undefined) return undefined
  if (probe === 'alive') return alive
  const answer = answers[health()]
  return probe === 'health' ? answer : { headers: answer.headers, body: emptyBody }
}

function healthMessage(summary: 'OK' | 'DEGRADED' | 'CRITICAL', reason?: string): Message {
  const details = reason === undefined ? [] : [{ name: 'life', status: summary, reason }]
  const body = new TextEncoder().encode(JSON.stringify({ summary, details }))
  const headers = { 'Content-Type': 'application/json' }
  return {
    headers: reason === undefined ? headers : { ...headers, ':status': '503 Service Unavailable' },
    body,
  }
}
