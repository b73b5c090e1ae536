import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { abortable, deadline, delay } from "../../src/core/waits.ts";

const never = new Promise<never>(() => {});

/** A signal that counts who listens. */
function countedSignal() {
  const abort = new AbortController();
  const { signal } = abort;
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  Object.assign(signal, {
    addEventListener(...args: Parameters<typeof addEventListener>) {
      listeners++;
      addEventListener.apply(signal, args);
    },
    removeEventListener(...args: Parameters<typeof removeEventListener>) {
      listeners--;
      removeEventListener.apply(signal, args);
    },
  });
  return { abort, signal, listeners: () => listeners };
}

test("abortable() settles as its promise does, and leaves no listener", async () => {
  const { signal, listeners } = countedSignal();
  assertEquals(await abortable(Promise.resolve(1), signal), 1);
  await assertRejects(() => abortable(Promise.reject(new Error("no")), signal), Error, "no");
  assertEquals(listeners(), 0);
});

test("A5: abortable() takes promises of another realm", async () => {
  const foreign: PromiseLike<number> = { then: (ok, no) => Promise.resolve(1).then(ok, no) };
  assertEquals(await abortable(foreign, new AbortController().signal), 1);
});

test("abortable() rejects with the reason of the signal, before and while it waits", async () => {
  const reason = new Error("enough");
  await assertRejects(
    () => abortable(Promise.resolve(), AbortSignal.abort(reason)),
    Error,
    "enough",
  );
  const { abort, signal, listeners } = countedSignal();
  const waiting = abortable(never, signal);
  abort.abort(reason);
  await assertRejects(() => waiting, Error, "enough");
  assertEquals(listeners(), 0);
});

test("abortable() handles what its promise rejects with after the abort", async () => {
  const late = Promise.reject(new Error("too late"));
  await assertRejects(
    () => abortable(late, AbortSignal.abort(new Error("enough"))),
    Error,
    "enough",
  );
});

test("deadline() rejects with a TimeoutError, or settles as its promise does", async () => {
  const error = await assertRejects(() => deadline(never, 1), DOMException);
  assertEquals(error.name, "TimeoutError");
  assertEquals(await deadline(Promise.resolve(1), 60_000), 1);
  const { signal } = countedSignal();
  assertEquals(await deadline(Promise.resolve(1), 60_000, { signal }), 1);
});

test("delay() resolves after its time, takes any time, and rejects when aborted", async () => {
  await delay(1);
  const { abort, signal, listeners } = countedSignal();
  const waiting = delay(Infinity, { signal });
  abort.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  assertEquals(listeners(), 0);
});
