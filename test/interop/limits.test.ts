import { once } from 'node:events'
import { createServer, connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { firstValueFrom, map, race, timer } from 'rxjs'
import type { PeerName } from './cells.js'
import { Echo, value } from './echo.js'
import { startHeadrace, type HeadraceNode } from './headrace-node.js'
import { peerFlags } from './neighbours.js'
import { startPeer, type Peer } from './peer-process.js'
import { commandOf, mustRun, whyNot } from './programs.js'
import { dialectOf } from './traits.js'

/** How long a peer that does nothing is watched. */
const nothingMs = 400

/**
 * What peers cannot do, whoever calls them. headrace does not depend on it: a peer that has learnt it is welcome, and these tests say so. The list is
 * in docs/compatibility.md.
 */
describe.each<{ peer: PeerName }>([{ peer: 'go-micro 2017' }, { peer: 'go-micro 1.18' }])(
  'known limits of $peer',
  ({ peer: name }) => {
    const reason = whyNot(name)
    let peer: Peer
    let node: HeadraceNode
    beforeAll(async () => {
      if (reason !== undefined && !mustRun) return
      node = await startHeadrace('limits.headrace', 'address', '')
      peer = await startPeer(commandOf(name), peerFlags('limits.peer', 'address', ''))
    })
    afterAll(async () => {
      await node?.service.close({ lingerMs: 0 })
      await peer?.stop()
    })
    const limit = (title: string, check: () => Promise<void>) =>
      it(title, async context => {
        context.skip(reason !== undefined && !mustRun, reason)
        await check()
      })

    limit('its server sends nothing on a stream while it waits for a request', async () => {
      let ask = () => {}
      async function* requests() {
        await new Promise<void>(resolve => (ask = resolve))
        yield value()
      }
      const answers = node.service
        .client(Echo, 'limits.peer')
        .chatter(requests(), { address: peer.address, dialect: dialectOf(name) })
      const numbers: bigint[] = []
      const done = (async () => {
        for await (const { number } of answers) numbers.push(number)
      })()
      await firstValueFrom(timer(nothingMs))
      expect(numbers).toEqual([])
      ask()
      await done
      expect(numbers).toEqual([1n, 2n, 3n])
    })

    limit('its client cannot send on a stream while it waits for an answer', async () => {
      const { blocked } = await peer.tell({
        do: 'listen',
        service: 'limits.headrace',
        address: node.service.address ?? '',
        endpoint: 'Echo.Talk',
        requests: [value()],
      })
      expect(blocked).toBe(true)
    })

    if (name !== 'go-micro 2017') return

    limit('its server closes the connection when the method is unknown, though it has answered', async () => {
      const [host = '', port] = peer.address.split(':')
      const socket = connect(Number(port), host)
      const body = '{"method":"Echo.Missing","params":[{}],"id":7}'
      const head = `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
      socket.write(head + body)
      let answer = ''
      socket.on('data', data => (answer += String(data)))
      const closed = once(socket, 'end').then(() => true)
      expect(await firstValueFrom(race(closed, timer(5_000).pipe(map(() => false))))).toBe(true)
      socket.destroy()
      expect(answer).toContain(`{"id":7,"result":{},"error":"rpc: can't find method Echo.Missing"}`)
    })

    limit('its client refuses an answer in JSON whose id is a text', async () => {
      const body = '{"id":"0","result":{"text":"here"},"error":null}'
      const server = createServer(socket =>
        socket.once('data', () =>
          socket.end(
            `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
          ),
        ),
      )
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const { error } = await peer.tell({
        do: 'call',
        address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
        endpoint: 'Echo.Say',
        contentType: 'application/json',
        requests: [value()],
      })
      server.close()
      expect(error).toContain('cannot unmarshal string')
    })
  },
)
