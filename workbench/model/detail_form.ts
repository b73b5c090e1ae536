/**
 * What the detail can show in another form than text.
 *
 * @module
 */

/** A message of a prompt, as text. */
export interface DetailMessage {
  readonly role: string;
  readonly text: string;
  /** Whether the call before did not have it. */
  readonly isNew: boolean;
}

/** One of the forms. */
export type DetailForm =
  | { readonly kind: "messages"; readonly messages: readonly DetailMessage[] }
  | { readonly kind: "json"; readonly value: unknown }
  | {
    readonly kind: "table";
    /** What the columns are; the first is of names, all others of numbers. */
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
    /** How much of the whole each row is, from 0 to 1, where that is to be seen. */
    readonly shares?: readonly number[];
  }
  | {
    readonly kind: "documents";
    readonly documents: readonly {
      readonly id: string;
      readonly score: number | null;
      readonly text: string;
      readonly more: string;
      /** What says that an answer used it; null if nothing does. */
      readonly usedBy: string | null;
    }[];
  }
  | {
    readonly kind: "changes";
    readonly changes: readonly {
      readonly key: string;
      /** As JSON; null if nothing had been written. */
      readonly before: string | null;
      readonly after: string;
    }[];
  }
  | {
    readonly kind: "routes";
    readonly routes: readonly {
      readonly id: string;
      readonly isChosen: boolean;
      readonly why: string;
      readonly score: number | null;
    }[];
  }
  | {
    readonly kind: "todos";
    readonly todos: readonly { readonly text: string; readonly state: string }[];
  };
