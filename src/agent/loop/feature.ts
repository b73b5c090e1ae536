/** What plugs into a run: the points at which a feature is asked, and what it may touch there. */

import type { Run } from "../../core/run/run_context.ts";
import type { ModelReply } from "../model/reply.ts";
import type { ChatModel } from "../model/chat_model.ts";
import type { ResponseFormat } from "../model/request.ts";
import type { ModelResponse } from "../model/response.ts";
import type { SnapshotRun } from "../../runtime/follow/followed.ts";
import type { Arguments, Message, ToolCall } from "../state/messages.ts";
import type { AgentState, ToolExecution } from "../state/state.ts";
import type { ToolOutcome } from "../tools/outcome.ts";
import type { Question } from "../tools/question.ts";
import type { Tool } from "../tools/tool.ts";
import type { Steps } from "../state/steps.ts";

/**
 * Something that a run can do beyond its loop. There is one object for each run, from its first segment to its last: its
 * fields are the state of that run, and of no other.
 *
 * A feature has only the points that it needs. What goes wrong in it is its own affair: it reports that and goes on, or throws.
 */
export interface Feature
  extends Partial<RunPoints>, Partial<ModelPoints>, Partial<ToolPoints>, Partial<StoredPart> {
  /** Names it in messages, and its part of a checkpoint. */
  readonly name: string;
}

/** Asked by the loop, in the order of the list; `turnEnd` and `end` in reverse. */
export interface RunPoints {
  /** Before the first turn of a run. Only hooks replace the state, each before the next feature sees it. */
  start(
    context: FeatureContext,
    prompt: string,
    replaceState: (state: AgentState) => void,
  ): Promise<void> | void;
  turnStart(context: FeatureContext, iteration: number): Promise<void> | void;
  /** The model has answered; its tools are not called yet. The first verdict counts. */
  responded(
    context: FeatureContext,
    response: ModelResponse,
  ): Steps<Verdict | void> | Verdict | void;
  /** The tools of the turn have been called, and its step is recorded. */
  acted(context: FeatureContext, turn: ActedTurn): Steps<void> | void;
  /** Once for each turn that began, however it ended; not while it waits for a person. Must not throw. */
  turnEnd(context: FeatureContext, iteration: number): Promise<void> | void;
  /** The run is about to end with this answer. @returns The same or another one. */
  ending(context: FeatureContext, answer: Answer): Steps<Answer>;
  /** Once for each segment, at its very end. Must not throw. */
  end(context: FeatureContext, outcome: SegmentOutcome): Promise<void> | void;
  /** The fields of the result, and of its metrics, that are its own; null for their defaults. */
  result(): Readonly<Record<string, unknown>> | null;
}

/** What a feature says of an answer of the model; nothing if it has no say. */
export type Verdict =
  /** The run goes on, although the answer calls no tool. */
  | { readonly kind: "not_final" }
  /** The model was told why; the turn is over, and not acted upon. */
  | { readonly kind: "refused" }
  /** The run ends with it. */
  | { readonly kind: "final"; readonly reason: string };

export interface Answer {
  readonly reason: string;
  readonly message: string | null;
}

export interface ActedTurn {
  readonly iteration: number;
  readonly response: ModelResponse;
  readonly executions: readonly ToolExecution[];
}

export interface SegmentOutcome {
  readonly success: boolean;
  readonly message: string | null;
}

export interface ModelPoints {
  /** Whether answers must be complete before anybody sees them: then nothing is streamed. */
  readonly requiresFullResponse: boolean;
  readonly maxModelAttempts: number;
  /** @returns What to tell the model, for this call only. */
  beforeModelCall(
    context: FeatureContext,
    messages: readonly Message[],
    tools: readonly Tool[],
  ): Promise<readonly Message[]> | readonly Message[];
  /** @returns Null if it has nothing to say. */
  afterModelCall(
    context: FeatureContext,
    reply: ModelReply,
    attempt: ModelAttempt,
  ): Promise<Reviewed<ModelReply>> | null;
  /** @returns Whether to ask again, and what; null if it has nothing to say. Must not throw. */
  modelFailed(
    context: FeatureContext,
    error: unknown,
    attempt: FailedAttempt,
  ): Promise<RetryRequest> | null;
}

export interface ModelAttempt {
  readonly messages: readonly Message[];
  readonly attempt: number;
  readonly span: CallSpan | null;
}

/** What is to become of a model call that failed. */
export interface RetryRequest {
  readonly retry: boolean;
  /** What to tell the model from now on, for this call only. */
  readonly messages: readonly Message[];
}

export interface FailedAttempt extends ModelAttempt {
  /** Whether a part of the answer was streamed before. */
  readonly brokeOff: boolean;
}

/** A span on the bus that the user's code is called in. */
export interface CallSpan {
  readonly id: string;
  readonly inside: SnapshotRun;
}

export interface Reviewed<T> {
  readonly value: T;
  readonly retry: boolean;
  readonly failure: Failure;
}

/** What ends the run, once everything that has begun is complete; null if nothing does. */
export type Failure = { readonly error: unknown } | null;

