/**
 * Whatever cuts a run short, and wherever: the conversation that remains is one that a provider takes, keeps
 * all that the model said, and remembers all that was done.
 */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import type { LanguageModelV4CallOptions, LanguageModelV4Content } from "@ai-sdk/provider";
import * as fc from "fast-check";
import {
  Agent,
  type AgentEvent,
  type AgentRun,
  type AgentState,
  type Hook,
  type Tool,
  tool,
} from "../../src/agent/mod.ts";
import { type Checkpointer, storageCheckpointer } from "../../src/memory/mod.ts";
import { StrictModel } from "../harness/support/strict_model.ts";
import { MapStorage } from "../memory/_support.ts";

/** What a tool's body does. `agent` calls one tool of a sub-agent, `nested` one of a sub-agent of that. */
const KINDS = ["quick", "slow", "deaf", "throws", "asks", "asksLate", "agent", "nested"] as const;
type Kind = typeof KINDS[number];

/** What cuts a run short. */
const CUTS = ["abort", "cancel", "return", "throw"] as const;

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
});

test("Agent: whatever cuts a run short, and wherever, the conversation is whole", async () => {
  await fc.assert(fc.asyncProperty(plan, play), { numRuns: 200 });
});

async function play(plan: Plan): Promise<void> {
  const world = new World(plan);
  // A new agent each time, as another process has it: what it knows, it knows from the store.
  for (let prompt = 0; prompt < 4; prompt++) {
    await world.drive((agent, signal) => agent.run(`prompt ${prompt}`, { threadId: "t", signal }));
    for (let answer = 0; plan.answers && answer < 20; answer++) {
      const pending = (await world.state())?.pending_interrupt ?? null;
      if (pending === null) break;
      const { interrupt_id: interruptId } = pending;
      await world.drive((agent, signal) =>
        agent.resume("yes", { threadId: "t", interruptId, signal })
      );
    }
  }
  await world.check();
}

/** A point at which a hook of the plan fails. */
class Cut extends Error {
  override readonly name = "Cut";
}

class World {
  readonly #plan: Plan;
  readonly #store: Checkpointer = storageCheckpointer(new MapStorage());
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

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#turns = plan.turns.map((turn) => [...turn]);
    this.#model = this.#strict(() => this.#turns.shift() ?? []);
  }

  /** Something happens: if it is the plan's point, the run is cut here. */
  readonly #point = (canThrow = false): void => {
    if (this.#points++ !== this.#plan.at) return;
    if (this.#plan.cut === "throw") {
      if (canThrow) throw new Cut();
    } else this.#stop?.();
  };

  async drive(begin: (agent: Agent, signal: AbortSignal) => AgentRun): Promise<void> {
    const { cut } = this.#plan;
    const agent = this.#agent(this.#model, {
      tools: this.#tools(2),
      checkpointer: this.#store,
      hooks: [this.#hook()],
    });
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
      assert(error instanceof Cut, String(error));
    }
    await left;
    this.#stop = null;
    const last = events.at(-1)?.event_type;
    if (left === null) {
      assert(last === "terminate" || last === "interrupt", String(last));
      if (last === "terminate") assertEquals([...this.#open], []);
    }
  }

  async state(): Promise<AgentState | null> {
    return await this.#agent(this.#model, { checkpointer: this.#store }).thread("t");
  }

  async check(): Promise<void> {
    const state = (await this.state())!;
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

function meta<T extends LanguageModelV4Content>(part: T, mark: string): T {
  return { ...part, providerMetadata: { strict: { mark } } };
}

function keyOf(args: Readonly<Record<string, unknown>>): string {
  return String(args.prompt);
}
