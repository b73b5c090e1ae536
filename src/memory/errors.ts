/**
 * What kind of thing failed:
 *
 * - `checkpoint_error`: the store did.
 * - `checkpoint_not_found`: the store has lost a checkpoint that it should have.
 * - `checkpoint_serialization`: a snapshot cannot be written as JSON, or what is stored is not one.
 */
export type CheckpointErrorKind =
  | "checkpoint_error"
  | "checkpoint_not_found"
  | "checkpoint_serialization";

/** A checkpoint could not be saved, loaded or deleted. */
export class CheckpointError extends Error {
  /** The name of the class. */
  override readonly name = "CheckpointError";
  /** What failed, for a `switch`. */
  readonly kind: CheckpointErrorKind;

  /** Makes the error; `cause` is what the store threw, if it threw something. */
  constructor(kind: CheckpointErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}
