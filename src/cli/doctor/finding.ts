/** What the doctor has found out about one thing. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string
  /** `problem`: services cannot work this way. `warning`: it explains why something may not be found. */
  readonly status: 'ok' | 'warning' | 'problem'
  readonly text: string
  /** What to do about it. */
  readonly advice?: string
}
