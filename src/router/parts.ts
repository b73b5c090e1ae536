import { Agent } from "../agent/agent.ts";
import type { LanguageModel } from "../agent/model/language_model.ts";
import type { Tool } from "../agent/tools/tool.ts";
import { isPlain } from "../core/describe.ts";
import { checkText } from "../core/checks.ts";
import { readChoice, readName, readNumber } from "../core/option_values.ts";
import { checkFunction, checkOptions, describe } from "../core/options.ts";
import type { Awaitable } from "../graph/mod.ts";
import type { Checkpointer } from "../memory/checkpointer.ts";
import { readCheckpointer } from "../agent/threads/check_checkpointer.ts";
import { sequential, type StageWork } from "../pipeline/mod.ts";
import { type KnownStage, readStage } from "../pipeline/stage.ts";
// Not its front: nothing is read here, and the reader brings a parser of YAML.
import { skillsPlugin } from "../skills/plugin.ts";
import type { Skill } from "../skills/skill.ts";
import { builtinProtocols } from "./builtin_protocols.ts";
import { type Capability, CapabilityIndex } from "./capabilities.ts";
import { type GoalFrame, goalFrameSchema } from "./frame.ts";
import { type PolicyOptions, type PolicyVerdict, readPolicy } from "./policy.ts";
import { type Protocol, type ProtocolKit, readProtocols } from "./protocol.ts";
import type { PickerInput } from "./select.ts";

/** Options of {@linkcode router}. */
export interface RouterOptions {
  /** Its name, for events. @default {"router"} */
  readonly id?: string;
  /** The model of the agents that protocols are built of, and of the extractor. */
  readonly model?: LanguageModel;
  /**
   * Says what a request asks for: an agent with {@linkcode goalFrameSchema} as its `outputSchema`, or a function that gives a
   * {@linkcode GoalFrame}, of which it may leave out what has a default.
   *
   * @default {an agent with the model}
   */
  readonly extractor?: StageWork<string, unknown>;
  /** What there is to answer with. @default {[]} */
  readonly capabilities?: CapabilityIndex | readonly Capability[];
  /** The ways to answer. @default {builtinProtocols} */
  readonly protocols?: readonly Protocol[];
  /** What may run, and what needs an approval. */
  readonly policy?: PolicyOptions;
  /**
   * Chooses where several protocols can answer: an agent, or a function that gives `{ protocol_id, rationale }`. What names
   * none of them is not followed.
   *
   * @default {none: the best by rule}
   */
  readonly picker?: StageWork<PickerInput, unknown> | Agent;
  /** Skills that agents get: all of them, or those with a `domain` only for its requests. @default {[]} */
  readonly skills?: readonly (Skill | { readonly skill: Skill; readonly domain: string })[];
  /** Does what `a2a_delegate` is for: gives a task to another system. */
  readonly delegate?: (task: string, at: { signal: AbortSignal }) => unknown;
  /** Where the extractor is less sure than this, 0 to 1, a person is asked. @default {0: nobody is asked} */
  readonly minConfidence?: number;
  /** Whether a person is asked for an approval: the dispatch waits then, and `resume()` takes `approve`. */
  readonly approval?: "ask";
  /** Gives or refuses an approval: `true` gives it. @default {refuses} */
  readonly onApproval?: (frame: GoalFrame, verdict: PolicyVerdict) => Awaitable<boolean>;
  /** Called with each frame. What it throws fails the dispatch. */
  readonly onFrame?: (frame: GoalFrame) => Awaitable<void>;
  /** Keeps what waits for a person, so that any process can go on. @default {null: it waits in this process} */
  readonly checkpointer?: Checkpointer | null;
}

/** What a router is made of, checked. */
export type RouterParts = ReturnType<typeof readParts>;

/**
 * @throws {TypeError} If an option is missing, unknown or of the wrong type.
 * @throws {RangeError} If `minConfidence` is not from 0 to 1.
 */