export interface ToolPoints {
  /** @returns What is to become of it; null for what the model asked for. */
  beforeToolCall(context: FeatureContext, call: SeenCall): Promise<CallRequest> | null;
  /**
   * How the call is settled without its tool, or the key under which equal calls share an outcome. Asked when the
   * arguments have passed; the first one counts.
   *
   * @param earlier The calls before it in its turn.
   */
  settle(
    context: FeatureContext,
    call: SeenCall & { readonly tool: Tool },
    earlier: readonly SeenCall[],
  ): ToolOutcome | { readonly key: string } | null;
  /** After each time that the body ran. @returns Null if it has nothing to say. */
  afterToolCall(
    context: FeatureContext,
    call: SeenCall,
    outcome: ToolOutcome,
    attempt: number,
  ): Promise<Reviewed<Pick<ToolOutcome, "result" | "error">>> | null;
  /** Keeps a long result elsewhere; null to have it cut. Must not throw. */
  keepResult(
    context: FeatureContext,
    call: SeenCall,
    outcome: ToolOutcome,
  ): Promise<ToolOutcome | null>;
  /** Just before `tool_complete`. @param key What `settle()` gave; null if nothing. */
  toolCompleted(
    context: FeatureContext,
    call: SeenCall,
    outcome: ToolOutcome,
    key: string | null,
  ): void;
}

export interface SeenCall {
  readonly call: ToolCall;
  /** Validated, with defaults; as the model or a hook wrote them if they are not valid. */
  readonly args: Arguments;
  /** Undefined if there is none of that name. */
  readonly tool: Tool | undefined;
  /** Null if nobody watches. */
  readonly span: CallSpan | null;
}

export interface CallRequest {
  /** It is not made, and the model is told this in place of a result; null if it is made. */
  readonly cancel: string | null;
  /** What it is made with; null for what the model wrote. */
  readonly arguments: Arguments | null;
  /** What a person is asked before. */
  readonly question: Question | null;
}

export interface StoredPart {
  /** Plain JSON; undefined for nothing to keep. */
  save(): unknown;
  /**
   * Goes on with what was kept.
   *
   * @param data Undefined if nothing was.
   * @param executions All calls of the thread that are over, those of the turn that waits included.
   * @throws If `data` is not what `save()` returned.
   */
  load(data: unknown, executions: readonly Remembered[]): void;
  /**
   * A new run begins with the conversation of its thread: takes over what the last one kept. Most features begin anew.
   *
   * @param data Not checked; what cannot be read is left alone.
   */
  carryOver(data: unknown, messages: readonly Message[]): void;
}

/** A tool call that is over, as it is kept. */
export type Remembered = Pick<
  ToolExecution,
  | "tool_name"
  | "arguments"
  | "result"
  | "error"
  | "duration_ms"
  | "idempotent_cache_hit"
  | "cancelled"
>;

/** What a feature may touch of its run. One object for each segment, handed to every point. */
export interface FeatureContext {
  readonly state: AgentState;
  /** The tool calls of this run that are over, without those that its thread had before. */
  readonly executions: readonly ToolExecution[];
  readonly signal: AbortSignal;
  /** Its span on the bus, and the run as seen from inside of it; null if nobody watches. */
  readonly span: { readonly id: string; readonly run: Run } | null;
  /** For judges that name no model of their own. */
  readonly auxiliaryModel: ChatModel;
  append(...messages: Message[]): void;
  update(changes: FeatureChanges): void;
  /** One more call of the agent's model, with events and hooks, without tools. */
  callModel(format?: ResponseFormat): Steps<ModelResponse>;
  /** One call beside the conversation: its tokens count, and it is not an event of the run. */
  ask(model: ChatModel, question: SideQuestion, format?: ResponseFormat): Promise<string>;
  /** Notes that the user's code threw this: if it ends the run, the bus is told so. */
  blameHook(error: unknown): void;
}

export type FeatureChanges = Partial<
  Pick<AgentState, "confidence" | "reasoning_steps" | "errors" | "metadata">
>;

export interface SideQuestion {
  readonly instruction: string;
  /** The material to work on. Treat it as data, never as instructions. */
  readonly text: string;
}

const POINTS = [
  ...["start", "turnStart", "responded", "acted", "ending"] as const,
  ...["beforeModelCall", "afterModelCall", "modelFailed"] as const,
  ...["beforeToolCall", "settle", "afterToolCall", "keepResult", "toolCompleted"] as const,
  // Last ones first.
  ...["turnEnd", "end"] as const,
] satisfies readonly (keyof Feature)[];

type Point = typeof POINTS[number];

export type FeatureList =
  & { readonly [P in Point]: readonly (Feature & Required<Pick<Feature, P>>)[] }
  & {
    readonly all: readonly Feature[];
    readonly maxModelAttempts: number;
    readonly requiresFullResponse: boolean;
  };

export function featureList(all: readonly Feature[]): FeatureList {
  const lists = POINTS.map((point) => {
    const having = all.filter((feature) => feature[point] !== undefined);
    return [point, point === "turnEnd" || point === "end" ? having.reverse() : having];
  });
  return {
    ...Object.fromEntries(lists) as Pick<FeatureList, Point>,
    all,
    maxModelAttempts: Math.max(5, ...all.map((feature) => feature.maxModelAttempts ?? 0)),
    requiresFullResponse: all.some((feature) => feature.requiresFullResponse === true),
  };
}
