/** Why a request of A2A is refused, in each of the forms that the bindings have for it. */

/** What went wrong, in the words of the protocol. */
export type A2AReason =
  | "TASK_NOT_FOUND"
  | "TASK_NOT_CANCELABLE"
  | "PUSH_NOTIFICATION_NOT_SUPPORTED"
  | "UNSUPPORTED_OPERATION"
  | "CONTENT_TYPE_NOT_SUPPORTED"
  | "INVALID_AGENT_RESPONSE"
  | "EXTENDED_AGENT_CARD_NOT_CONFIGURED"
  | "EXTENSION_SUPPORT_REQUIRED"
  | "VERSION_NOT_SUPPORTED"
  | "INVALID_PARAMS"
  | "INVALID_REQUEST"
  | "PARSE_ERROR"
  | "METHOD_NOT_FOUND"
  | "INTERNAL";

/** The code of JSON-RPC, and the two of HTTP. */
type ErrorRow = readonly [code: number, http: 400 | 404 | 500, status: string, message: string];

const STATE = "FAILED_PRECONDITION";
const ARGUMENT = "INVALID_ARGUMENT";
const NO_PUSH = "Push notifications are not supported; streams can be resumed";

const ERRORS: Record<A2AReason, ErrorRow> = {
  TASK_NOT_FOUND: [-32001, 404, "NOT_FOUND", "Task not found"],
  TASK_NOT_CANCELABLE: [-32002, 400, STATE, "The task cannot be canceled"],
  PUSH_NOTIFICATION_NOT_SUPPORTED: [-32003, 400, STATE, NO_PUSH],
  UNSUPPORTED_OPERATION: [-32004, 400, STATE, "The operation is not supported"],
  CONTENT_TYPE_NOT_SUPPORTED: [-32005, 400, ARGUMENT, "Content type not supported"],
  INVALID_AGENT_RESPONSE: [-32006, 500, "INTERNAL", "The agent's answer is not valid"],
  EXTENDED_AGENT_CARD_NOT_CONFIGURED: [-32007, 400, STATE, "No extended card"],
  EXTENSION_SUPPORT_REQUIRED: [-32008, 400, STATE, "An extension is required"],
  VERSION_NOT_SUPPORTED: [-32009, 400, STATE, "A2A version not supported"],
  INVALID_PARAMS: [-32602, 400, ARGUMENT, "Invalid parameters"],
  INVALID_REQUEST: [-32600, 400, ARGUMENT, "Not a valid JSON-RPC request"],
  PARSE_ERROR: [-32700, 400, ARGUMENT, "The body must be JSON"],
  METHOD_NOT_FOUND: [-32601, 404, "NOT_FOUND", "Method not found"],
  INTERNAL: [-32603, 500, "INTERNAL", "Internal error"],
};

/** A request of A2A was refused: thrown by the client with what the server answered. */
export class A2AError extends Error {
  /** The name of the class. */
  override readonly name = "A2AError";
  /** What went wrong; null if the server gave a code that is not of the protocol. */
  readonly reason: A2AReason | null;
  /** The code of JSON-RPC, such as -32001. */
  readonly code: number;
  /** The parameter that is wrong; null if it is not one. */
  readonly field: string | null;

  /** Made by the server and by the client. */
  constructor(
    reason: A2AReason | null,
    message?: string,
    { field = null, code }: { field?: string | null; code?: number } = {},
  ) {
    super(message ?? (reason === null ? "Unknown error" : ERRORS[reason][3]));
    this.reason = reason;
    this.code = code ?? ERRORS[reason ?? "INTERNAL"][0];
    this.field = field;
  }
}

/** For a parameter that is not what it must be. */
export function invalid(field: string, must: string): A2AError {
  return new A2AError("INVALID_PARAMS", `${field} ${must}`, { field });
}

/** The reason that a code of JSON-RPC stands for; null if the protocol has none. */
export function reasonOf(code: unknown): A2AReason | null {
  const names = Object.keys(ERRORS) as A2AReason[];
  return names.find((name) => ERRORS[name][0] === code) ?? null;
}

/** Whether `value` names a reason. */
export function isReason(value: unknown): value is A2AReason {
  return typeof value === "string" && Object.hasOwn(ERRORS, value);
}

/** An error in the answer of JSON-RPC. */
export function rpcError(error: A2AError): object {
  const data = detailsOf(error);
  return { code: error.code, message: error.message, ...(data.length > 0 && { data }) };
}

/** The status and the body of an answer over HTTP+JSON, of 1.0 or of 0.3. */
export function httpError(
  error: A2AError,
  isOld: boolean,
): { status: 400 | 404 | 500; body: object } {
  const [, code, status] = ERRORS[error.reason ?? "INTERNAL"];
  const { message } = error;
  if (isOld) return { status: code, body: { code: error.code, message } };
  return { status: code, body: { error: { code, status, message, details: detailsOf(error) } } };
}

function detailsOf({ reason, code, field, message: description }: A2AError): object[] {
  // The errors of A2A itself say which they are; those of JSON-RPC have a code.
  if (code <= -32001 && code >= -32099) {
    const domain = "a2a-protocol.org";
    return [{ "@type": `${TYPES}ErrorInfo`, reason, domain, metadata: {} }];
  }
  if (field === null) return [];
  return [{ "@type": `${TYPES}BadRequest`, fieldViolations: [{ field, description }] }];
}

const TYPES = "type.googleapis.com/google.rpc.";
