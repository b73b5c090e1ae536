/** JetStream's own interface: requests and answers in JSON. */
import { PermanentError } from "../remote/permanent_error.ts";
import { type Link, NobodyThereError } from "./link.ts";

class JetStreamError extends Error {
  override name = "JetStreamError";
  /** JetStream's number for what went wrong. */
  readonly code: number;

  constructor(code: number, description: string) {
    super(`NATS: JetStream: ${description.slice(0, 300)}`);
    this.code = code;
  }
}

/** What went wrong, in JetStream's numbers. */
const CODES = {
  noMessage: 10037,
  tooLarge: 10054,
  nameInUse: 10058,
  noStream: 10059,
  subjectsOverlap: 10065,
  // The second is said by clusters of newer servers.
  wrongLastSequence: [10071, 10164],
  // For the account, and at all.
  notEnabled: [10039, 10076],
  // No server makes a stream of such settings: they are not valid, take what is another stream's, ask for more servers
  // than there can be, or for what the account is not given.
  unfit: [10052, 10065, 10074, 10113, 10120, 10122],
} as const;

/** Whether JetStream refused something for one of these reasons. */
export function isRefusal(error: unknown, why: keyof typeof CODES): error is Error {
  const codes: readonly number[] = [CODES[why]].flat();
  return error instanceof JetStreamError && codes.includes(error.code);
}

/** An answer; nothing of it is to be trusted. */
export type Answer = Readonly<Record<string, unknown>>;

/** What takes questions. */
export type Asking = Pick<Link, "request" | "hasJetStream">;

/**
 * Asks JetStream for something.
 *
 * @throws {Error} If it is refused: see {@linkcode isRefusal}.
 * @throws {PermanentError} If there is no JetStream, and never was.
 */
export async function ask(link: Asking, what: string, request: object | null): Promise<Answer> {
  const payload = request === null ? "" : JSON.stringify(request);
  try {
    const { data } = await link.request(`$JS.API.${what}`, payload);
    const answer = readAnswer(data);
    link.hasJetStream = true;
    return answer;
  } catch (error) {
    const isMissing = error instanceof NobodyThereError || isRefusal(error, "notEnabled");
    if (!isMissing && error instanceof JetStreamError) link.hasJetStream = true;
    // One that was there may come back: its servers are away, or choose who leads, or have no room.
    if (!isMissing || link.hasJetStream) throw error;
    const why =
      "NATS: there is no JetStream; start nats-server with -js, or enable it for the account";
    throw new PermanentError(why, { cause: error });
  }
}

/**
 * Reads what JetStream answered.
 *
 * @throws {Error} If that is a refusal: see {@linkcode isRefusal}.
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
  throw new JetStreamError(numberOf(error["err_code"]), String(error["description"]));
}

export function record(value: unknown): Answer | null {
  return typeof value === "object" && value !== null ? value as Answer : null;
}

/** A whole number inside an answer; 0 if there is none. */
export function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
