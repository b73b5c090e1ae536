import { checkRun, checkSignal } from "../core/checks.ts";
import { checkCount, checkOptions, describe } from "../core/options.ts";
import { randomHex } from "../core/random_hex.ts";
import { ambientRun } from "../core/run/run_context.ts";
import type { AnyRun } from "../core/run/run.ts";
import type { Definition, Values } from "./definition.ts";
import { openStream, type StreamSide } from "./engine/stream.ts";
import type {
  GraphResult,
  GraphRunOptions,
  GraphStream,
  GraphStreamMode,
  GraphStreamOptions,
} from "./types/graph.ts";

/** Options that name a thread. */
export type Thread<O> = O & { threadId: string };

/** A call of one of the methods. */
export interface Call<O = GraphRunOptions> {
  readonly owner: string;
  readonly options: O;
  /** The run that it belongs to, asked for while it is made. */
  readonly outer: AnyRun | undefined;
  readonly side?: StreamSide;
}

/** A call, where it is made. */
export function callOf<O extends GraphRunOptions>(owner: string, options: O): Call<O> {
  return { owner, options, outer: options?.run ?? ambientRun() };
}

/** A call that is read as it goes. */
export function openCall<O extends GraphStreamOptions>(
  owner: string,
  { mode = "values", ...options }: O,
  start: (call: Call<Omit<O, "mode">>) => Promise<GraphResult<Values>>,
): GraphStream<Values> {
  const call = callOf(owner, options);
  const modes = [mode].flat();
  return openStream(modes, options.signal, async (side) => {
    const unknown = modes.find((mode) => !MODES.includes(mode));
    if (unknown !== undefined) {
      throw new TypeError(
        `${owner}: "mode" must be of ${MODES.join(", ")}; got ${describe(unknown)}`,
      );
    }
    return await start({ ...call, options: { ...options, signal: side.signal }, side });
  });
}

/** @throws {TypeError} If an option is unknown or of the wrong type. */
export function readRunOptions(
  owner: string,
  options: GraphRunOptions,
  definition: Definition,
) {
  checkOptions(owner, options, RUN_OPTIONS);
  const { threadId = randomHex(16), checkpointer, save = "steps", keepCheckpoints, signal, run } =
    options;
  const { drain = { reason: null }, maxIterations = definition.maxIterations } = options;
  checkCount(owner, "maxIterations", maxIterations, 1);
  checkSignal(owner, signal);
  if (run !== undefined) checkRun(`${owner}: "run" must be`, run);
  if (!["steps", "behind", "waits"].includes(save)) {
    throw new TypeError(
      `${owner}: "save" must be "steps", "behind" or "waits", got ${describe(save)}`,
    );
  }
  if (keepCheckpoints !== undefined) checkCount(owner, "keepCheckpoints", keepCheckpoints, 1);
  if (checkpointer !== undefined && checkpointer.records === undefined) {
    throw new TypeError(
      `${owner}: "checkpointer" must have records(), got ${describe(checkpointer)}`,
    );
  }
  return { threadId, checkpointer, save, keepCheckpoints, signal, drain, maxIterations };
}

const RUN_OPTIONS = [
  "threadId",
  "checkpointer",
  "save",
  "keepCheckpoints",
  "signal",
  "drain",
  "maxIterations",
  "store",
  "run",
];
const MODES: readonly GraphStreamMode[] = ["values", "updates", "nodes", "debug", "custom"];
