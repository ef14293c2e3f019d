import { networkInterfaces } from 'node:os'
import { createInterface } from 'node:readline'
import type { Shell, Writer } from './shell.js'

/** The shell of this process. */
export function processShell(): Shell {
  return {
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    lines: { [Symbol.asyncIterator]: () => linesOf(process.stdin) },
    stdout: writerTo(process.stdout),
    stderr: writerTo(process.stderr),
    networkInterfaces,
    createService: async options => (await import('../service.js')).createService(options),
    onStopSignal,
  }
}

function linesOf(input: NodeJS.ReadableStream): AsyncIterator<string> {
  return createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]()
}

function writerTo(stream: NodeJS.WriteStream): Writer {
  // A failed write is told to whoever wrote; without a listener it would end the process as well.
  stream.on('error', () => undefined)
  return {
    isTerminal: stream.isTTY,
    get columns() {
      return stream.columns ?? 80
    },
    write: text =>
      new Promise((resolve, reject) => {
        stream.write(text, error => (error instanceof Error ? reject(error) : resolve()))
      }),
  }
}

function onStopSignal(listener: () => void): () => void {
  const off = () => {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
  const stop = () => {
    off() // whoever does not want to wait for an orderly end asks twice
    listener()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return off
}
