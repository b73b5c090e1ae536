/**
 * The peers of delivery, and our own ways to deliver.
 *
 * @module
 */
import { EventEmitter, on, setMaxListeners } from "node:events";
import { createPubSub, type PubSubEventTarget } from "@graphql-yoga/subscription";
import { EventBus } from "@locus/core";
import Emittery from "emittery";
import mitt from "mitt";
import { createNanoEvents } from "nanoevents";
import { ReplaySubject } from "rxjs";
import type { Carrier, Line, Taker } from "./delivery.ts";
import { EVENT_TYPE, makeEvent, makePayload, type PeerEvent, RUN_ID } from "./event.ts";

export const locusIterator: Carrier = {
  subject: "Locus, for await",
  open: (takers) =>
    onBus((bus) =>
      takers.map(async (taker) => {
        for await (const event of bus.subscribe(RUN_ID)) taker.take(event);
      })
    ),
};

export const locusBatches: Carrier = {
  subject: "Locus, batches",
  open: (takers) =>
    onBus((bus) =>
      takers.map(async (taker) => {
        for await (const events of bus.subscribe(RUN_ID).batches()) {
          for (const event of events) taker.take(event);
        }
      })
    ),
};

export const locusHandlers: Carrier = {
  subject: "Locus, on",
  open: (takers) =>
    onBus((bus) => takers.map((taker) => void bus.on("*", take(taker), { run: RUN_ID }))),
};

/** The same with a selector that looks at every event's type. */
export const locusSelectingHandlers: Carrier = {
  subject: "Locus, on a type",
  open: (takers) =>
    onBus((bus) => takers.map((taker) => void bus.on(EVENT_TYPE, take(taker), { run: RUN_ID }))),
};

export const eventEmitter: Carrier = {
  subject: "EventEmitter",
  open(takers) {
    const emitter = new EventEmitter().setMaxListeners(0);
    for (const taker of takers) emitter.on(EVENT_TYPE, take(taker));
    return {
      publish: (n) => void emitter.emit(EVENT_TYPE, makeEvent(n)),
      close: () => emitter.removeAllListeners(),
    };
  },
};

export const mittEmitter: Carrier = {
  subject: "mitt",
  open(takers) {
    const emitter = createMitt<{ [EVENT_TYPE]: PeerEvent }>();
    for (const taker of takers) emitter.on(EVENT_TYPE, take(taker));
    return {
      publish: (n) => emitter.emit(EVENT_TYPE, makeEvent(n)),
      close: () => emitter.all.clear(),
    };
  },
};

export const nanoEvents: Carrier = {
  subject: "nanoevents",
  open(takers) {
    const emitter = createNanoEvents<{ [EVENT_TYPE]: (event: PeerEvent) => void }>();
    for (const taker of takers) emitter.on(EVENT_TYPE, take(taker));
    return {
      publish: (n) => emitter.emit(EVENT_TYPE, makeEvent(n)),
      close: () => emitter.events = {},
    };
  },
};

export const replaySubject: Carrier = {
  subject: "ReplaySubject(500)",
  open(takers) {
    const subject = new ReplaySubject<PeerEvent>(500);
    for (const taker of takers) subject.subscribe(take(taker));
    return {
      publish: (n) => subject.next(makeEvent(n)),
      close: () => subject.complete(),
    };
  },
};

export const emittery: Carrier = {
  subject: "emittery",
  open(takers) {
    const emitter = new Emittery<{ [EVENT_TYPE]: PeerEvent }>();
    for (const taker of takers) emitter.on(EVENT_TYPE, ({ data }) => taker.take(data));
    return {
      publish: (n) => void emitter.emit(EVENT_TYPE, makeEvent(n)),
      close: () => emitter.clearListeners(),
    };
  },
};

export const eventsOn: Carrier = {
  subject: "events.on",
  open(takers) {
    const emitter = new EventEmitter().setMaxListeners(0);
    const iterators = takers.map(() => on(emitter, EVENT_TYPE));
    const loops = takers.map(async (taker, i) => {
      for await (const [event] of iterators[i]!) taker.take(event);
    });
    return {
      publish: (n) => void emitter.emit(EVENT_TYPE, makeEvent(n)),
      async close() {
        for (const iterator of iterators) await iterator.return?.();
        await Promise.all(loops);
      },
    };
  },
};

export const streams: Carrier = {
  subject: "ReadableStream each",
  open(takers) {
    const controllers: ReadableStreamDefaultController<PeerEvent>[] = [];
    const loops = takers.map(async (taker) => {
      const stream = new ReadableStream<PeerEvent>({
        start: (controller) => void controllers.push(controller),
      });
      for await (const event of stream) taker.take(event);
    });
    return {
      publish(n) {
        const event = makeEvent(n);
        for (const controller of controllers) controller.enqueue(event);
      },
      close() {
        for (const controller of controllers) controller.close();
        return Promise.all(loops);
      },
    };
  },
};

export const pubSub: Carrier = {
  subject: "createPubSub",
  open(takers) {
    const eventTarget: PubSubEventTarget<{ [EVENT_TYPE]: [PeerEvent] }> = new EventTarget();
    // Node warns of the eleventh listener.
    setMaxListeners(0, eventTarget);
    const pubSub = createPubSub({ eventTarget });
    const repeaters = takers.map(() => pubSub.subscribe(EVENT_TYPE));
    const loops = takers.map(async (taker, i) => {
      for await (const event of repeaters[i]!) taker.take(event);
    });
    return {
      publish: (n) => pubSub.publish(EVENT_TYPE, makeEvent(n)),
      async close() {
        for (const repeater of repeaters) await repeater.return();
        await Promise.all(loops);
      },
    };
  },
};

/** mitt: its types say CommonJS, but what an import gets is the function itself. */
export const createMitt: typeof mitt.default = "default" in mitt ? mitt.default : mitt;

/** A line over a bus of our own, whose subscribers end when the run is closed. */
function onBus(subscribe: (bus: EventBus) => (Promise<void> | void)[]): Line {
  const bus = new EventBus();
  const loops = subscribe(bus);
  return {
    publish: (n) => bus.publish({ run_id: RUN_ID, event_type: EVENT_TYPE, data: makePayload(n) }),
    async close() {
      bus.closeStream(RUN_ID);
      await Promise.all(loops);
    },
  };
}

function take(taker: Taker): (event: { readonly data: unknown }) => void {
  return (event) => taker.take(event);
}
