import type { Principal } from "../../adapters/agent_server/access.ts";
import { canonicalJson } from "../../core/json.ts";
import { sha256, toHex } from "../../core/sha256.ts";
import { A2AError, invalid } from "../protocol/errors.ts";
import type { Message } from "../protocol/types.ts";
import { listTasks } from "./list_tasks.ts";
import { answerIn } from "./message_text.ts";
import type { A2AServerConfig } from "./options.ts";
import {
  type Params,
  readConfiguration,
  readCount,
  readMessage,
  readParams,
  readTaskId,
} from "./params.ts";
import type { RequestWatch } from "./request_watch.ts";
import type { ServedTask } from "./served_task.ts";
import type { Sent, ServedTasks } from "./served_tasks.ts";
import type { Place } from "./task_log.ts";

/** A request, whichever binding it came by. */
export interface Call {
  readonly method: string;
  readonly params: unknown;
  readonly principal: Principal;
  /** Who asks, as far as the server knows. */
  readonly name: string | null;
  /** Where a stream goes on; null for where the task is now, or if the client did not ask for our extension. */
  readonly lastEventId: string | null;
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
export type Answer = { readonly result: object } | {
  readonly stream: TaskStream;
};

/** The operations of the protocol, on the tasks of a server. */
export class Operations {
  readonly #tasks: ServedTasks;
  readonly #config: A2AServerConfig;
  // Which task a message went to: who sends it again, after a broken connection, gets the same.
  readonly #sent = new Map<
    string,
    { readonly task: ServedTask; readonly at: number }
  >();

  constructor(config: A2AServerConfig, tasks: ServedTasks) {
    this.#config = config;
    this.#tasks = tasks;
  }

  /** @throws {A2AError | Refusal} If there is no answer. */
  async call(call: Call): Promise<Answer> {
    const params = readParams(call.params ?? {}, "params");
    switch (call.method) {
      case "SendMessage": {
        const { historyLength, returnImmediately } = readConfiguration(
          params.configuration,
        );
        const { task } = await this.#send(call, params);
        if (!returnImmediately) await task.settled;
        return { result: { task: task.view({ historyLength }) } };
      }
      case "SendStreamingMessage": {
        readConfiguration(params.configuration);
        const { task, from } = await this.#send(call, params);
        return { stream: { task, from, hasGap: false, isTurn: true } };
      }
      case "GetTask": {
        const task = this.#find(call, readTaskId(params));
        return {
          result: task.view({
            historyLength: readCount(params, "historyLength"),
          }),
        };
      }
      case "ListTasks":
        return {
          result: listTasks(this.#tasks.ofPrincipal(call.principal), params),
        };
      case "CancelTask": {
        const task = this.#find(call, readTaskId(params));
        if (task.log.isOver) throw new A2AError("TASK_NOT_CANCELABLE");
        await this.#tasks.cancel(task, call.watch);
        return { result: task.view() };
      }
      case "SubscribeToTask":
        return {
          stream: this.#subscribe(call, this.#find(call, readTaskId(params))),
        };
      case "GetExtendedAgentCard":
        throw new A2AError(
          "UNSUPPORTED_OPERATION",
          "There is no extended card",
        );
    }
    if (
      /^(Create|Get|List|Delete)TaskPushNotificationConfigs?$/.test(call.method)
    ) {
      throw new A2AError("PUSH_NOTIFICATION_NOT_SUPPORTED");
    }
    throw new A2AError("METHOD_NOT_FOUND");
  }

  async #send({ principal, name, watch }: Call, params: Params): Promise<Sent> {
    const message = readMessage(
      params.message,
      this.#config.card.defaultInputModes,
    );
    const key = toHex(await sha256(`${principal} ${canonicalJson(message)}`));
    const earlier = this.#sent.get(key);
    const isHeld = earlier !== undefined &&
      this.#tasks.find(principal, earlier.task.id) === earlier.task;
    if (isHeld && performance.now() - earlier.at < AGAIN_MS) {
      const { task } = earlier;
      return { task, from: task.log.place };
    }
    const sent = message.taskId === undefined
      ? this.#tasks.begin(principal, message, watch)
      : this.#answer(
        this.#tasks.find(principal, message.taskId),
        message,
        name,
        watch,
      );
    this.#sent.delete(key);
    this.#sent.set(key, { task: sent.task, at: performance.now() });
    if (this.#sent.size > MAX_SENT) {
      this.#sent.delete(this.#sent.keys().next().value!);
    }
    return sent;
  }

  #answer(
    task: ServedTask | undefined,
    message: Message,
    by: string | null,
    watch: RequestWatch,
  ): Sent {
    if (task === undefined) throw new A2AError("TASK_NOT_FOUND");
    if (
      message.contextId !== undefined && message.contextId !== task.contextId
    ) {
      throw invalid("message.contextId", "is not that of the task");
    }
    if (task.log.isOver) {
      throw new A2AError("UNSUPPORTED_OPERATION", "The task is over");
    }
    const { interruptId, value } = answerIn(message);
    if (interruptId !== null && interruptId !== task.question?.interrupt_id) {
      throw invalid("message.parts", "answers a question that is not open");
    }
    return this.#tasks.answer(task, message, { value, by }, watch);
  }

  #subscribe({ lastEventId, watch }: Call, task: ServedTask): TaskStream {
    const { log } = task;
    if (lastEventId === null && log.isOver) {
      throw new A2AError("UNSUPPORTED_OPERATION", "The task is over");
    }
    if (task.run !== null) watch.begin(task.run, log);
    const place = lastEventId === null ? null : log.at(lastEventId);
    const hasGap = lastEventId !== null && place === null;
    return { task, from: place ?? log.place, hasGap, isTurn: false };
  }

  #find({ principal }: Call, id: string): ServedTask {
    const task = this.#tasks.find(principal, id);
    if (task === undefined) throw new A2AError("TASK_NOT_FOUND");
    return task;
  }
}

const AGAIN_MS = 10 * 60_000;
const MAX_SENT = 10_000;
