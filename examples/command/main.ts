import { ServiceError, createService } from 'headrace'
import { runExample, type Example } from '../run-example.js'

/**
 * A command of a chat bot as go-micro has them: a service named `go.micro.bot.NAME` that says how it is used and runs. Any bot, and `headrace call`, can use it:
 * `headrace call go.micro.bot.sum Command.Exec '{"args": ["sum", "1", "2"]}'`
 */
export async function main({ print, options }: Example): Promise<void> {
  const sum = createService({ name: 'go.micro.bot.sum', ...options() })
  // #region command
  sum.handle({
    Command: {
      Help: () => ({ usage: 'sum NUMBER…', description: 'Adds numbers' }),
      Exec: ({ args }: { args: readonly string[] }) => {
        const numbers = args.slice(1).map(Number)
        if (numbers.some(Number.isNaN)) throw new ServiceError('bad_request', 'usage: sum NUMBER…')
        return { result: String(numbers.reduce((total, each) => total + each, 0)) }
      },
    },
  })
  // #endregion command
  await sum.start()

  const bot = createService({ name: 'bot', ...options() })
  const command = bot.client('go.micro.bot.sum')
  const { usage } = await command.call<{ usage: string }>('Command.Help')
  print(usage)
  for (const line of ['sum 1 2 39', 'sum one']) {
    await command.call<{ result: string }>('Command.Exec', { args: line.split(' ') }).then(
      ({ result }) => print(`${line}: ${result}`),
      (failure: unknown) => print(`${line}: ${ServiceError.from(failure).detail}`),
    )
  }
  for (const service of [bot, sum]) await service.close()
}

await runExample(import.meta.url, main)
