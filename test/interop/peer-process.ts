import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { value, type Value } from './echo.js'

/** What a peer is told to do; test/interop/go/peer/commands.go says what each does. */
export interface Command {
  readonly do: 'call' | 'talk' | 'receive' | 'listen' | 'health' | 'stats' | 'publish' | 'nodes'
  readonly service?: string
  readonly address?: string
  readonly endpoint?: string
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  /** How often the same call is made, one after the other. */
  readonly times?: number
  readonly topic?: string
  readonly requests?: readonly Value[]
}

/** What became of it. A peer that fails after some values tells both. */
export interface Answer {
  readonly values: readonly Value[]
  readonly nodes: readonly { readonly id: string; readonly address: string; readonly version: string }[]
  readonly stats?: Readonly<Record<string, number>>
  readonly health?: string
  readonly error?: string
  /** Sending was blocked by receiving. */
  readonly blocked: boolean
}

/** A message that a subscription got. */
export interface Heard {
  readonly topic: string
  readonly value: Value
}

/** A program of another library as a process: it serves Echo, subscribes, and does what it is told. */
export interface Peer {
  readonly pid: number
  /** `host:port` of its server. */
  readonly address: string
  readonly heard: readonly Heard[]
  tell(command: Command): Promise<Answer>
  /** Ends it, by default in order, and resolves when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

interface Line extends Partial<Omit<Answer, 'values'>> {
  readonly id?: number
  readonly event?: 'serving' | 'message'
  readonly address?: string
  readonly topic?: string
  readonly value?: JsonValue
  readonly values?: readonly JsonValue[] | null
}

/** A value in a line: bytes are base64, zero values may be left out. */
interface JsonValue {
  readonly text?: string
  readonly number?: string
  readonly data?: string
  readonly words?: string[] | null
  readonly flag?: boolean
  readonly ratio?: number
}

/** Starts a peer and waits until it serves. When it ends by itself, what waits for it fails with its log. */
export async function startPeer(program: readonly string[], args: readonly string[]): Promise<Peer> {
  const [path = '', ...first] = program
  const child = spawn(path, [...first, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const gone = once(child, 'close')
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-20_000)))
  const heard: Heard[] = []
  const waiting = new Map<number, (line: Line) => void>()
  const serving = once(child.stdout, 'serving')
  createInterface({ input: child.stdout }).on('line', text => {
    const line = JSON.parse(numbersAsText(text)) as Line
    if (line.event === 'serving') child.stdout.emit('serving', line.address)
    else if (line.event === 'message') heard.push({ topic: line.topic ?? '', value: fromLine(line.value) })
    else waiting.get(line.id ?? 0)?.(line)
  })
  const early = gone.then(() => Promise.reject(new Error(`${path} has ended:\n${log}`)))
  early.catch(() => undefined) // told to who waits
  const [address] = (await Promise.race([serving, early])) as [string]
  let last = 0
  return {
    pid: child.pid ?? 0,
    address,
    heard,
    tell: async command => {
      const id = (last += 1)
      const answered = new Promise<Line>(resolve => waiting.set(id, resolve))
      const line = JSON.stringify({ id, ...command, requests: command.requests?.map(toLine) })
      child.stdin.write(`${numbersAsDigits(line)}\n`)
      try {
        return answerOf(await Promise.race([answered, early]))
      } finally {
        waiting.delete(id)
      }
    },
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal)
      await gone
    },
  }
}

// Integers of 64 bits are digits in the lines, as Go has them, and would lose their last ones in JSON.parse.
const numbersAsText = (line: string) => line.replace(/"number":(-?\d+)/g, '"number":"$1"')
const numbersAsDigits = (line: string) => line.replace(/"number":"(-?\d+)"/g, '"number":$1')

function toLine({ text, number, data, words, flag, ratio }: Value): JsonValue {
  return { text, number: String(number), data: Buffer.from(data).toString('base64'), words, flag, ratio }
}

function fromLine({ number = '0', data = '', words, ...others }: JsonValue = {}): Value {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'))
  return value({ ...others, number: BigInt(number), data: bytes, words: words ?? [] })
}

function answerOf({ values, nodes, stats, health, error, blocked = false }: Line): Answer {
  return {
    values: (values ?? []).map(fromLine),
    nodes: nodes ?? [],
    blocked,
    ...(stats === undefined ? {} : { stats }),
    ...(health === undefined ? {} : { health }),
    ...(error === undefined ? {} : { error }),
  }
}
