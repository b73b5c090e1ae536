/** What a thread waits for. */
export interface Waiting {
  /** The ids of its questions. */
  readonly questions: string[];
  /** Where its graphs stood, by their namespaces. */
  readonly places: Set<string>;
}

/** The threads that wait for a person: the newest of them. LangGraph knows a run that goes on by its thread only. */
const threads = new Map<string, Waiting>();

/** What a thread waits for, noted from now on. */
export function noteThread(threadId: string): Waiting {
  const waiting = threads.get(threadId) ?? { questions: [], places: new Set() };
  threads.set(threadId, waiting);
  if (threads.size > MAX_THREADS) threads.delete(threads.keys().next().value!);
  return waiting;
}

/** What a thread waited for until now. */
export function takeThread(threadId: string | undefined): Waiting | undefined {
  const waiting = threads.get(threadId ?? "");
  threads.delete(threadId ?? "");
  return waiting;
}

const MAX_THREADS = 1_000;
