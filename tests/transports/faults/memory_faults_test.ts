import { test } from "node:test";
import { isPlaying, playMany } from "./play_many.ts";
import { createMemoryWorld } from "./worlds/memory.ts";

test(
  "Whatever happens to processes on an engine in memory, readers get every event, or are told",
  isPlaying(),
  async () => {
    const worlds = { create: createMemoryWorld, stop: () => Promise.resolve() };
    await playMany("memory", () => Promise.resolve(worlds), {
      seconds: 15,
      schedules: 4000,
      found: [1035528644, 1055701186, 106176, 308525815, 514039],
      isVirtual: true,
    });
  },
);
