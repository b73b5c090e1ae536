/**
 * Whatever cuts a run short, and wherever, also where models and stores fail meanwhile: the conversation that remains is
 * one that a provider takes, keeps all that the model said, and remembers all that was done.
 */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { LanguageModelV4CallOptions, LanguageModelV4Content } from "@ai-sdk/provider";
import fc from "../harness/support/property.ts";
import {
  Agent,
  type AgentEvent,
  type AgentRun,
  type AgentState,
  type Hook,
  InterruptError,
  ModelRetryHook,
  type Tool,
  tool,
} from "../../src/agent/mod.ts";
import { CheckpointError, storageCheckpointer } from "../../src/memory/mod.ts";
import type { StreamReply } from "../harness/support/scripted_model.ts";
import { StrictModel } from "../harness/support/strict_model.ts";
import { MapStorage } from "../memory/_support.ts";
import { FailingStore, type StoreFault } from "./_failing_store.ts";
import { LeapingClock } from "./_leaping_clock.ts";

/** What a tool's body does. `agent` calls one tool of a sub-agent, `nested` one of a sub-agent of that. */
const KINDS = ["quick", "slow", "deaf", "throws", "asks", "asksLate", "agent", "nested"] as const;
type Kind = typeof KINDS[number];

/** What cuts a run short. */
const CUTS = ["abort", "cancel", "return", "throw", "deadline"] as const;

interface Plan {
  /** The calls of each of the model's turns; then it answers. */
  readonly turns: readonly (readonly Kind[])[];
  readonly execution: "concurrent" | "sequential";
  readonly maxConcurrency: number;
  readonly streaming: boolean;
  /** Whether the model numbers its calls anew in each turn. */
  readonly reusesIds: boolean;
  readonly cut: typeof CUTS[number];
  /** At which of all the points of the run. */
  readonly at: number;
  /** Whether questions are answered, or the person says something else. */
  readonly answers: boolean;
  /** Whether each prompt and answer gets a new agent, as another process has it, or all get the same. */
  readonly elsewhere: boolean;
  /** Which of the models' answers fails, and how often; more often than is retried at 3. */
  readonly outage: { readonly at: number; readonly times: number; readonly midway: boolean } | null;
  readonly fault: StoreFault | null;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  turns: fc.array(fc.array(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 2,
  }),
  execution: fc.constantFrom("concurrent", "sequential"),
  maxConcurrency: fc.constantFrom(1, 10),
  streaming: fc.boolean(),
  reusesIds: fc.boolean(),
  cut: fc.constantFrom(...CUTS),
  at: fc.nat({ max: 60 }),
  answers: fc.boolean(),
  elsewhere: fc.boolean(),
  outage: fc.option(
    fc.record({
      at: fc.integer({ min: 1, max: 8 }),
      times: fc.integer({ min: 1, max: 3 }),
      midway: fc.boolean(),
    }),
  ),
  fault: fc.option(fc.record({ at: fc.nat({ max: 25 }), isDone: fc.boolean() })),
});

const plain: Plan = {
  turns: [["quick"]],
  execution: "concurrent",
  maxConcurrency: 1,
  streaming: false,
  reusesIds: false,
  cut: "abort",
  at: 60,
  answers: true,
  elsewhere: true,
  outage: null,
  fault: null,
};

/** What went wrong once: the last save failed; a thread fell back when the answer to its second question was lost. */
const examples: [Plan][] = [
  [{ ...plain, fault: { at: 1, isDone: false } }],
  [{ ...plain, turns: [["asks", "quick"], ["asksLate"]], fault: { at: 7, isDone: true } }],
  [{ ...plain, turns: [["asksLate", "asks"], ["quick"]], fault: { at: 7, isDone: true } }],
];

test("Agent: whatever cuts a run short, and wherever, the conversation is whole", async () => {
  const { error } = console;
  // A store that fails is reported there.
  console.error = () => {};
  try {
    await fc.assert(fc.asyncProperty(plan, play), { numRuns: 400, examples });
  } finally {
    console.error = error;
  }
});

async function play(plan: Plan): Promise<void> {
  const clock = new LeapingClock();
  try {
    await tryOut(new World(plan, clock), plan);
  } finally {
    clock.restore();
  }
}

async function tryOut(world: World, plan: Plan): Promise<void> {
  for (let prompt = 0; prompt < 6; prompt++) {
    await world.drive((agent, signal) => agent.run(`prompt ${prompt}`, { threadId: "t", signal }));
    for (let answer = 0; plan.answers && answer < 20; answer++) {
      const pending = await world.pending();
      if (pending === null) break;
      const { interrupt_id: interruptId } = pending;
      await world.drive((agent, signal) =>
        agent.resume("yes", { threadId: "t", interruptId, signal })
      );
    }
  }
  await world.check();
}

/** What a point throws at which code of the user fails. */
class Cut extends Error {
  override readonly name = "Cut";
}

/** What a model's client throws when its provider is down. */
class Outage extends Error {
  override readonly name = "Outage";
  readonly statusCode = 503;
}

