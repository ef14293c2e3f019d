/** One promise of an interface, with the program that proves it on any implementation. */
export interface Law<Subject> {
  /** The promise as a sentence. */
  readonly name: string
  /** The feature that the implementation must declare for the law to apply. */
  readonly needs?: string
  /** Rejects when the promise is broken. Every wait in it has a limit of its own. */
  prove(subject: Subject): Promise<void>
}

/** What a suite asks of a test runner: vitest, node:test, mocha and jest all have it. */
export interface TestRunner {
  describe(name: string, body: () => void): void
  it(name: string, body: () => Promise<void>): void
}

/** What an adapter's test gives to a suite. */
export interface Subjects<Subject> {
  /** The features the adapter has. A law that needs another is left out, and says so. */
  readonly features: Readonly<Record<string, boolean>>
  /** Makes a fresh subject for one law. */
  setup(): Promise<Subject> | Subject
  /** Ends everything of it. */
  teardown(subject: Subject): Promise<void>
}

/** Declares a test for each law. A law that does not apply is a test that prints why. */
export function proveLaws<Subject>(
  runner: TestRunner,
  title: string,
  laws: readonly Law<Subject>[],
  subjects: Subjects<Subject>,
): void {
  runner.describe(title, () => {
    for (const law of laws) {
      const { needs } = law
      if (needs !== undefined && subjects.features[needs] !== true) {
        runner.it(`${law.name} (left out: no ${needs})`, async () =>
          console.log(`${title}: '${law.name}' left out: no ${needs}`),
        )
      } else {
        runner.it(law.name, () => prove(law, subjects))
      }
    }
  })
}

/** The names of the laws that a subject breaks, with the reasons: how the suites themselves are tested. */
export async function brokenLaws<Subject>(
  laws: readonly Law<Subject>[],
  subjects: Subjects<Subject>,
): Promise<Map<string, unknown>> {
  const broken = new Map<string, unknown>()
  for (const law of laws) {
    if (law.needs !== undefined && subjects.features[law.needs] !== true) continue
    await prove(law, subjects).catch((reason: unknown) => broken.set(law.name, reason))
  }
  return broken
}

async function prove<Subject>(law: Law<Subject>, subjects: Subjects<Subject>): Promise<void> {
  const subject = await subjects.setup()
  try {
    await law.prove(subject)
  } finally {
    await subjects.teardown(subject)
  }
}

/** Rejects with a sentence when `promise` takes longer than `ms` of real time. */
export async function within<T>(ms: number, what: string, promise: PromiseLike<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing after ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}
