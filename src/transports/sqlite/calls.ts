import type { Producer } from "../../core/bus/bus.ts";
import { closedError } from "../remote/waiting.ts";
import type { Disk } from "./disk.ts";
import { type AppendWork, bytesOf, type ClaimWork, type NewEvent } from "./work.ts";

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
    const call = { ...CALL, kind: "append", runId, events, producer, fencedBy: 0 } as const;
    return this.#call<AppendWork>((settle) => ({ ...call, answer: null, settle }), signal);
  }

  claim(runId: string, producerId: string): Promise<ClaimWork> {
    const call = { ...CALL, kind: "claim", runId, producerId } as const;
    return this.#call<ClaimWork>((settle) => ({ ...call, events: [], answer: null, settle }));
  }

  /** Stores events of a recording, after so many that are missing from it. */
  async import(runId: string, lost: number, events: NewEvent[]): Promise<void> {
    if (lost > 0 && this.#disk.refusal === null) {
      this.#disk.push({ kind: "lost", runId, count: lost, state: null, seq: 0, order: 0 });
    }
    const { answer } = await this.append(runId, events, null);
    if (answer === "closed") throw new Error(`Cannot store in run "${runId}": it is closed`);
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
