/** What a look at a JSON text without parsing it tells. */
export interface Survey {
  /** How deep its lists and objects nest. */
  readonly depth: number
  /** It has an integer of 16 digits or more, so one that a number may not hold exactly. */
  readonly longInteger: boolean
}

const quote = 0x22
const backslash = 0x5c

/** Looks through a text that should be JSON. What it says of a text that is not JSON means nothing. */
export function surveyJson(text: string): Survey {
  let depth = 0
  let deepest = 0
  let longInteger = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      at = endOfString(text, at)
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1
      if (depth > deepest) deepest = depth
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1
    } else if (isDigit(code)) {
      const end = endOfDigits(text, at)
      if (end - at >= 16 && !isDecimal(text, at, end)) longInteger = true
      at = end - 1
    }
  }
  return { depth: deepest, longInteger }
}

/** The index of the quote that ends the string that starts at `start`; the text's length when there is none. */
export function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end === -1 ? text.length : end
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes += 1
  return backslashes % 2 === 1
}

function endOfDigits(text: string, start: number): number {
  let end = start + 1
  while (isDigit(text.charCodeAt(end))) end += 1
  return end
}

/** The digits belong to a number with a fraction or an exponent. */
function isDecimal(text: string, start: number, end: number): boolean {
  const before = text[start - 1]
  const after = text[end]
  return before === '.' || after === '.' || after === 'e' || after === 'E'
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}
