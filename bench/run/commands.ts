import type { Numbers } from '../measurement.js'

/** What a worker can be told to do. */
export type Command =
  | { readonly kind: 'run'; readonly scenario: string; readonly size: number }
  | { readonly kind: 'usage' }
  | { readonly kind: 'end' }

/** What a worker says: `ready` once, then one answer for each command but the last. */
export type Answer =
  | { readonly kind: 'ready'; readonly address: string }
  | {
      readonly kind: 'ran'
      readonly numbers: Numbers | undefined
      readonly cpuMicros: number
      /** By how much the client's resident memory grew. */
      readonly grownBytes: number
    }
  | { readonly kind: 'usage'; readonly cpuMicros: number; readonly residentBytes: number }
  | { readonly kind: 'failed'; readonly reason: string }

/** The answer of one kind. */
export type AnswerOf<K extends Answer['kind']> = Extract<Answer, { kind: K }>
