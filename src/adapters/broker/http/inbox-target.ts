/** What a request target asks for. */
export interface InboxTarget {
  readonly path: string
  /** The subscription; empty when none is named. */
  readonly id: string
}

/** How many targets are remembered; publishers repeat theirs. */
const remembered = 1_024

/** Reads request targets, and remembers the last ones. */
export class InboxTargets {
  private readonly known = new Map<string, InboxTarget>()

  read(url = '/'): InboxTarget {
    const known = this.known.get(url)
    if (known !== undefined) return known
    const read = parse(url)
    if (this.known.size >= remembered) this.known.clear()
    this.known.set(url, read)
    return read
  }
}

function parse(url: string): InboxTarget {
  try {
    const { pathname, searchParams } = new URL(url, 'http://inbox')
    return { path: pathname, id: searchParams.get('id') ?? '' }
  } catch {
    return { path: '/', id: '' } // no path that anything is at
  }
}
