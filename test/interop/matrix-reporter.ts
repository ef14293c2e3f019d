import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { codecs, kinds, peers, places, roles, type Cell } from './cells.js'

const nameOf = ({ peer, role, place, codec, kind }: Cell) => [peer, role, place, codec, kind].join('/')
const first = 30
const column = 14

/** Prints the matrix of what headrace does beside which peer, and why what does not apply does not. */
export class MatrixReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = new Map<string, TestCase>()
    for (const test of modules.flatMap(module => [...module.children.allTests()])) {
      const { cell } = test.meta()
      if (cell !== undefined) tests.set(nameOf(cell), test)
    }
    const reasons: string[] = []
    const mark = (cell: Cell): string => {
      const test = tests.get(nameOf(cell))
      const { state } = test?.result() ?? {}
      const { reason } = test?.meta() ?? {}
      if (state === 'failed') return 'FAILED'
      if (state === 'passed' && reason === undefined) return 'ok'
      if (reason === undefined) return '?'
      if (!reasons.includes(reason)) reasons.push(reason)
      return `(${reasons.indexOf(reason) + 1})`
    }
    const ran = new Set(Array.from(tests.values(), test => test.meta().cell?.peer))
    const shown = peers.filter(peer => ran.has(peer))
    if (shown.length === 0) return
    const lines = shown.flatMap(peer =>
      roles.flatMap(role => {
        const rows = places.flatMap(place =>
          codecs.map(codec => [
            `  ${place} ${codec}`.padEnd(first),
            ...kinds.map(kind => mark({ peer, role, place, codec, kind }).padEnd(column)),
          ]),
        )
        return [
          [`\n${`${peer} is the ${role}`.padEnd(first)}`, ...kinds.map(kind => kind.padEnd(column))],
          ...rows,
        ].map(cells => cells.join('').trimEnd())
      }),
    )
    console.log([...lines, '', ...reasons.map((reason, at) => `(${at + 1}) ${reason}`), ''].join('\n'))
  }
}
