import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { openEnds, takeBus } from "../../examples/demo/bus.ts";

test("takeBus() takes `--bus <kind>` out of the words", () => {
  assertEquals(takeBus(["a", "--bus", "redis", "b"]), { kind: "redis", rest: ["a", "b"] });
  assertEquals(takeBus(["a"]), { kind: "memory", rest: ["a"] });
});

test("openEnds() says which kinds there are", async () => {
  await assertRejects(() => openEnds("constructor"), Error, "one of: memory, redis, nats");
  await assertRejects(() => openEnds(""), Error, "one of: memory, redis, nats");
});
