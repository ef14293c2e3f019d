import { createRequire } from 'node:module'
import { hundredBytes, type Peer, type Run } from './peer.js'

type Answer = (error: Error | null, value: unknown) => void

interface Component {
  on(type: string, heard: (request: never, answer: Answer) => void): void
  once(type: string, heard: () => void): void
  close(): void
}

interface Requester extends Component {
  send<R>(request: object): Promise<R>
}

/** As far as it is used; cote has no types. */
interface Cote {
  readonly Requester: new (advertisement: object, discovery: object) => Requester
  readonly Responder: new (advertisement: object, discovery: object) => Component
}

/** Its helloes go to the broadcast address of the loopback interface, and to no other. */
const discovery = { address: '127.255.255.255', broadcast: '127.255.255.255', log: false }

/** cote: discovery by broadcast, axon's messages over TCP. */
export const cote: Peer = {
  about: 'cote, requester and responder, JSON, discovery by broadcast on the loopback interface',

  async serve(run) {
    const { Responder } = load()
    const responders = Array.from({ length: 8 }, (_, number) => {
      const responder = new Responder({ name: 'bench', key: keyOf(run, number) }, discovery)
      responder.on('hello', ({ name }: { name: string }, answer) =>
        answer(null, { greeting: `Hello ${name}` }),
      )
      responder.on('echo', ({ payload }: { payload: string }, answer) => answer(null, { payload }))
      return responder
    })
    return { address: '', close: async () => responders.forEach(responder => responder.close()) }
  },

  async connect(run) {
    const { Requester } = load()
    const requesters = await Promise.all(
      Array.from({ length: 8 }, async (_, number) => {
        const requester = new Requester({ name: 'client', key: keyOf(run, number) }, discovery)
        await new Promise<void>(added => requester.once('cote:added', added))
        return requester
      }),
    )
    const [first] = requesters
    if (first === undefined) throw new Error('no requester')
    const event = { type: 'echo', payload: hundredBytes }
    return {
      call: name => first.send({ type: 'hello', name }),
      echo: payload => first.send({ type: 'echo', payload }),
      publish: subscribers =>
        Promise.all(requesters.slice(0, subscribers).map(each => each.send({ ...event }))),
      close: async () => requesters.forEach(requester => requester.close()),
    }
  },
}

function keyOf(run: Run, number: number): string {
  return `${run.name}-${number}`
}

function load(): Cote {
  return createRequire(import.meta.url)('cote') as Cote
}
