import { emptyBody, type Message } from '../../streams/message.js'
import { probeKey, type Probe } from '../../streams/probe.js'

const health = new TextEncoder().encode('{"summary":"OK","details":[]}')
const answers: Readonly<Record<Probe, Message>> = {
  health: { headers: { 'Content-Type': 'application/json' }, body: health },
  alive: { headers: {}, body: emptyBody },
}

/** The answer to a probe (PROTOCOL section 16): whoever is served at all is told OK. `undefined` for any other message. */
export function probeAnswer({ headers }: Message): Message | undefined {
  const probe = headers[probeKey]
  return probe === 'health' || probe === 'alive' ? answers[probe] : undefined
}
