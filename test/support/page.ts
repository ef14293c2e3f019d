import { WebSocket } from 'ws'
import { createBrowserClient, type BrowserClient, type BrowserClientOptions } from '../../src/browser.js'

/** The origin of the pages of tests. */
export const pageOrigin = 'http://page.test:8080'

/** A browser client as a page of {@link pageOrigin} has it, over the WebSockets of Node. */
export function openPage(address: string, options: Partial<BrowserClientOptions> = {}): BrowserClient {
  return createBrowserClient({
    url: `ws://${address}`,
    webSocket: (url, protocol) => new WebSocket(url, protocol, { origin: pageOrigin }),
    ...options,
  })
}
