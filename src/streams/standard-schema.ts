/**
 * A validator as standardschema.dev (version 1) describes it: zod, valibot, arktype and others are such. `Input` is what it takes, `Output` what it gives,
 * which differ where it transforms or has defaults.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': StandardProperties<Input, Output>
}

/** What a Standard Schema says of itself. */
export interface StandardProperties<Input, Output> {
  readonly version: 1
  readonly vendor: string
  readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
  /** Types alone; never there at run time. */
  readonly types?: { readonly input: Input; readonly output: Output } | undefined
  /** Where the vendor can say what the schema takes and gives, as JSON Schema. */
  readonly jsonSchema?: StandardJsonSchema
}

/** How a Standard Schema shows itself as JSON Schema. Throws for what JSON Schema cannot say. */
export interface StandardJsonSchema {
  readonly input: (options: { readonly target: string }) => Record<string, unknown>
  readonly output: (options: { readonly target: string }) => Record<string, unknown>
}

/** What a validation found. */
export type StandardResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly StandardIssue[] }

/** One thing that is wrong with a value. */
export interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}
