import { createRemoteBus } from "../../create_remote_bus.ts";
import { MemoryEngine, type MemoryStore } from "../../memory_engine.ts";
import { PROCESSES } from "../schedule.ts";
import type { Process, World, WorldOptions } from "../world.ts";

/** Processes on an engine in memory. */
export function createMemoryWorld({ bounds, onError }: WorldOptions): Promise<World> {
  const { historyPerRun, maxQueueSize: maxOrder } = bounds;
  const beginsUnnamed = historyPerRun === 5;
  const engine = new MemoryEngine({ historyPerRun, maxOrder, beginsUnnamed, turn: answerTime });
  const buses = Array.from(
    { length: PROCESSES },
    (_, i) => createRemoteBus(engine, { ...bounds, onError: onError(i) }),
  );
  const stores = [...engine.stores];
  return Promise.resolve({
    processes: buses.map((bus, i): Process => ({ bus, ...linksOf(stores[i]!) })),
    wipe: () => Promise.resolve(engine.flush()),
    restart: () => Promise.resolve(engine.restart()),
    evict(run, what) {
      if (what === 3) engine.forgetOrder();
      else engine.evict(run, what === 0 ? "events" : "run");
      return Promise.resolve();
    },
    punch(run) {
      const events = engine.runs.get(run)?.events ?? [];
      events.splice(Math.floor(events.length / 2), 1);
      return Promise.resolve();
    },
    turn: () => pause(1),
    async end() {
      await Promise.all(buses.map((bus) => bus.end(100)));
    },
  });
}

/** Some answers take longer than others. */
function answerTime(): Promise<void> {
  return pause(2 * Math.random());
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function linksOf(store: MemoryStore): Omit<Process, "bus"> {
  return {
    cut(side) {
      if (side === "hears") store.reconnect();
      else store.failures++;
    },
    sever() {
      store.isSevered = true;
      store.hear("nothing");
    },
    lag: () => store.hear("late"),
    mend() {
      store.isSevered = false;
      store.mend();
    },
  };
}
