import { ServiceError } from '../../../streams/index.js'
import type { Head } from '../../../wire/http1.js'
import { foreignPage, isForeignPage } from '../../origins.js'
import { fastLaneToken } from '../../fast-lane.js'
import type { ResolvedHttpOptions } from './options.js'
import { subprotocol, webSocketToken } from './web-sockets.js'

/** What decides about a request by its head alone, before its body is read. Throws what the peer is answered. */
export function admission(options: ResolvedHttpOptions, acceptsWebSockets: boolean): (head: Head) => void {
  const { allowedOrigins, upgrades } = options
  const taken = [...Object.keys(upgrades), ...(acceptsWebSockets ? [webSocketToken] : [])]
  return head => {
    const tokens = upgradeTokens(head)
    const page = { origin: head.headers['Origin'], fetchSite: head.headers['Sec-Fetch-Site'] }
    if (isForeignPage(page, allowedOrigins)) throw foreignPage(page)
    // A page gets what its connection is allowed, and a request says nothing about that: it could call everything.
    if (page.origin !== undefined && !tokens.some(token => taken.includes(token))) {
      throw new ServiceError('forbidden', `Web pages connect by a WebSocket here (origin ${page.origin})`)
    }
    const asked = head.headers['Sec-Websocket-Protocol'] ?? ''
    if (acceptsWebSockets && tokens.includes(webSocketToken) && !tokensOf(asked).includes(subprotocol)) {
      throw new ServiceError('bad_request', `The subprotocol of WebSockets here is ${subprotocol}`)
    }
    if (tokens.includes('h2c')) {
      const text = 'HTTP/2 is not spoken here: send HTTP/1.1 without Upgrade: h2c'
      throw new ServiceError('bad_request', text, { code: 505 })
    }
  }
}

/** The protocols that a request asks to change to, in lower case. */
function upgradeTokens({ upgrade, connection }: Head): readonly string[] {
  return upgrade === '' || !/\bupgrade\b/.test(connection) ? [] : tokensOf(upgrade)
}

/** By whom a request's connection is taken over: the token of its `Upgrade` that is known here. */
export function knownUpgrade(
  request: { readonly upgrade: string; readonly headers: Readonly<Record<string, string>> },
  { upgrades, fastLane }: ResolvedHttpOptions,
  acceptsWebSockets: boolean,
): string | undefined {
  const { upgrade, headers } = request
  if (upgrade === '' || !/\bupgrade\b/i.test(headers['Connection'] ?? '')) return undefined
  return tokensOf(upgrade).find(
    token =>
      Object.hasOwn(upgrades, token) ||
      (fastLane && token === fastLaneToken) ||
      (acceptsWebSockets && token === webSocketToken),
  )
}

function tokensOf(list: string): readonly string[] {
  return list.split(',').map(token => token.trim().toLowerCase())
}
