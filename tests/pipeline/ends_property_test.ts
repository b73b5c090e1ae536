/** Random pipelines whose stages fail, hang, ask and abort at random: what is said of them is always one whole tree. */

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import type { StreamEvent } from "../../mod.ts";
import {
  loop,
  parallel,
  type Pipeline,
  type PipelineResult,
  type PipelineRunOptions,
  sequential,
  type StageContext,
} from "../../src/pipeline/mod.ts";
import type { AnyEvent } from "../harness/support/read.ts";
import { foldSpans, openSpans } from "../harness/support/span_tree.ts";
import { fail, hang, thread, watch } from "./_support.ts";

/** What a stage does the first time; from the second time on it answers. */
type Deed = "answers" | "answers later" | "throws" | "hangs" | "asks" | "aborts";
type Shape = Deed | {
  readonly kind: "sequential" | "parallel" | "stop" | "loop";
  readonly of: Shape[];
};

const deed = fc.oneof(
  { weight: 4, arbitrary: fc.constant("answers" as const) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Deed>("answers later", "throws", "hangs", "asks", "aborts"),
  },
);

const { root } = fc.letrec<{ root: Shape; shape: Shape }>((tie) => ({
  shape: fc.oneof({ maxDepth: 3, withCrossShrink: true }, deed, tie("root")),
  root: fc.record({
    kind: fc.constantFrom(
      "sequential" as const,
      "parallel" as const,
      "stop" as const,
      "loop" as const,
    ),
    of: fc.array(tie("shape"), { minLength: 1, maxLength: 3 }),
  }),
}));

/** A pipeline of a shape, with the spans that its stages were called in. */
class Scene {
  readonly calls: unknown[] = [];
  stop: AbortController = new AbortController();

  make(shape: Shape): Pipeline<string, string> | ((input: string, ctx: StageContext) => unknown) {
    if (typeof shape === "string") return this.#stage(shape);
    const of = shape.of.map((inner) => {
      const made = this.make(inner) as Pipeline<string, string>;
      return inner === "hangs" ? { stage: made, timeoutMs: 1 } : made;
    });
    switch (shape.kind) {
      case "sequential":
        return sequential(of as [Pipeline<string, string>]);
      case "loop":
        return loop(of[0]!, (_, iteration) => iteration === 1, { maxLoops: 3 });
      default:
        return parallel(of, { stopOnError: shape.kind === "stop" });
    }
  }

  #stage(deed: Deed) {
    let isFirst = true;
    return async (_: string, ctx: StageContext) => {
      this.calls.push(ctx.span!.id);
      const does = isFirst || deed === "asks" || deed === "answers later" ? deed : "answers";
      isFirst = false;
      if (does === "answers later") await Promise.resolve();
      if (does === "throws") fail("x");
      if (does === "aborts") this.stop.abort();
      if (does === "hangs") await hang();
      if (does === "asks") ctx.interrupt("?");
      return "done";
    };
  }
}

/** How many calls of its stages have to finish: a loop takes two rounds. */
function callsOf(shape: Shape): number {
  if (typeof shape === "string") return 1;
  if (shape.kind === "loop") return 2 * callsOf(shape.of[0]!);
  return shape.of.reduce((sum, inner) => sum + callsOf(inner), 0);
}

/** The spans that have begun, and those of them whose work is done. */
function spansIn(events: readonly AnyEvent[]): { begun: unknown[]; finished: unknown[] } {
  const pairs = events.filter(({ event_type: type }) => /^(composition|span)\./.test(type));
  const idsOf = (phase: string, isWanted: (data: AnyEvent["data"]) => boolean) =>
    pairs.filter(({ event_type: type, data }) => type.endsWith(phase) && isWanted(data))
      .map(({ data }) => data.span_id);
  const statusOf = ({ status, attributes }: AnyEvent["data"]) =>
    status ?? (attributes as { status?: unknown } | undefined)?.status;
  return {
    begun: idsOf(".started", () => true),
    finished: idsOf(".completed", (data) => statusOf(data) === "completed"),
  };
}

test("whatever stages do, each span ends once, each call is said, and nothing that was finished is repeated", async () => {
  await fc.assert(
    fc.asyncProperty(root, async (shape) => {
      const scene = new Scene();
      const made = scene.make(shape) as Pipeline<string, string>;
      const t = thread();
      const said = { begun: [] as unknown[], finished: [] as unknown[] };
      let runs = 0;
      const go = async (
        fn: (options: PipelineRunOptions & { threadId: string }) => Promise<PipelineResult<string>>,
      ) => {
        scene.stop = new AbortController();
        const { result, events } = await told(
          `r${++runs}`,
          () => fn({ ...t, signal: scene.stop.signal }),
        );
        const open = openSpans(foldSpans(events));
        assertEquals(open.length, result.stop_reason === "interrupted" ? 1 : 0, `open: ${open}`);
        const { begun, finished } = spansIn(events);
        said.begun.push(...begun);
        said.finished.push(...finished);
        return result;
      };
      let result = await go((options) => made.execute("task", options));
      for (let nth = 0; nth < 100 && !result.success; nth++) {
        const answers = new Map(result.interrupts.map(({ id }) => [id, "yes"]));
        result = await go((options) =>
          answers.size > 0 ? made.resume(answers, options) : made.recover(options)
        );
      }
      assert(result.success, `${result.stop_reason}: ${result.error}`);
      const calls = new Set(scene.calls);
      assertEquals(calls.size, scene.calls.length);
      assertEquals(said.begun.filter((id) => calls.has(id)).length, calls.size);
      assertEquals(said.finished.filter((id) => calls.has(id)).length, callsOf(shape));
    }),
    { numRuns: 200 },
  );
});

/** What a call comes to, and what it says, in a run of its own, as it would be in another process. */
async function told<T>(
  runId: string,
  fn: () => Promise<T>,
): Promise<{ result: T; events: StreamEvent[] }> {
  let result: T;
  const events = await watch(async () => void (result = await fn()), undefined, runId);
  return { result: result!, events };
}
