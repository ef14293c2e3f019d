import { streamLaws } from './exchange/stream-laws.js'
import type { ExchangeSubject } from './exchange/subject.js'
import { unaryLaws } from './exchange/unary-laws.js'
import { proveLaws, type Law, type Subjects, type TestRunner } from './law.js'

export type { ExchangeSubject, Item, TestDefinition } from './exchange/subject.js'

/** What a client and a server do together, over every transport and codec. */
export const exchangeLaws: readonly Law<ExchangeSubject>[] = [...unaryLaws, ...streamLaws]

/** Declares a test for each law of client with server. */
export function proveExchange(runner: TestRunner, title: string, subjects: Subjects<ExchangeSubject>): void {
  proveLaws(runner, title, exchangeLaws, subjects)
}
