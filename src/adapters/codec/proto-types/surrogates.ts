import { FieldFault } from './field-fault.js'

/** Throws for a text with half of a surrogate pair, which has no bytes in UTF-8. */
export function checkSurrogates(text: string): void {
  if (!isWellFormed(text)) throw new FieldFault('the string has half of a surrogate pair')
}

/** The platform's own answer costs half of the other; browsers of before 2023 have none. */
function isWellFormed(text: string & { isWellFormed?(): boolean }): boolean {
  return text.isWellFormed?.() ?? !/\p{Surrogate}/u.test(text)
}
