import { ServiceError, type OptionRule } from '../streams/index.js'

/** What a request says about the web page that it comes from. Peers that are no browsers say neither. */
export interface PageHeaders {
  readonly origin: string | undefined
  /** `Sec-Fetch-Site`. */
  readonly fetchSite: string | undefined
}

/** Whether a request comes from a web page that is not on the list. An origin on the list may be of another site. */
export function isForeignPage({ origin, fetchSite }: PageHeaders, allowed: readonly string[]): boolean {
  return origin === undefined ? fetchSite === 'cross-site' : !allowed.includes(origin)
}

/** What a foreign page is told. */
export function foreignPage({ origin }: PageHeaders): ServiceError {
  const what = origin === undefined ? 'another site' : `origin ${origin}`
  return new ServiceError('forbidden', `Requests of web pages are not accepted here (${what})`)
}

/** An option that lists origins as browsers write them: `https://shop.example`. */
export function originList(): OptionRule<readonly string[]> {
  return { fallback: [], check: value => (isOriginList(value) ? undefined : expected) }
}

const expected = 'a list of origins such as https://shop.example or http://localhost:8080'

function isOriginList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isOrigin)
}

/** No wildcard and no `null`: who wants every page writes a proxy that says so. */
function isOrigin(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value
}
