import { defineCommand, type CommandContext } from '../command.js'
import { checkEnvironment } from '../doctor/environment.js'
import type { Finding } from '../doctor/finding.js'
import { checkInterfaces } from '../doctor/interfaces.js'
import { checkWithProbe } from '../doctor/probe.js'
import { checkService, checkServices } from '../doctor/services.js'
import { exitCodes } from '../exit-codes.js'
import { printable, type Output } from '../output.js'

/** `headrace doctor` */
export const doctor = defineCommand({
  name: 'doctor',
  usage: '[NAME]',
  words: { least: 0, most: 1 },
  description:
    'Finds out why nothing is found. It looks at the settings and the network interfaces, starts a service of its own for a moment, lets\n' +
    'another find it through the registry and calls it; lists what else is registered; and with NAME asks each node of that service. It says\n' +
    'what to do about each problem. Give it the flags that the services have. The exit code is 1 when there is a problem. With --json: a\n' +
    'line for each finding, { check, status, text, advice }, where status is ok, warning or problem.',
  examples: ['doctor', 'doctor greeter', 'doctor --registry=consul --registry_address=10.0.0.5:8500'],
  flags: {},
  remote: true,
  async run(context) {
    const { flags, out } = context
    let problems = 0
    for await (const finding of findings(context)) {
      if (finding.status === 'problem') problems += 1
      await (flags.json === true ? out.json(finding) : show(out, finding))
    }
    if (flags.json !== true)
      await out.line(problems === 0 ? '\nno problem was found' : `\nproblems: ${problems}`)
    return problems === 0 ? exitCodes.done : exitCodes.failed
  },
})

async function* findings(context: CommandContext<Record<never, never>>): AsyncGenerator<Finding> {
  const { shell, flags, words } = context
  yield* checkEnvironment(shell.env, flags)
  if ((flags.registry ?? 'mdns') === 'mdns') {
    yield* checkInterfaces(shell.networkInterfaces(), flags.registry_address?.[0])
  }
  let works = true
  for await (const finding of checkWithProbe(context)) {
    works = works && finding.status !== 'problem'
    yield finding
  }
  // What a registry does not show cannot be asked about.
  if (!works) return
  yield await checkServices(context)
  if (words[0] !== undefined) yield* checkService(context, words[0])
}

async function show(out: Output, { check, status, text, advice }: Finding): Promise<void> {
  const { good, warning, bad, dim } = out.style
  const mark = { ok: good('ok     '), warning: warning('warning'), problem: bad('problem') }[status]
  await out.line(`${mark}  ${printable(`${check}: ${text}`)}`)
  if (advice !== undefined) await out.line(`         ${dim(printable(`→ ${advice}`))}`)
}
