/** What is sent: the type, and a payload with the mark by which clients count. */

export const TYPE = "bench.tick";

/** Stands once in each event, and nowhere else. */
export const MARK = "#";

export const PAYLOAD = { mark: MARK, text: "x".repeat(100) };

/** The run that an event belongs to. */
export function runOf(n: number, runs: number): string {
  return `r${n % runs}`;
}

/** An event as a peer sends it. */
export function eventOf(n: number, runs: number) {
  return {
    event_id: `bench-${n}`,
    run_id: runOf(n, runs),
    event_type: TYPE,
    timestamp: new Date().toISOString(),
    data: { n, ...PAYLOAD },
  };
}

/** The same, as bytes. */
export function frameOf(n: number, runs: number): Uint8Array {
  const event = eventOf(n, runs);
  const text = `id: ${event.event_id}\nevent: ${TYPE}\ndata: ${JSON.stringify(event)}\n\n`;
  return encoder.encode(text);
}

const encoder = new TextEncoder();
