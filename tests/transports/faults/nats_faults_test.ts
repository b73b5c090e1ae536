import { test } from "node:test";
import { requires } from "../../harness/support/requires.ts";
import { isPlaying, playMany } from "./play_many.ts";
import { natsWorlds } from "./worlds/nats.ts";

test(
  "Whatever happens to processes that share a NATS, readers get every event, or are told",
  { ...await requires("nats-server"), ...isPlaying() },
  () => playMany("NATS", natsWorlds, { seconds: 45, schedules: 40 }),
);
