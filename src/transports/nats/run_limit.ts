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
export function limitRuns(
  { stream, subjects, maxRuns, isWatched, onEvicted, onFailure }: RunLimitOptions,
): { begun(): void } {
  let candidates: Candidate[] = [];
  let uses = 0;
  let isSweeping = false;
  let sweepAgain = false;
  return {
    begun() {
      sweepAgain = true;
      if (!isSweeping) void sweep();
    },
  };

  async function sweep(): Promise<void> {
    isSweeping = true;
    try {
      while (sweepAgain) {
        sweepAgain = false;
        await makeRoom();
      }
    } catch (error) {
      // The next run that begins is another occasion.
      onFailure(error);
    }
    isSweeping = false;
  }

  async function makeRoom(): Promise<void> {
    let excess = await stream.countRuns() - maxRuns;
    while (excess > 0) {
      const victim = await choose();
      if (victim === null) return;
      if (await stream.purge(victim.runId, victim.seq + 1) > 0) {
        await stream.forgetKept(victim.runId);
        onEvicted(victim.runId);
        excess--;
      } else excess = await stream.countRuns() - maxRuns;
    }
  }

  async function choose(): Promise<Candidate | null> {
    if (uses++ >= MAX_USES) candidates = [];
    let isFresh = false;
    const watched: Candidate[] = [];
    while (true) {
      const candidate = candidates.shift();
      if (candidate === undefined) {
        // Of an old list others may have taken all but those that are watched.
        if (isFresh) break;
        watched.length = 0;
        await list();
        isFresh = true;
        continue;
      }
      // Something happened to it since.
      if ((await stream.last(candidate.runId))?.seq !== candidate.seq) continue;
      if (!await isWatched(candidate.runId)) {
        // Their turn may come.
        candidates.push(...watched);
        return candidate;
      }
      watched.push(candidate);
    }
    return await stream.countRuns() > maxRuns ? watched[0] ?? null : null;
  }

  async function list(): Promise<void> {
    const found: Candidate[] = [];
    await stream.scan({ runId: null, from: "last of each", to: 0 }, ({ subject, seq, data }) => {
      const runId = subjects.runIdOf(subject);
      if (runId === null) return;
      const closed = readMessage(data, seq)?.state.closed ?? true;
      // They come in the order of their numbers.
      if (found.length < MAX_CANDIDATES) found.push({ runId, seq, closed });
    });
    candidates = found.sort((a, b) => Number(b.closed) - Number(a.closed) || a.seq - b.seq);
    uses = 1;
  }
}
