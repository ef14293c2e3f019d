import type { ExposedServices } from '../actors/pages/page-table.js'
import { originList } from '../adapters/origins.js'
import { given, resolveOptions, type OptionRule } from '../streams/options.js'

/** What web pages may do that connect to a service (docs/browser.md). Everything is closed that is not listed. */
export interface BrowserOptions {
  /** Their origins, as `https://shop.example`, for the transport that the service makes itself; one that is given has an option of its own. The flag `--allowed_origins` goes before it. @default none */
  readonly allowedOrigins?: readonly string[]
  /**
   * The endpoints that they may call, by service, this one or others, which are then called for them: `{ shop: ['Orders.Place'], catalog: '*' }`. With `*` all of the service but
   * those of `Debug`. @default none
   */
  readonly services?: ExposedServices
  /** The topics that they may subscribe to. @default none */
  readonly topics?: readonly string[]
  /** The topics that they may publish to. @default none */
  readonly publish?: readonly string[]
  /** The services whose nodes they may list, addresses and metadata included. @default none */
  readonly discover?: readonly string[]
}

/** The options with every default filled in. Throws `bad_request` that names the field. */
export function resolveBrowserOptions(options: BrowserOptions): Required<BrowserOptions> {
  return resolveOptions<Required<BrowserOptions>>("option 'browser'", options, {
    allowedOrigins: originList(),
    services: { ...given<ExposedServices>({}), check: isExposed },
    topics: names(),
    publish: names(),
    discover: names(),
  })
}

function names(): OptionRule<readonly string[]> {
  return { fallback: [], check: value => (isNames(value) ? undefined : 'a list of names') }
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every(name => typeof name === 'string' && name !== '')
}

function isExposed(value: unknown): string | undefined {
  const fits =
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every(allowed => allowed === '*' || isNames(allowed))
  return fits ? undefined : "for each service '*' or a list of endpoints"
}
