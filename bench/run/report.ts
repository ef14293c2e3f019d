import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os'
import type { Measurement, Metric } from '../measurement.js'
import { peers, reference } from '../peers.js'
import { requirements } from '../requirements.js'
import type { Plan } from './measure.js'
import { pinnedTo } from './pinned.js'
import type { Samples } from './samples.js'
import { table } from './table.js'
import { versions } from './versions.js'

/** The whole report as Markdown. */
export async function report(plan: Plan, samples: Samples, command: string): Promise<string> {
  const parts = [
    '# What it costs',
    `Written by \`${command}\`: ${conditions(plan)}. Figures drift from hour to hour and from machine to machine: only those of one run can be compared, ` +
      `so each is followed by how many times the figure of \`${reference}\` it is. A dash: the peer has no such thing.`,
    machine(),
    '## Requirements',
    requirementTable(samples),
    ...plan.scenarios.flatMap(scenario => section(scenario, 'peer', plan.peers, samples)),
    ...plan.own.flatMap(each => section(each, each.rowTitle, samples.rowsOf(each.name), samples)),
    '## Peers',
    (await Promise.all(plan.peers.map(about))).join('\n'),
  ]
  return `${parts.join('\n\n')}\n`
}

async function about(name: string): Promise<string> {
  const peer = await peers[name]?.()
  return `- \`${name}\`: ${peer?.about ?? 'unknown'}`
}

function conditions({ rounds, effort }: Plan): string {
  const pinned = pinnedTo(0).length > 0 ? 'each pinned to a core' : 'not pinned to cores'
  const kind = effort === 'quick' ? ' (quick: they only show that everything runs)' : ''
  return `medians of ${rounds} interleaved rounds${kind}, client and server in separate processes, ${pinned}, everything on the loopback interface`
}

function machine(): string {
  const [cpu] = cpus()
  const model = cpu?.model.trim() ?? 'unknown processor'
  const memory = Math.round(totalmem() / 2 ** 30)
  const [, , load = 0] = loadavg()
  return [
    `- Machine: ${cpus().length} cores of ${model}, ${memory} GiB, ${platform()} ${release()} ${arch()}`,
    `- Load average over the last 15 minutes: ${number(load, 1)}. Beyond 2, other work disturbed the clock: processor time per call says more then.`,
    `- Versions: ${versions()}`,
  ].join('\n')
}

function requirementTable(samples: Samples): string {
  const columns = [
    { title: 'requirement', right: false },
    { title: 'measured', right: true },
    { title: 'met', right: false },
  ]
  const rows = requirements.map(requirement => {
    const measured = requirement.measured(samples)
    if (measured === undefined) return [requirement.says, '–', 'not measured']
    const shown = `${number(measured, requirement.digits)}${requirement.unit}`
    return [requirement.says, shown, requirement.met(measured) ? 'yes' : 'NO']
  })
  return table(columns, rows)
}

function section(
  { name, title, metrics }: Measurement,
  rowTitle: string,
  rows: readonly string[],
  samples: Samples,
): readonly string[] {
  const columns = [
    { title: rowTitle, right: false },
    ...metrics.flatMap(metric => headOf(metric).map(head => ({ title: head, right: true }))),
  ]
  const cells = rows.map(row => [row, ...metrics.flatMap(metric => cellsOf(name, row, metric, samples))])
  return [`## ${name}`, `${title}.`, table(columns, cells)]
}

function headOf({ title, ratio = false }: Metric): readonly string[] {
  return ratio ? [title, '×'] : [title]
}

function cellsOf(
  measurement: string,
  row: string,
  { key, digits = 0, ratio = false }: Metric,
  samples: Samples,
): readonly string[] {
  const value = samples.median(measurement, row, key)
  const one = samples.median(measurement, reference, key)
  const shown = value === undefined ? '–' : number(value, digits)
  if (!ratio) return [shown]
  return [shown, value === undefined || one === undefined ? '–' : number(value / one, 2)]
}

function number(value: number, digits: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
