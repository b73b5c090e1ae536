/** JetStream's own interface: requests and answers in JSON. */
import { PermanentError } from "../remote/permanent_error.ts";
import { type Link, NobodyThereError } from "./link.ts";

export class JetStreamError extends Error {
  override name = "JetStreamError";
  /** JetStream's number for what went wrong. */
  readonly code: number;
  /** What kind of failure that is, as in HTTP. */
  readonly status: number;

  constructor(code: number, status: number, description: string) {
    super(`NATS: JetStream: ${description.slice(0, 300)}`);
    this.code = code;
    this.status = status;
  }
}

/** What went wrong, in JetStream's numbers. */
export const CODES = {
  noMessage: 10037,
  tooLarge: 10054,
  nameInUse: 10058,
  noStream: 10059,
  subjectsOverlap: 10065,
  // The second is said by clusters of newer servers.
  wrongLastSequence: [10071, 10164],
  // For the account, and at all.
  notEnabled: [10039, 10076],
} as const;

/** An answer; nothing of it is to be trusted. */
export type Answer = Readonly<Record<string, unknown>>;

/** What takes questions. */
export type Asking = Pick<Link, "request" | "hasJetStream">;

/**
 * Asks JetStream for something.
 *
 * @throws {JetStreamError} If it is refused.
 * @throws {PermanentError} If there is no JetStream, and never was.
 */
export async function ask(link: Asking, what: string, request: object | null): Promise<Answer> {
  const payload = request === null ? "" : JSON.stringify(request);
  try {
    const { data } = await link.request(`$JS.API.${what}`, payload);
    link.hasJetStream = true;
    return readAnswer(data);
  } catch (error) {
    // One that was there may come back: its servers are away, or choose who leads.
    const isMissing = error instanceof NobodyThereError && !link.hasJetStream;
    const { notEnabled }: { notEnabled: readonly number[] } = CODES;
    const isOff = error instanceof JetStreamError && notEnabled.includes(error.code);
    if (!isMissing && !isOff) throw error;
    const why =
      "NATS: there is no JetStream; start nats-server with -js, or enable it for the account";
    throw new PermanentError(why, { cause: error });
  }
}

/**
 * Reads what JetStream answered.
 *
 * @throws {JetStreamError} If that is a refusal.
 */
export function readAnswer(data: Uint8Array): Answer {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(data));
  } catch {
    // Told below.
  }
  const answer = record(value);
  if (answer === null) throw new Error("NATS: JetStream answered something that is no JSON object");
  const error = record(answer["error"]);
  if (error === null) return answer;
  const { err_code: code, code: status, description } = error;
  throw new JetStreamError(numberOf(code), numberOf(status), String(description));
}

export function record(value: unknown): Answer | null {
  return typeof value === "object" && value !== null ? value as Answer : null;
}

/** A whole number inside an answer; 0 if there is none. */
export function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
