/** The payload of an event whose publisher chooses the keys; none is required. */
export interface FreePayload {
  /** Anything that JSON can hold. */
  readonly [key: string]: unknown;
}
