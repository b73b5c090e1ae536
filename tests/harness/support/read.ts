import type { StreamEvent, Subscription } from "@locus/core";

/** An event of any type, as tests look at it. */
export interface AnyEvent {
  event_id: string;
  run_id: string;
  event_type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

/** Everything that a subscription delivers until it ends. */
export async function readAll(subscription: Subscription<StreamEvent>): Promise<AnyEvent[]> {
  const events: AnyEvent[] = [];
  for await (const event of subscription) events.push(event as AnyEvent);
  return events;
}

/** The next `count` events; the subscription stays usable. */
export async function readSome(
  subscription: Subscription<StreamEvent>,
  count: number,
): Promise<AnyEvent[]> {
  const events: AnyEvent[] = [];
  const iterator = subscription.values({ preventCancel: true });
  while (events.length < count) {
    const { value, done } = await iterator.next();
    if (done) break;
    events.push(value as AnyEvent);
  }
  await iterator.return?.();
  return events;
}

/** Numbers of the payloads `{ n }`, with gaps as `gap:<reason> <from>-<to>`. */
export function summarize(events: readonly AnyEvent[]): (number | string)[] {
  return events.map(({ event_type, data }) =>
    event_type === "bus.gap"
      ? `gap:${data.reason} ${data.from_seq}-${data.to_seq}`
      : data.n as number
  );
}
