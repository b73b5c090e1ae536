import { readMessage } from "./message.ts";
import type { RunStream } from "./stream.ts";
import type { Subjects } from "./subjects.ts";

export interface RunLimitOptions {
  readonly stream: RunStream;
  readonly subjects: Subjects;
  readonly maxRuns: number;
  readonly isWatched: (runId: string) => Promise<boolean>;
  readonly onEvicted: (runId: string) => void;
  readonly onFailure: (error: unknown) => void;
}

interface Candidate {
  readonly runId: string;
  /** The stream's number of its last message: the higher, the later something happened. */
  readonly seq: number;
  readonly closed: boolean;
}

// A list of the runs is used that often, because making it reads a message of each.
const MAX_USES = 32;
const MAX_CANDIDATES = 1_000;

/**
 * Keeps the number of runs within its bound: closed ones go first, then the least recently published; one that
 * is watched only if no other can go. Each process that begins runs does so. Several that do so at the same
 * time may between them forget a few runs too many, never too few for long.
 */
export class RunLimit {
  readonly #options: RunLimitOptions;
  #candidates: Candidate[] = [];
  #uses = 0;
  #isSweeping = false;
  #sweepAgain = false;

  constructor(options: RunLimitOptions) {
    this.#options = options;
  }

  begun(): void {
    this.#sweepAgain = true;
    if (!this.#isSweeping) void this.#sweep();
  }

  async #sweep(): Promise<void> {
    this.#isSweeping = true;
    try {
      while (this.#sweepAgain) {
        this.#sweepAgain = false;
        await this.#makeRoom();
      }
    } catch (error) {
      // The next run that begins is another occasion.
      this.#options.onFailure(error);
    }
    this.#isSweeping = false;
  }

  async #makeRoom(): Promise<void> {
    const { stream, maxRuns, onEvicted } = this.#options;
    let excess = await stream.countRuns() - maxRuns;
    while (excess > 0) {
      const victim = await this.#choose();
      if (victim === null) return;
      if (await stream.purge(victim.runId, victim.seq + 1) > 0) {
        await stream.forgetKept(victim.runId);
        onEvicted(victim.runId);
        excess--;
      } else excess = await stream.countRuns() - maxRuns;
    }
  }

  async #choose(): Promise<Candidate | null> {
    const { stream, isWatched, maxRuns } = this.#options;
    if (this.#uses++ >= MAX_USES) this.#candidates = [];
    let isFresh = false;
    const watched: Candidate[] = [];
    while (true) {
      const candidate = this.#candidates.shift();
      if (candidate === undefined) {
        // Of an old list others may have taken all but those that are watched.
        if (isFresh) break;
        watched.length = 0;
        await this.#list();
        isFresh = true;
        continue;
      }
      // Something happened to it since.
      if ((await stream.last(candidate.runId))?.seq !== candidate.seq) continue;
      if (!await isWatched(candidate.runId)) {
        // Their turn may come.
        this.#candidates.push(...watched);
        return candidate;
      }
      watched.push(candidate);
    }
    return await stream.countRuns() > maxRuns ? watched[0] ?? null : null;
  }

  async #list(): Promise<void> {
    const { stream, subjects } = this.#options;
    const found: Candidate[] = [];
    await stream.scan({ runId: null, from: "last of each", to: 0 }, ({ subject, seq, data }) => {
      const runId = subjects.runIdOf(subject);
      if (runId === null) return;
      const closed = readMessage(data, seq)?.state.closed ?? true;
      // They come in the order of their numbers.
      if (found.length < MAX_CANDIDATES) found.push({ runId, seq, closed });
    });
    this.#candidates = found.sort((a, b) => Number(b.closed) - Number(a.closed) || a.seq - b.seq);
    this.#uses = 1;
  }
}
