import { checkOptions, describe, isRecord } from "../core/options.ts";
import { MapRecords, type RecordStore } from "../memory/record_store.ts";
import { type Call, callOf, openCall, readRunOptions, type Thread } from "./calls.ts";
import {
  type Definition,
  type DefinitionOptions,
  noteDefinition,
  readDefinition,
  type Values,
} from "./definition.ts";
import { GraphRun } from "./engine/graph_run.ts";
import { Position } from "./engine/position.ts";
import { hash } from "../core/hash.ts";
import { completedState } from "./engine/node_context.ts";
import { readAnswers, type Session } from "./engine/session.ts";
import type { Because } from "./engine/voice.ts";
import { GraphError } from "./errors.ts";
import type { GraphRecord } from "./records/record.ts";
import { ThreadLog } from "./records/thread_log.ts";
import type {
  Graph,
  GraphCheckpoint,
  GraphFork,
  GraphResult,
  GraphResumeOptions,
  GraphRunOptions,
  GraphStream,
  GraphStreamOptions,
  Topology,
} from "./types/graph.ts";

/**
 * Makes a graph of options that no compiler has seen.
 *
 * @param voice How it tells what its nodes do. @default {as nodes}
 */
export function makeGraph(
  owner: string,
  options: DefinitionOptions,
  voice?: Definition["voice"],
): Graph<Values, Values> {
  return new CompiledGraph(readDefinition(owner, options, voice));
}

const MAX_WAITING = 1000;

class CompiledGraph implements Graph<Values, Values> {
  readonly #definition: Definition;
  /** Threads without a checkpointer that wait for an answer. */
  readonly #waiting = new Map<string, RecordStore>();

  constructor(definition: Definition) {
    this.#definition = definition;
    noteDefinition(this, definition);
  }

  get id(): string {
    return this.#definition.id;
  }

  execute(input: Values, options: GraphRunOptions = {}): Promise<GraphResult<Values>> {
    return this.#execute(input, callOf("execute()", options));
  }

