import { EventBus } from "@locus/core";
import { natsBus } from "@locus/core/transports/nats";
import { redisBus } from "@locus/core/transports/redis";
import { sqliteBus } from "@locus/core/transports/sqlite";
import { createClient } from "redis";
import { mistakes, noOptions, PROMISE, wrong } from "./_mistakes.ts";

noOptions("redisBus()", (o) => redisBus(o));
noOptions("natsBus()", (o) => natsBus(o));
noOptions("sqliteBus()", (o) => sqliteBus(o));

const client = { sendCommand: () => Promise.resolve(null), duplicate: () => client, isOpen: true };
const options = { client: client as never };
mistakes("redisBus()", [
  ["nothing", () => redisBus(wrong(undefined)), "options must be an object, got undefined"],
  ["a client", () => redisBus(wrong(client)), "did you mean { client }?"],
  ["a client of redis", () => redisBus(wrong(createClient())), "did you mean { client }?"],
  ["a URL", () => redisBus(wrong("redis://localhost")), 'got "redis://localhost"'],
  ["no client", () => redisBus(wrong({})), '"client" must be'],
  ["a URL as client", () => redisBus({ client: wrong("redis://localhost") }), '"client" must be'],
  ["a promise", () => redisBus({ client: wrong(Promise.resolve(client)) }), PROMISE],
  [
    "a closed client",
    () => redisBus({ client: createClient() as never }),
    "await client.connect()",
  ],
  ["a bus", () => redisBus({ client: wrong(new EventBus()) }), "got an event bus"],
  ["a number as prefix", () => redisBus({ ...options, prefix: wrong(5) }), '"prefix" must be'],
  ["a space", () => redisBus({ ...options, prefix: "a b" }), '"prefix" must be'],
  ["no time", () => redisBus({ ...options, retentionMs: 0 }), '"retentionMs" must be'],
  ["no events", () => redisBus({ ...options, historyPerRun: 0 }), '"historyPerRun" must be'],
  ["a text", () => redisBus({ ...options, maxPendingEvents: wrong("1") }), 'got "1"'],
]);

const connection = {
  publish() {},
  request: () => Promise.reject(new Error("no")),
  subscribe: () => ({ unsubscribe() {} }),
  flush: () => Promise.resolve(),
  isClosed: () => true,
  closed: () => new Promise(() => {}),
  status: async function* () {},
  drain: () => Promise.resolve(),
};
mistakes("natsBus()", [
  ["nothing", () => natsBus(wrong(undefined)), "options must be an object, got undefined"],
  ["a connection", () => natsBus(wrong(connection)), "did you mean { connection }?"],
  ["an address", () => natsBus(wrong("nats://localhost")), 'got "nats://localhost"'],
  ["no connection", () => natsBus(wrong({})), '"connection" must be'],
  ["a promise", () => natsBus({ connection: wrong(Promise.resolve()) }), PROMISE],
  ["a closed one", () => natsBus({ connection: connection as never }), "got one that was closed"],
  ["a wrong storage", () => natsBus(wrong({ connection, storage: "disk" })), '"storage" must be'],
  ["a dot", () => natsBus(wrong({ connection, prefix: "a.b" })), '"prefix" must be'],
  ["a bus", () => natsBus({ connection: wrong(new EventBus()) }), "got an event bus"],
]);

const file = { path: ":memory:" };
mistakes("sqliteBus()", [
  ["nothing", () => sqliteBus(wrong(undefined)), "options must be an object, got undefined"],
  ["a path alone", () => sqliteBus(wrong("runs.db")), 'got "runs.db"'],
  ["no path", () => sqliteBus({}), '"path" must be the path of a file, got undefined'],
  ["an empty path", () => sqliteBus({ path: "" }), '"path" must be the path of a file, got ""'],
  ["a URL", () => sqliteBus({ path: wrong(new URL("file:///runs.db")) }), '"path" must be'],
  ["both", () => sqliteBus({ ...file, database: wrong({}) }), 'give "path" or "database"'],
  ["a bus", () => sqliteBus({ database: wrong(new EventBus()) }), "got an event bus"],
  ["a word", () => sqliteBus({ ...file, synchronous: wrong("off") }), '"normal" or "full"'],
  ["no time", () => sqliteBus({ ...file, retentionMs: 0 }), '"retentionMs" must be'],
  ["no room", () => sqliteBus({ ...file, maxStoredBytes: 0 }), '"maxStoredBytes" must be'],
  ["a text", () => sqliteBus({ ...file, maxPendingEvents: wrong("1") }), 'got "1"'],
]);