export function readParts(owner: string, options: RouterOptions) {
  checkOptions(owner, options, OPTIONS);
  const { id = "router", model, extractor, picker, protocols = builtinProtocols } = options;
  const { policy = {}, minConfidence = 0, approval, onApproval, onFrame, delegate } = options;
  const { capabilities: given, skills = [] } = options;
  readName(owner, "id", id);
  if (approval !== undefined) readChoice(owner, "approval", approval, ["ask"]);
  if (approval !== undefined && onApproval !== undefined) {
    throw new TypeError(`${owner}: give "approval" or "onApproval", not both`);
  }
  for (const [name, fn] of Object.entries({ onApproval, onFrame, delegate })) {
    checkFunction(owner, name, fn);
  }
  const capabilities = given instanceof CapabilityIndex ? given : new CapabilityIndex(given);
  const skillsOf = readSkills(owner, skills);
  const checkpointer = readCheckpointer(options.checkpointer ?? null);
  const make = (name: string, role: string, domain: string, tools: readonly Tool[]) => {
    if (model === undefined) throw new TypeError(`${owner}: an agent needs the option "model"`);
    const known = skillsOf(domain);
    return new Agent({
      model,
      tools,
      checkpointer,
      agentId: name,
      systemPrompt: role,
      plugins: known.length > 0 ? [skillsPlugin(known)] : [],
    });
  };
  if (extractor === undefined && model === undefined) {
    throw new TypeError(`${owner}: expected a "model" or an "extractor", got neither`);
  }
  return {
    id,
    extractor: stageOf(
      `${owner}: "extractor"`,
      extractor ?? new Agent({
        model: model!,
        agentId: "extractor",
        systemPrompt: extractorPrompt(capabilities),
        outputSchema: goalFrameSchema,
      }),
    ),
    picker: picker === undefined ? null : stageOf(`${owner}: "picker"`, picker),
    protocols: readProtocols(owner, protocols),
    capabilities,
    policy: readPolicy(owner, policy),
    minConfidence: readNumber(owner, "minConfidence", minConfidence, 0, 1),
    asksApproval: approval === "ask",
    onApproval,
    onFrame,
    checkpointer,
    kit(frame: GoalFrame): ProtocolKit {
      const ids = frame.required_capabilities.filter((id) => capabilities.has(id));
      const found = capabilities.lookup(ids).flatMap((capability) =>
        capability.tool === "$human" ? [] : [{ ...capability, tool: capability.tool }]
      );
      return {
        frame,
        capabilities: found,
        tools: [...new Set(found.map(({ tool }) => tool))],
        delegate,
        agent: (name, role, tools = []) => make(name, role, frame.domain, tools),
      };
    },
  };
}

/** What runs as a part of a dispatch. Of a stage with limits, a pipeline keeps them. */
export function stageOf(owner: string, work: unknown): KnownStage {
  const hasLimits = isPlain(work) && "stage" in work;
  return readStage(owner, hasLimits ? sequential([work as never]) : work);
}

function readSkills(owner: string, skills: NonNullable<RouterOptions["skills"]>) {
  if (!Array.isArray(skills)) {
    throw new TypeError(`${owner}: "skills" must be a list of skills, got ${describe(skills)}`);
  }
  const entries = (skills as NonNullable<RouterOptions["skills"]>).map((entry) => {
    const { skill, domain } = "skill" in entry ? entry : { skill: entry, domain: "" };
    checkText(owner, "skills[].domain", domain);
    return { skill, domain };
  });
  // What is wrong with one is said here, and not by the first request.
  skillsPlugin(entries.map(({ skill }) => skill));
  return (domain: string) =>
    entries.filter(({ domain: own }) => own === "" || own === domain).map(({ skill }) => skill);
}

function extractorPrompt(capabilities: CapabilityIndex): string {
  const list = capabilities.all().map(({ id, description, domain, risk }) =>
    `- ${id} (${domain === "" ? "any domain" : domain}, risk ${risk}): ${description}`
  );
  return [
    "Say what the request asks for. Do not answer it, and do not choose how it is answered.",
    ...list.length > 0 ? [`The capabilities that it may need, by id:\n${list.join("\n")}`] : [],
  ].join("\n\n");
}

const OPTIONS: readonly string[] = Object.keys(
  {
    id: 0,
    model: 0,
    extractor: 0,
    capabilities: 0,
    protocols: 0,
    policy: 0,
    picker: 0,
    skills: 0,
    delegate: 0,
    minConfidence: 0,
    approval: 0,
    onApproval: 0,
    onFrame: 0,
    checkpointer: 0,
  } satisfies Record<keyof RouterOptions, 0>,
);