  async invoke(input: Values, options: GraphRunOptions = {}): Promise<Values> {
    return completedState(await this.#execute(input, callOf("invoke()", options)));
  }

  stream(input: Values, options: GraphStreamOptions = {}): GraphStream<Values> {
    return openCall("stream()", options, (call) => this.#execute(input, call));
  }

  resume(answer: unknown, options: Thread<GraphResumeOptions>): Promise<GraphResult<Values>> {
    return this.#resume(answer, callOf("resume()", options));
  }

  streamResume(
    answer: unknown,
    options: Thread<GraphResumeOptions & GraphStreamOptions>,
  ): GraphStream<Values> {
    return openCall("streamResume()", options, (call) => this.#resume(answer, call));
  }

  recover(options: Thread<GraphRunOptions>): Promise<GraphResult<Values>> {
    return this.#recover(callOf("recover()", options));
  }

  streamRecover(options: Thread<GraphStreamOptions>): GraphStream<Values> {
    return openCall("streamRecover()", options, (call) => this.#recover(call));
  }

  replay(threadId: string, id: string, options: GraphRunOptions): Promise<GraphResult<Values>> {
    return this.#replay(id, callOf("replay()", { ...options, threadId }));
  }

  streamReplay(threadId: string, id: string, options: GraphStreamOptions): GraphStream<Values> {
    const given = { ...options, threadId };
    return openCall("streamReplay()", given, (call) => this.#replay(id, call));
  }

  async *history(
    threadId: string,
    options: GraphRunOptions,
  ): AsyncIterableIterator<GraphCheckpoint<Values>> {
    const call = callOf("history()", { ...options, threadId });
    const { session } = await this.#open(call, "replay");
    for (let seq = session.log.head; seq > 0; seq--) {
      const record = await session.log.find(seq);
      // What is older was removed.
      if (record === null) return;
      if (record.ns !== "") continue;
      const at = new Position(this.#definition, session);
      await at.load(record);
      yield toCheckpoint(record, at.values);
    }
  }

  async fork(
    threadId: string,
    checkpointId: string,
    change: GraphFork<Values>,
    options: GraphRunOptions,
  ): Promise<string> {
    checkOptions("fork()", change, ["update", "asNode", "threadId"]);
    const { update = {}, asNode, threadId: to = threadId } = change;
    const { session } = await this.#open(callOf("fork()", { ...options, threadId }), "replay");
    let at = new Position(this.#definition, session);
    await at.load(await readCheckpoint(session, checkpointId));
    if (asNode !== undefined && !this.#definition.nodes.has(asNode)) {
      throw new GraphError("unknown_node", `fork(): ${describe(asNode)} is not a node`);
    }
    at.rewind();
    at.change(update, asNode ?? "fork()");
    if (asNode !== undefined) await at.passOver(asNode);
    if (to !== threadId) {
      const other = await this.#open(callOf("fork()", { ...options, threadId: to }), "replay");
      if (await other.session.log.latest() !== null) {
        throw new GraphError("thread_conflict", `fork(): thread "${to}" has begun already`);
      }
      at = await at.moveTo(other.session);
    }
    const { record, stored } = at.append("fork", at.schedule.frontier);
    await stored;
    return `c${record.seq}`;
  }

  topology(): Topology {
    return this.#definition.topology;
  }

  async #execute(input: Values, call: Call): Promise<GraphResult<Values>> {
    if (!isRecord(input)) {
      throw new TypeError(`${call.owner}: the input must be an update, got ${describe(input)}`);
    }
    const { session, run } = await this.#open(call, "scheduled");
    return this.#over(await run.start(call.outer, input, await session.log.latest()));
  }

  async #resume(answer: unknown, call: Call<GraphResumeOptions>): Promise<GraphResult<Values>> {
    const { interruptId, ...options } = call.options;
    const { session, run } = await this.#open({ ...call, options }, "answer");
    const record = await session.log.latest();
    session.answers = readAnswers(call.owner, record, session.threadId, answer, interruptId);
    session.waits = record!.waits ?? [];
    return this.#over(await run.goOn(call.outer, record!, "answer"));
  }

  async #recover(call: Call): Promise<GraphResult<Values>> {
    const { session, run } = await this.#open(call, "recover");
    const record = await session.log.latest();
    const { threadId } = session;
    if (record?.kind === "wait") {
      throw new GraphError("waits", `Thread "${threadId}" waits for an answer: use resume()`);
    }
    if (record === null || record.next.length + (record.held?.length ?? 0) === 0) {
      throw new GraphError("nothing_waits", `Thread "${threadId}" has nothing to go on with`);
    }
    [session.answers, session.waits] = [record.answers ?? {}, record.waits ?? []];
    return await run.goOn(call.outer, record, "recover");
  }

  async #replay(id: string, call: Call): Promise<GraphResult<Values>> {
    const { session, run } = await this.#open(call, "replay");
    return await run.goOn(call.outer, await readCheckpoint(session, id), "fork");
  }

  async #open(
    { owner, options, side }: Call,
    because: Because,
  ): Promise<{ session: Session; run: GraphRun }> {
    const { threadId, checkpointer, save, keepCheckpoints, signal, drain, maxIterations } =
      readRunOptions(owner, options, this.#definition);
    const here = this.#waiting.get(threadId) ?? new MapRecords();
    const store = checkpointer === undefined ? here : await checkpointer.records!(threadId);
    const session: Session = {
      threadId,
      tag: hash(threadId),
      log: await new ThreadLog(store, threadId, keepCheckpoints).open(),
      backend: checkpointer?.backend ?? null,
      savesSteps: checkpointer !== undefined && save !== "waits",
      savesBehind: save === "behind",
      drain,
      store: options.store,
      tell: side?.tell,
      taken: side?.taken,
      keepHere: () => {
        if (checkpointer === undefined) this.#keep(threadId, here);
      },
      inside: new Set(),
      tells: new Map(),
      root: 0,
      because,
      answers: {},
      waits: [],
    };
    const at = new Position(this.#definition, session);
    return { session, run: new GraphRun(this.#definition, session, at, signal, maxIterations) };
  }

  /** Forgets a thread of this process that does not wait any more. */
  #over<T extends GraphResult<Values>>(result: T): T {
    if (result.stop_reason !== "interrupted") this.#waiting.delete(result.thread_id);
    return result;
  }

  #keep(threadId: string, store: RecordStore): void {
    if (this.#waiting.size >= MAX_WAITING) {
      this.#waiting.delete(this.#waiting.keys().next().value!);
    }
    this.#waiting.set(threadId, store);
  }
}

async function readCheckpoint({ log, threadId }: Session, id: string): Promise<GraphRecord> {
  const seq = /^c([1-9]\d*)$/.exec(id)?.[1];
  const record = seq === undefined ? null : await log.read(Number(seq));
  if (record?.ns === "") return record;
  throw new GraphError("no_checkpoint", `Thread "${threadId}" has no checkpoint "${id}"`);
}

function toCheckpoint(record: GraphRecord, state: Values): GraphCheckpoint<Values> {
  const { seq, parent, kind, step, at, span, next, waits = [] } = record;
  return {
    checkpoint_id: `c${seq}`,
    parent_id: parent === 0 ? null : `c${parent}`,
    kind,
    step,
    created_at: at,
    run_id: span?.run_id ?? null,
    state,
    next: next.map(({ node }) => node),
    interrupts: kind === "wait" ? waits : [],
  };
}
