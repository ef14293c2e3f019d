import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Answer, AnswerOf, Command } from './commands.js'
import { pinnedTo } from './pinned.js'

/** A worker of bench/worker.ts in a process of its own, on a core of its own where the machine can do that. */
export class Worker {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts one and waits until it is ready. */
  static async start(
    core: number,
    args: readonly string[],
    nodeArgs: readonly string[] = [],
  ): Promise<{ readonly worker: Worker; readonly ready: AnswerOf<'ready'> }> {
    const program = fileURLToPath(new URL('../worker.js', import.meta.url))
    const [command, ...words] = [...pinnedTo(core), process.execPath, ...nodeArgs, program, ...args]
    const child = spawn(command ?? '', words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const worker = new Worker(child)
    return { worker, ready: await worker.answer('ready') }
  }

  /** Tells it to do something and waits for the answer. */
  async ask<K extends Answer['kind']>(command: Command, kind: K): Promise<AnswerOf<K>> {
    const answer = this.answer(kind)
    this.child.send(command)
    return answer
  }

  /** Tells it to end and waits until it is gone. */
  async end(): Promise<void> {
    const gone = once(this.child, 'exit')
    const end: Command = { kind: 'end' }
    this.child.send(end)
    await gone
  }

  private answer<K extends Answer['kind']>(kind: K): Promise<AnswerOf<K>> {
    const { child } = this
    return new Promise((resolve, reject) => {
      const done = () => child.off('message', heard).off('exit', left)
      const heard = (answer: Answer) => {
        done()
        if (answer.kind === kind) resolve(answer as AnswerOf<K>)
        else reject(new Error(answer.kind === 'failed' ? answer.reason : `a worker said ${answer.kind}`))
      }
      const left = (code: number | null) => {
        done()
        reject(new Error(`a worker ended with exit code ${code}`))
      }
      child.on('message', heard).on('exit', left)
    })
  }
}
