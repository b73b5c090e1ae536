import type { Principal } from "../../adapters/agent_server/access.ts";
import { hash } from "../../core/hash.ts";
import { canonicalJson } from "../../core/json.ts";
import { A2AError, invalid } from "../protocol/errors.ts";
import { type Method, METHODS } from "../protocol/methods.ts";
import { readShape } from "../protocol/shapes.ts";
import type { Message, Metadata } from "../protocol/types.ts";
import { type ListRequest, listTasks } from "./list_tasks.ts";
import { answerIn } from "./message_text.ts";
import type { A2AServerConfig } from "./options.ts";
import type { RequestWatch } from "./request_watch.ts";
import type { ServedTask } from "./served_task.ts";
import type { Sent, ServedTasks } from "./served_tasks.ts";
import type { Place } from "./task_log.ts";

/** A request, whichever binding and version it came by. */
export interface Call {
  readonly method: Method;
  readonly params: unknown;
  readonly principal: Principal;
  /** Who asks, as far as the server knows. */
  readonly name: string | null;
  /** Where a stream goes on; null for where the task is now, or if the client did not ask for our extension. */
  readonly lastEventId: string | null;
  /** Whether it is answered in A2A 0.3. */
  readonly isOld: boolean;
  readonly watch: RequestWatch;
}

/** A stream of a task. */
export interface TaskStream {
  readonly task: ServedTask;
  readonly from: Place;
  /** Whether updates are missing before it. */
  readonly hasGap: boolean;
  /** Whether it ends when it is the client's turn. */
  readonly isTurn: boolean;
}

/** What a request is answered with. */
export type Answer = { readonly result: object } | { readonly stream: TaskStream };

/** What the methods take; each its own part of it, by its shape. */
interface Params extends ListRequest {
  readonly id: string;
  readonly message: Message;
  readonly configuration?: {
    readonly historyLength?: number;
    readonly returnImmediately?: boolean;
    readonly taskPushNotificationConfig?: Metadata;
  };
}

/** The operations of the protocol, on the tasks of a server. */
export class Operations {
  readonly #tasks: ServedTasks;
  readonly #config: A2AServerConfig;

  constructor(config: A2AServerConfig, tasks: ServedTasks) {
    this.#config = config;
    this.#tasks = tasks;
  }

