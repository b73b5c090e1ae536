import { MemoryCheckpointer, storageCheckpointer } from "@locus/core/memory";
import { mistakes, noOptions, PROMISE, wrong } from "./_mistakes.ts";

const storage = { getItem: () => null, setItem() {}, removeItem() {}, getKeys: () => [] };
const kept = new MemoryCheckpointer();
const snapshot = { kind: "graph", version: 1, data: {} } as const;

noOptions("MemoryCheckpointer", (o) => new MemoryCheckpointer(o));
mistakes("MemoryCheckpointer", [
  ["zero", () => new MemoryCheckpointer({ maxThreads: 0 }), '"maxThreads" must be'],
  ["a text", () => new MemoryCheckpointer({ maxThreads: wrong("5") }), 'got "5"'],
]);
noOptions("storageCheckpointer()", (o) => storageCheckpointer(storage as never, o));
mistakes("storageCheckpointer()", [
  ["nothing", () => storageCheckpointer(wrong(undefined)), "the storage must have getItem()"],
  ["null", () => storageCheckpointer(wrong(null)), "the storage must have getItem()"],
  ["a path", () => storageCheckpointer(wrong("./data")), "the storage must have getItem()"],
  ["a Map", () => storageCheckpointer(wrong(new Map())), "got a Map"],
  ["a promise", () => storageCheckpointer(wrong(Promise.resolve(storage))), PROMISE],
  ["the options", () => storageCheckpointer(wrong({ storage })), "the storage must have getItem()"],
  ["half of one", () => storageCheckpointer(wrong({ getItem() {} })), "must have setItem()"],
  [
    "a bad prefix",
    () => storageCheckpointer(storage as never, { prefix: "a b" }),
    '"prefix" must be',
  ],
  [
    "an empty prefix",
    () => storageCheckpointer(storage as never, { prefix: "" }),
    '"prefix" must be',
  ],
]);
mistakes("save()", [
  ["nothing", () => kept.save(wrong(undefined), "t"), "the snapshot must have"],
  ["data alone", () => kept.save(wrong({ step: 1 }), "t"), "the snapshot must have"],
  ["the thread first", () => kept.save(wrong("t"), wrong(snapshot)), "the snapshot must have"],
  ["no thread", () => kept.save(snapshot, wrong(undefined)), '"threadId" must be'],
  ["an empty thread", () => kept.save(snapshot, ""), '"threadId" must be'],
  ["a bad id", () => kept.save(snapshot, "t", { checkpointId: "a b" }), '"checkpointId" must be'],
  [
    "text as metadata",
    () => kept.save(snapshot, "t", { metadata: wrong("x") }),
    '"metadata" must be',
  ],
]);
noOptions("save()", (o) => kept.save(snapshot, "t", o));
noOptions("listCheckpoints()", (o) => kept.listCheckpoints("t", o));
mistakes("load()", [
  ["nothing", () => kept.load(wrong(undefined)), '"threadId" must be'],
  ["null", () => kept.load(wrong(null)), '"threadId" must be'],
  ["an object", () => kept.load(wrong({ threadId: "t" })), '"threadId" must be'],
  ["a number as id", () => kept.load("t", wrong(5)), '"checkpointId" must be'],
]);
mistakes("delete()", [
  ["nothing", () => kept.delete(wrong(undefined)), '"threadId" must be'],
  ["an empty id", () => kept.delete("t", ""), '"checkpointId" must be'],
]);