class World {
  readonly #plan: Plan;
  readonly #clock: LeapingClock;
  readonly #store: FailingStore;
  #drivenBy: Agent | null = null;
  #latest: AgentState | null = null;
  readonly #turns: Kind[][];
  readonly #model: StrictModel;
  readonly #models: StrictModel[] = [];
  readonly #subModels = new Map<string, StrictModel>();
  #answers = 0;
  #points = 0;
  #stop: (() => void) | null = null;
  /** The bodies that were begun, by call, and how often. */
  readonly #begun = new Map<string, number>();
  /** Those that came to their end. */
  readonly #done = new Map<string, number>();
  /** What was seen of results, by call. */
  readonly #seen = new Map<string, string | null>();
  readonly #open = new Set<string>();

  constructor(plan: Plan, clock: LeapingClock) {
    this.#plan = plan;
    this.#clock = clock;
    this.#store = new FailingStore(storageCheckpointer(new MapStorage()), plan.fault);
    this.#turns = plan.turns.map((turn) => [...turn]);
    this.#model = this.#strict(() => this.#turns.shift() ?? []);
  }

  /** Something happens: if it is the plan's point, the run is cut here. */
  readonly #point = (canThrow = false): void => {
    if (this.#points++ !== this.#plan.at) return;
    if (this.#plan.cut === "throw") {
      if (canThrow) throw new Cut();
    } else if (this.#plan.cut === "deadline") this.#clock.leap(2 * HOUR_MS);
    else this.#stop?.();
  };

  async drive(begin: (agent: Agent, signal: AbortSignal) => AgentRun): Promise<void> {
    const { cut, elsewhere } = this.#plan;
    const agent = (elsewhere ? null : this.#drivenBy) ?? this.#agent(this.#model, {
      tools: this.#tools(2),
      checkpointer: this.#store,
      hooks: [this.#hook(), new ModelRetryHook({ initialDelay: 0, maxRetries: 2 })],
    });
    this.#drivenBy = agent;
    const controller = new AbortController();
    const run = begin(agent, controller.signal);
    let left: Promise<unknown> | null = null;
    this.#stop = () => {
      if (cut === "abort") controller.abort(new Cut());
      else if (cut === "cancel") agent.cancel();
      else left ??= run.return();
    };
    this.#open.clear();
    const events: AgentEvent[] = [];
    try {
      for await (const event of run) {
        events.push(event);
        this.#see(event);
        this.#point();
      }
    } catch (error) {
      if (events.length === 0 && error instanceof InterruptError) {
        // Whether it was taken is not known, so it is asked no more.
        assert(this.#plan.fault?.isDone, String(error));
        this.#latest = null;
        return;
      }
      const isPlanned = error instanceof Cut || error instanceof Outage ||
        error instanceof CheckpointError;
      assert(isPlanned, String(error));
      // It did not begin, as its thread could not be read.
      if (error instanceof CheckpointError && events.length === 0) return;
    } finally {
      this.#stop = null;
    }
    await left;
    this.#latest = run.result?.state ?? null;
    const last = events.at(-1)?.event_type;
    if (left === null) {
      assert(last === "terminate" || last === "interrupt", String(last));
      if (last === "terminate") assertEquals([...this.#open], []);
    }
  }

  /** What is asked. */
  async pending(): Promise<AgentState["pending_interrupt"]> {
    return this.#latest?.pending_interrupt ?? (await this.#stored())?.pending_interrupt ?? null;
  }

  async #stored(): Promise<AgentState | null> {
    return await this.#agent(this.#model, { checkpointer: this.#store.sound }).thread("t");
  }

  async check(): Promise<void> {
    const state = (await this.#stored())!;
    for (const model of this.#models) assertEquals(model.refused, []);
    const executions = new Map(state.tool_executions.map((e) => [keyOf(e.arguments), e]));
    const told = new Map(
      state.messages.flatMap(({ tool_calls }, at) =>
        tool_calls.map((call, index) =>
          [keyOf(call.arguments), state.messages[at + 1 + index]?.content] as const
        )
      ),
    );
    for (const [key, times] of this.#begun) {
      // Those of sub-agents are told to nobody but them.
      if (key.includes("/")) continue;
      const execution = executions.get(key);
      assert(execution !== undefined, `${key} was begun, and forgotten`);
      assertEquals(state.tool_executions.filter((e) => keyOf(e.arguments) === key).length, 1);
      const content = told.get(key);
      assert(!content?.startsWith("Not executed"), `${key} was begun: ${content}`);
      if (!key.startsWith("asks")) assertEquals(times, 1, key);
    }
    for (const [key, times] of this.#done) {
      assertEquals(times, 1, `${key} was done twice`);
      const wasCut = this.#points > this.#plan.at;
      if (!wasCut && told.has(key)) assertEquals(told.get(key), `done ${key}`);
    }
    for (const [key, result] of this.#seen) {
      assertEquals(executions.get(key)?.result, result, `${key} was seen, and forgotten`);
    }
    for (const [key, content] of told) {
      if (content?.startsWith("Not executed")) assert(!this.#begun.has(key), key);
    }
  }

  #see(event: AgentEvent): void {
    if (event.event_type === "tool_start") this.#open.add(event.tool_call_id);
    if (event.event_type !== "tool_complete") return;
    this.#open.delete(event.tool_call_id);
    const { result } = event;
    if (result?.startsWith("done ")) this.#seen.set(result.slice(5), result);
  }

  #agent(model: StrictModel, options: Partial<ConstructorParameters<typeof Agent>[0]>): Agent {
    const { execution, maxConcurrency, streaming } = this.#plan;
    return new Agent({
      model,
      toolExecution: execution,
      maxConcurrency,
      streaming,
      maxIterations: 10,
      timeBudgetSeconds: HOUR_MS / 1000,
      ...options,
    });
  }

  #strict(
    next: (options: LanguageModelV4CallOptions) => readonly Kind[],
    prefix = "",
  ): StrictModel {
    const model = new StrictModel((options) => {
      this.#point(true);
      const number = ++this.#answers;
      const { outage } = this.#plan;
      if (outage !== null && number >= outage.at && number < outage.at + outage.times) {
        if (!outage.midway || !this.#plan.streaming) throw new Outage();
        return brokenStream();
      }
      const kinds = next(options);
      const content: LanguageModelV4Content[] = [
        meta({ type: "reasoning", text: `thought ${number}` }, `signature ${number}`),
        { type: "text", text: `answer ${number}` },
        ...kinds.map((kind, index): LanguageModelV4Content =>
          meta({
            type: "tool-call",
            toolCallId: this.#plan.reusesIds ? `call_${index}` : `call_${number}_${index}`,
            toolName: kind,
            input: JSON.stringify({ prompt: `${prefix}${kind} ${number}.${index}` }),
          }, `call ${number}.${index}`)
        ),
      ];
      return content;
    });
    this.#models.push(model);
    return model;
  }

  /** @param depth How many agents may be below. */
  #tools(depth: number): Tool[] {
    const body = (
      name: Kind,
      work: (signal: AbortSignal, ask: () => string) => unknown,
    ): Tool =>
      tool<{ prompt: string }>({
        name,
        parameters: {
          type: "object",
          properties: { prompt: { type: "string" } },
          required: ["prompt"],
        },
        execute: async ({ prompt: key }, { signal, interrupt }) => {
          this.#begun.set(key, (this.#begun.get(key) ?? 0) + 1);
          this.#point(true);
          await work(signal, () => interrupt("sure?"));
          this.#point(true);
          this.#done.set(key, (this.#done.get(key) ?? 0) + 1);
          return `done ${key}`;
        },
      }) as Tool;
    const tools = [
      body("quick", () => {}),
      body("slow", async (signal) => {
        for (let i = 0; i < 20; i++) {
          await Promise.resolve();
          signal.throwIfAborted();
        }
        this.#point(true);
      }),
      body("deaf", async () => {
        for (let i = 0; i < 20; i++) await Promise.resolve();
        this.#point(true);
      }),
      body("throws", () => {
        throw new Error("bad");
      }),
      body("asks", (_, ask) => ask()),
      body("asksLate", async (_, ask) => {
        for (let i = 0; i < 10; i++) await Promise.resolve();
        return ask();
      }),
    ];
    if (depth > 0) tools.push(this.#agentTool("agent", ["quick", "throws", "asks"], depth));
    if (depth > 1) tools.push(this.#agentTool("nested", ["slow", "agent"], depth));
    return tools;
  }

  #agentTool(name: Kind, kinds: readonly Kind[], depth: number): Tool {
    // The model is not in the process: it knows what it has said, whoever asks.
    const known = this.#subModels.get(`${name} ${depth}`);
    const model = known ?? this.#strict(
      ({ prompt }) => prompt.some(({ role }) => role === "tool") ? [] : kinds,
      `${name}/`,
    );
    this.#subModels.set(`${name} ${depth}`, model);
    return this.#agent(model, { tools: this.#tools(depth - 1) }).asTool({ name });
  }

  #hook(): Hook {
    const at = () => this.#point(true);
    return {
      onBeforeInvocation: at,
      onIterationStart: at,
      onBeforeModelCall: at,
      onAfterModelCall: at,
      onBeforeToolCall: at,
      onAfterToolCall: at,
      onIterationEnd: () => this.#point(),
    };
  }
}

const HOUR_MS = 3_600_000;

function brokenStream(): StreamReply {
  const stream = [
    { type: "reasoning-start", id: "0" },
    { type: "reasoning-delta", id: "0", delta: "void" },
    { type: "text-start", id: "1" },
    { type: "text-delta", id: "1", delta: "void" },
    { type: "error", error: new Outage() },
  ] as const;
  return { stream };
}

function meta<T extends LanguageModelV4Content>(part: T, mark: string): T {
  return { ...part, providerMetadata: { strict: { mark } } };
}

function keyOf(args: Readonly<Record<string, unknown>>): string {
  return String(args.prompt);
}
