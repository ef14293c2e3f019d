/** Prints the sum of the test reports in build/reports as one line: the last word of a CI run. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number }} Report */

const folder = join('build', 'reports')
const reports = (existsSync(folder) ? readdirSync(folder) : []).map(
  file => /** @type {Report} */ (JSON.parse(readFileSync(join(folder, file), 'utf8'))),
)
const sum = (/** @type {keyof Report} */ key) => reports.reduce((total, report) => total + report[key], 0)
console.log(
  `${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed, ${sum('numPendingTests')} skipped in ${reports.length} runs`,
)
