import { test } from "node:test";
import { requires } from "../../harness/support/requires.ts";
import { isPlaying, playMany } from "./play_many.ts";
import { redisWorlds } from "./worlds/redis.ts";

test(
  "Whatever happens to processes that share a Redis, readers get every event, or are told",
  { ...await requires("redis-server"), ...isPlaying() },
  () => playMany("Redis", redisWorlds, { seconds: 45, schedules: 120 }),
);