  /** @throws {A2AError | Refusal} If there is no answer. */
  async call(asked: Call): Promise<Answer> {
    await this.#tasks.ready;
    const call = { ...asked, principal: scopeOf(asked) };
    const { method, principal } = call;
    const [, , , shape] = METHODS[method];
    if (shape === null) {
      if (method !== "GetExtendedAgentCard") throw new A2AError("PUSH_NOTIFICATION_NOT_SUPPORTED");
      throw new A2AError("UNSUPPORTED_OPERATION", "There is no extended card");
    }
    const params = readShape<Params>(shape, call.params, "");
    if (method === "ListTasks") {
      await Promise.all(this.#tasks.ofPrincipal(principal).map(({ log }) => log.stored()));
      return { result: listTasks(this.#tasks.ofPrincipal(principal), params) };
    }
    if (shape === "Send") {
      const { task, from } = this.#send(call, params);
      if (method === "SendStreamingMessage") {
        await storing(task);
        return { stream: { task, from, hasGap: false, isTurn: true } };
      }
      const { historyLength, returnImmediately } = params.configuration ?? {};
      if (!returnImmediately) await task.settled;
      await storing(task);
      // In 0.3, the failure of an agent is one of the request.
      if (call.isOld && task.log.state === "TASK_STATE_FAILED") throw new A2AError("INTERNAL");
      return { result: { task: task.view({ historyLength }) } };
    }
    const task = this.#tasks.find(principal, params.id);
    if (task === undefined) throw new A2AError("TASK_NOT_FOUND");
    await storing(task);
    if (method === "SubscribeToTask") return { stream: this.#subscribe(call, task) };
    if (method === "GetTask") return { result: task.view(params) };
    if (task.log.isOver) throw new A2AError("TASK_NOT_CANCELABLE");
    await this.#tasks.cancel(task, call.watch);
    await storing(task);
    return { result: task.view() };
  }

  #send({ principal, name, watch }: Call, { message, configuration }: Params): Sent {
    if (configuration?.taskPushNotificationConfig !== undefined) {
      throw new A2AError("PUSH_NOTIFICATION_NOT_SUPPORTED");
    }
    checkMessage(message, this.#config.card.defaultInputModes);
    const key = keyOf(principal, message);
    const earlier = this.#tasks.sentAs(principal, key);
    if (earlier !== undefined) return { task: earlier, from: earlier.log.place };
    if (message.taskId === undefined) return this.#tasks.begin(principal, message, key, watch);
    const task = this.#tasks.find(principal, message.taskId);
    if (task === undefined) throw new A2AError("TASK_NOT_FOUND");
    if (message.contextId !== undefined && message.contextId !== task.contextId) {
      throw invalid("message.contextId", "is not that of the task");
    }
    if (task.log.isOver) throw new A2AError("UNSUPPORTED_OPERATION", "The task is over");
    const { interruptId, value } = answerIn(message);
    if (interruptId !== null && interruptId !== task.question?.interrupt_id) {
      throw invalid("message.parts", "answers a question that is not open");
    }
    return this.#tasks.answer(task, message, key, { value, by: name }, watch);
  }

  #subscribe({ lastEventId, isOld, watch }: Call, task: ServedTask): TaskStream {
    const { log } = task;
    if (lastEventId === null && log.isOver) {
      throw new A2AError("UNSUPPORTED_OPERATION", "The task is over");
    }
    if (task.run !== null) watch.begin(task.run, log);
    const place = lastEventId === null ? null : log.at(lastEventId);
    const hasGap = lastEventId !== null && place === null;
    return { task, from: place ?? log.place, hasGap, isTurn: isOld };
  }
}

/**
 * Waits until what a client is to be told is stored.
 *
 * @throws {A2AError} If another server has taken the task over.
 */
async function storing({ log, id }: ServedTask): Promise<void> {
  if (log.isKept) await log.stored();
  if (log.isTaken) throw new A2AError("TASK_NOT_FOUND", `Another server has taken over task ${id}`);
}

/** What a message is known by, if it comes again: its sender, its id, and what it says. */
export function keyOf(principal: Principal, message: Message): string {
  return `${principal} ${message.messageId} ${hash(canonicalJson(message))}`;
}

/** Whose tasks a request is about: every tenant of a principal has its own. */
function scopeOf({ principal, params }: Call): Principal {
  const { tenant = "" } = params as { readonly tenant?: unknown };
  if (tenant === "" || tenant === null) return principal;
  if (typeof tenant === "string" && /^[\w.~-]{1,64}$/.test(tenant)) return `${principal}/${tenant}`;
  throw invalid("tenant", 'must be 1 to 64 letters, digits, ".", "_", "~" and "-"');
}

/** @throws {A2AError} If it is not a message of a client, or not one that the agent takes. */
function checkMessage({ role, parts }: Message, modes: readonly string[]): void {
  if (role !== "ROLE_USER") throw invalid("message.role", "must be ROLE_USER");
  if (parts.length > MAX_PARTS) {
    throw invalid("message.parts", `must not be more than ${MAX_PARTS}`);
  }
  const isRefused = parts.some(({ mediaType }) =>
    mediaType !== undefined && !modes.includes(mediaType)
  );
  if (!isRefused) return;
  const text = `Content type not supported; the agent takes ${modes.join(", ")}`;
  throw new A2AError("CONTENT_TYPE_NOT_SUPPORTED", text);
}

const MAX_PARTS = 100;
