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

/**
 * What kind of thing failed:
 *
 * - `store_error`: the storage did.
 * - `store_unreadable`: what is stored is not ours.
 * - `item_too_large`: an item alone is more than may be kept.
 */
export type MemoryStoreErrorKind = "store_error" | "store_unreadable" | "item_too_large";

/** Something could not be remembered, recalled or forgotten. */
export class MemoryStoreError extends Error {
  /** The name of the class. */
  override readonly name = "MemoryStoreError";
  /** What failed, for a `switch`. */
  readonly kind: MemoryStoreErrorKind;

  /** Makes the error; `cause` is what the storage threw, if it threw something. */
  constructor(kind: MemoryStoreErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}
