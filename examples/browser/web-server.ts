import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** The page; `service` is what it connects to. */
const html = (service: string) => `<!doctype html>
<meta charset="utf-8" />
<title>headrace in a browser</title>
<body data-service="${service}">
  <p>The connection is <b id="connection"></b>.</p>
  <p>Reading <b id="reading"></b></p>
  <pre id="nodes"></pre>
  <script type="module" src="/page.js"></script>
</body>
`

/** A web server with the page. */
export interface WebServer {
  readonly origin: string
  /** From now on the page connects to this. */
  connectTo(service: string): void
  close(): Promise<void>
}

/** Bundles the page and serves it on loopback. */
export async function serveWeb(): Promise<WebServer> {
  const script = await bundle()
  let service = ''
  const server = createServer(({ url }, response) => {
    const [type, text] = url === '/page.js' ? ['text/javascript', script] : ['text/html', html(service)]
    response.writeHead(200, { 'Content-Type': type }).end(text)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connectTo: url => void (service = url),
    close: () => closed(server),
  }
}

/** The page and all it imports as one script, as any bundler makes it. */
async function bundle(): Promise<string> {
  const own = fileURLToPath(import.meta.url)
  const { outputFiles } = await build({
    entryPoints: [own.replace(/web-server\.(ts|js)$/, 'page.$1')],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

function closed(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
