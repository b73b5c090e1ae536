/**
 * The peers of publishing, each with a history of 500 events, and our own ways to publish.
 *
 * @module
 */
import { EventEmitter } from "node:events";
import { createPubSub } from "@graphql-yoga/subscription";
import { EventBus, runContext } from "@locus/core";
import Emittery from "emittery";
import { createNanoEvents } from "nanoevents";
import { ReplaySubject } from "rxjs";
import { createMitt } from "./carriers.ts";
import { EVENT_TYPE, makeEvent, makePayload, type PeerEvent, RUN_ID } from "./event.ts";

/** Publishes, and knows what it has kept. */
export interface Publisher {
  /** Makes the event `n` and publishes it. */
  publish(n: number): unknown;
  /** The numbers of the events that are kept, oldest first. */
  kept(): number[];
}

/** How many events are kept. */
export const KEPT = 500;

export function locusPublish(): Publisher {
  const bus = new EventBus();
  return {
    publish: (n) => bus.publish({ run_id: RUN_ID, event_type: EVENT_TYPE, data: makePayload(n) }),
    kept: () => keptBy(bus),
  };
}

export function locusWriter(): Publisher {
  const bus = new EventBus();
  const writer = bus.writer(RUN_ID);
  return {
    publish: (n) => writer.write(EVENT_TYPE, makePayload(n)),
    kept: () => keptBy(bus),
  };
}

/** What `emit` does once it has found the run. */
export function locusRun(): Publisher {
  const bus = new EventBus();
  return {
    publish: runContext(
      { runId: RUN_ID, bus },
      (run) => (n: number) => run.emit(EVENT_TYPE, makePayload(n)),
    ),
    kept: () => keptBy(bus),
  };
}

function keptBy(bus: EventBus): number[] {
  return bus.history({ run: RUN_ID, type: EVENT_TYPE }, { limit: 2 * KEPT })
    .map(({ data }) => data.n as number)
    .reverse();
}

/** Not a bus: what all of them pay for the event itself. It keeps one in a slot of a ring. */
export function makeOnly(): Publisher {
  const ring: PeerEvent[] = Array.from({ length: KEPT }, (_, n) => makeEvent(n));
  let at = 0;
  return {
    publish(n) {
      ring[at] = makeEvent(n);
      at = at === KEPT - 1 ? 0 : at + 1;
    },
    kept: () => [...ring.slice(at), ...ring.slice(0, at)].map(({ data }) => data.n),
  };
}

/** Not a bus either: the history that most peers lack. */
export function historyOnly(): Publisher {
  const history = new History();
  return {
    publish: (n) => history.push(makeEvent(n)),
    kept: () => history.kept(),
  };
}

export function eventEmitter(make: (n: number) => PeerEvent): Publisher {
  const emitter = new EventEmitter();
  const history = new History();
  return {
    publish: (n) => emitter.emit(EVENT_TYPE, history.push(make(n))),
    kept: () => history.kept(),
  };
}

export function mittEmitter(): Publisher {
  const emitter = createMitt<{ [EVENT_TYPE]: PeerEvent }>();
  const history = new History();
  return {
    publish: (n) => emitter.emit(EVENT_TYPE, history.push(makeEvent(n))),
    kept: () => history.kept(),
  };
}

export function nanoEvents(): Publisher {
  const emitter = createNanoEvents<{ [EVENT_TYPE]: (event: PeerEvent) => void }>();
  const history = new History();
  return {
    publish: (n) => emitter.emit(EVENT_TYPE, history.push(makeEvent(n))),
    kept: () => history.kept(),
  };
}

export function replaySubject(make: (n: number) => PeerEvent): Publisher {
  const replay = new ReplaySubject<PeerEvent>(KEPT);
  return {
    publish: (n) => replay.next(make(n)),
    kept() {
      const numbers: number[] = [];
      replay.subscribe(({ data }) => void numbers.push(data.n)).unsubscribe();
      return numbers;
    },
  };
}

export function pubSub(): Publisher {
  const bus = createPubSub<{ [EVENT_TYPE]: [PeerEvent] }>();
  const history = new History();
  return {
    publish: (n) => bus.publish(EVENT_TYPE, history.push(makeEvent(n))),
    kept: () => history.kept(),
  };
}

/** The one that is awaited: its `emit` is a promise, and a loop without pauses would pile them up. */
export function emittery(): Publisher {
  const emitter = new Emittery<{ [EVENT_TYPE]: PeerEvent }>();
  const history = new History();
  return {
    publish: (n) => emitter.emit(EVENT_TYPE, history.push(makeEvent(n))),
    kept: () => history.kept(),
  };
}

/** The history that one adds to an emitter. */
class History {
  readonly events: PeerEvent[] = [];

  push(event: PeerEvent): PeerEvent {
    this.events.push(event);
    if (this.events.length > KEPT) this.events.shift();
    return event;
  }

  kept(): number[] {
    return this.events.map(({ data }) => data.n);
  }
}

let lastTime = NaN;
let lastText = "";

/** An event as ours is once it is read: frozen, with a text for an id and a date that is a text. */
export function makeFullEvent(n: number): PeerEvent {
  const time = Date.now();
  if (time !== lastTime) {
    lastText = new Date(time).toISOString();
    lastTime = time;
  }
  return Object.freeze({
    event_id: `4k2jd93xa-${n + 1}`,
    run_id: RUN_ID,
    event_type: EVENT_TYPE,
    timestamp: lastText,
    data: Object.freeze(makePayload(n)),
  });
}
