import { createServer, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { ServiceError, createService, type UntypedClient } from 'headrace'
import { runExample, type Example } from '../run-example.js'

/** The answer of a handler that speaks HTTP through a front, as go-micro's API has it. */
interface Answer {
  readonly statusCode: number
  readonly header?: Readonly<Record<string, string>>
  readonly body?: string
}

/** An HTTP front before a service that redirects: what the handler says becomes the answer to the browser. */
export async function main({ print, options }: Example): Promise<void> {
  const links = createService({ name: 'links', ...options() })
  // #region handler
  links.handle({
    Links: {
      Follow: ({ path }: { path: string }): Answer => {
        if (!path.startsWith('/docs')) throw new ServiceError('not_found', `no link ${path}`)
        return { statusCode: 301, header: { Location: 'https://example.org/docs' } }
      },
    },
  })
  // #endregion handler
  await links.start()
  const api = createService({ name: 'links.api', ...options() })
  const client = api.client('links')
  // #region front
  const front = createServer((request, response) => void answer(client, request.url ?? '/', response))
  // #endregion front
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  const { port } = front.address() as AddressInfo
  for (const path of ['/docs', '/docs/old', '/nothing']) {
    const { status, headers } = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual' })
    print(`${path}: ${status} ${headers.get('Location') ?? ''}`.trimEnd())
  }
  front.closeAllConnections()
  front.close()
  for (const service of [api, links]) await service.close()
}

async function answer(client: UntypedClient, path: string, response: ServerResponse): Promise<void> {
  try {
    const { statusCode, header = {}, body = '' } = await client.call<Answer>('Links.Follow', { path })
    response.writeHead(statusCode, { ...header }).end(body)
  } catch (failure) {
    const { code, detail } = ServiceError.from(failure)
    response.writeHead(code).end(`${detail}\n`) // the codes of errors are those of HTTP
  }
}

await runExample(import.meta.url, main)
