import type { Off, StreamEvent } from "@locus/core";
import type { AnyEvent } from "../../harness/support/read.ts";
import type { HandlerKind, Op } from "./program.ts";
import type { Start } from "./reader.ts";

/** A handler, and what it was called with. */
export class Handler {
  readonly start: Start;
  readonly concurrency: number;
  readonly calls: AnyEvent[] = [];
  /** Ends the calls that are not finished, in the order in which they began. */
  readonly unfinished: ((fails: boolean) => void)[] = [];
  mostUnfinished = 0;
  hasLeft = false;
  off: Off = noOff;
  readonly #kind: HandlerKind;
  readonly #abort: AbortController;

  constructor(
    { concurrency, kind }: Extract<Op, { op: "on" }>,
    start: Start,
    abort: AbortController,
  ) {
    this.start = start;
    this.concurrency = concurrency;
    this.#kind = kind;
    this.#abort = abort;
  }

  get run(): number | null {
    return this.start.run;
  }

  readonly handle = (event: StreamEvent): unknown => {
    this.calls.push(event as AnyEvent);
    if (this.#kind === "throws") throw new Error("handler");
    if (this.#kind === "sync") return undefined;
    return new Promise<void>((resolve, reject) => {
      this.unfinished.push((fails) => fails ? reject(new Error("handler")) : resolve());
      this.mostUnfinished = Math.max(this.mostUnfinished, this.unfinished.length);
    });
  };

  readonly onGap = (gap: StreamEvent): void => void this.calls.push(gap as AnyEvent);

  finish(fails: boolean): void {
    this.unfinished.shift()?.(fails);
  }

  leave(how: Extract<Op, { op: "off" }>["how"]): void {
    this.hasLeft = true;
    if (how === "call") this.off();
    else if (how === "dispose") this.off[Symbol.dispose]();
    else this.#abort.abort();
  }
}

const noOff: Off = Object.assign(() => {}, { [Symbol.dispose]() {} });
