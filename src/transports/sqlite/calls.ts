import type { Producer } from "../../core/bus/bus.ts";
import { closedError } from "../remote/waiting.ts";
import type { Disk } from "./disk.ts";
import { type AppendWork, bytesOf, type ClaimWork, type LostWork, type NewEvent } from "./work.ts";

/** What is stored while its caller waits for the answer: `append()`, `claim()`, and what is imported. */
export class Calls {
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  append(
    runId: string,
    events: NewEvent[],
    producer: Required<Producer> | null,
    signal?: AbortSignal,
  ): Promise<AppendWork> {
    const call = { ...APPEND, runId, events, producer } as const;
    return this.#call<AppendWork>((settle) => ({ ...call, answer: null, settle }), signal);
  }

  claim(runId: string, producerId: string): Promise<ClaimWork> {
    const call = { ...CALL, kind: "claim", runId, producerId } as const;
    return this.#call<ClaimWork>((settle) => ({ ...call, events: [], answer: null, settle }));
  }

  /**
   * Stores events of a recording, after so many that are missing from it, if the run stands at `after`, or there is none if
   * that is 0. Where it stands then; null if somebody else has the run.
   */
  async import(
    importing: number,
    runId: string,
    after: number,
    count: number,
    events: NewEvent[],
  ): Promise<number | null> {
    // What is told to be missing may be any number, and no event may get one that is not exact.
    count = Math.min(count, Math.max(0, MAX_TOLD_SEQ - after));
    const lost: LostWork = { kind: "lost", runId, count, state: null, seq: after, order: 0 };
    const call = { ...APPEND, runId, events, producer: null } as const;
    const { answer } = await this.#call<AppendWork>((settle) => ({
      ...call,
      recorded: { importing, after, lost },
      answer: null,
      settle,
    }));
    return answer === "stored" ? events.at(-1)?.seq ?? lost.seq : null;
  }

  /** Leaves a call, and waits until it is answered. */
  #call<W extends AppendWork | ClaimWork>(
    make: (settle: (error?: unknown) => void) => W,
    signal?: AbortSignal,
  ): Promise<W> {
    return new Promise((resolve, reject) => {
      const disk = this.#disk;
      const settle = (error?: unknown) => {
        signal?.removeEventListener("abort", giveUp);
        if (error === undefined) resolve(work);
        else reject(error);
      };
      const giveUp = () => {
        work.isGivenUp = true;
        settle(signal!.reason);
      };
      const work = make(settle);
      if (disk.isClosed) return reject(closedError());
      const why = disk.refusal ?? (disk.hasRoom(bytesOf(work)) ? null : FULL);
      if (why !== null) return reject(new Error(`Cannot store in run "${work.runId}": ${why}`));
      signal?.addEventListener("abort", giveUp);
      disk.push(work);
      disk.keepAlive();
    });
  }
}

export const FULL = "too much waits to be stored";
const CALL = { state: null, isGivenUp: false } as const;
const APPEND = { ...CALL, kind: "append", fencedBy: 0, recorded: null } as const;
// Leaves as many numbers again for events.
const MAX_TOLD_SEQ = 2 ** 52;
