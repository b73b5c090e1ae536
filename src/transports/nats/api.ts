/** JetStream's own interface: requests and answers in JSON. */
import type { Link } from "./link.ts";

/** JetStream refused a request. */
export class JetStreamError extends Error {
  override name = "JetStreamError";
  /** JetStream's number for what went wrong. */
  readonly code: number;

  constructor(code: number, description: string) {
    super(`NATS: JetStream: ${description.slice(0, 300)}`);
    this.code = code;
  }
}

/** What went wrong, in JetStream's numbers. */
export const CODES = {
  noMessage: 10037,
  nameInUse: 10058,
  noStream: 10059,
  // The second is said by clusters of newer servers.
  wrongLastSequence: [10071, 10164],
} as const;

/** An answer; nothing of it is to be trusted. */
export type Answer = Readonly<Record<string, unknown>>;

/**
 * Asks JetStream for something.
 *
 * @throws {JetStreamError} If it is refused.
 */
export async function ask(link: Link, what: string, request: object | null): Promise<Answer> {
  const payload = request === null ? "" : JSON.stringify(request);
  const { data } = await link.request(`$JS.API.${what}`, payload);
  return readAnswer(data);
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
  const { err_code: code, description } = error;
  throw new JetStreamError(typeof code === "number" ? code : 0, String(description));
}

/** The objects inside an answer; null if there is none. */
export function record(value: unknown): Answer | null {
  return typeof value === "object" && value !== null ? value as Answer : null;
}

/** A whole number inside an answer; 0 if there is none. */
export function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
