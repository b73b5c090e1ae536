/** A schema of any library that implements Standard Schema: zod, valibot, ArkType and others. */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** What the library says of the schema; see https://standardschema.dev. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a {@linkcode StandardSchema} makes of a value. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One thing that is wrong with a value. */
export interface StandardIssue {
  /** What is wrong, in words. */
  readonly message: string;
  /** Where: the keys that lead there. @default {the value itself} */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The type that a {@linkcode StandardSchema} validates to. */
export type InferOutput<S> = S extends
  { readonly "~standard": { readonly types?: { readonly output: infer Output } | undefined } }
  ? Output
  : never;

/** Whether `value` is a schema of a library that implements Standard Schema. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  // ArkType's schemas are functions.
  const standard = (Object(value) as Partial<StandardSchema>)["~standard"];
  return typeof standard === "object" && standard !== null &&
    typeof standard.validate === "function";
}

/** Every problem of a value in one line: `<path>: <message>; …`. @param root How the value itself is called. */
export function describeIssues(issues: readonly StandardIssue[], root = "arguments"): string {
  return issues.map(({ path = [], message }) => {
    const keys = path.map((step) => String(typeof step === "object" ? step.key : step));
    return `${keys.join(".") || root}: ${message}`;
  }).join("; ");
}
