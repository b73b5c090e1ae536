/**
 * Teams whose process dies at each operation of its storage in turn: another process goes on, comes to the same, and asks nobody
 * again whose answer was stored.
 */

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { type Checkpointer, MemoryCheckpointer, type RecordStore } from "../../src/memory/mod.ts";
import { handoffs, orchestrator, swarm } from "../../src/team/mod.ts";
import { scriptedModel, type Turn } from "../../src/testing/mod.ts";
import { says } from "./_support.ts";

/** A team that is kept: begins, or goes on. @param asked Notes who is asked. */
type Make = (checkpointer: Checkpointer, asked: (who: string) => void) => {
  begin(): Promise<unknown>;
  recover(): Promise<unknown>;
};

const at = { threadId: "t" };
const teams: Record<string, Make> = {
  "an orchestrator": (checkpointer, asked) => {
    const specialists = ["a", "b"].map((id) => says(id, () => (asked(id), `${id} found it`)));
    let step = 0;
    const model = scriptedModel(({ prompt }) => {
      const text = JSON.stringify(prompt);
      const who = text.includes("Choose the")
        ? "route"
        : text.includes("Compare these")
        ? "compare"
        : "sum up";
      asked(who);
      return `${who} ${step++ < 0}`;
    });
    const team = orchestrator({ checkpointer, specialists, model });
    return {
      begin: async () => (await team.execute("x", at)).summary,
      recover: async () => (await team.recover(at)).summary,
    };
  },
  "handoffs": (checkpointer, asked) => {
    const agent = (name: string, turn: Turn) => ({
      name,
      model: scriptedModel(() => (asked(name), turn)),
    });
    const to = (target: string): Turn => ({ toolCalls: [{ toolName: `hand_off_to_${target}` }] });
    const desk = handoffs({
      checkpointer,
      agents: [agent("a", to("b")), agent("b", to("c")), agent("c", "c knows")],
    });
    return {
      begin: async () => (await desk.run("a", "x", at)).output,
      recover: async () => (await desk.recover(at)).output,
    };
  },
  "a swarm": (checkpointer, asked) => {
    const one = {
      id: "one",
      name: "one",
      model: scriptedModel(({ prompt }) => {
        const task = /Your task\\\\n(job \d)/.exec(JSON.stringify(prompt.at(-1)))![1]!;
        asked(task);
        return `${task} is done`;
      }),
    };
    const crew = swarm({ checkpointer, agents: [one] });
    const list = [1, 2, 3].map((n) => ({ description: `job ${n}` }));
    const outcome = (tasks: readonly { readonly status: string }[]) =>
      tasks.map(({ status }) => status);
    return {
      begin: async () => outcome((await crew.execute(list, at)).tasks),
      recover: async () => outcome((await crew.recover(at)).tasks),
    };
  },
};

/** A storage that ends with its process: nothing that it is asked from then on is answered. */
function dying(records: RecordStore, operations: number, died: () => void): RecordStore {
  let left = operations;
  const on = <T>(operation: () => Promise<T>): Promise<T> => {
    if (left-- > 0) return operation();
    died();
    return new Promise(() => {});
  };
  return {
    create: (key, value) => on(() => records.create(key, value)),
    get: (key) => on(() => records.get(key)),
    remove: (key) => on(() => records.remove(key)),
    keys: (prefix) => on(() => records.keys(prefix)),
  };
}

for (const [name, make] of Object.entries(teams)) {
  test(`${name} that dies at any operation of its storage goes on in another process`, async () => {
    const once: string[] = [];
    const expected = await make(new MemoryCheckpointer(), (who) => once.push(who)).begin();
    let deaths = 0;
    for (let operations = 1;; operations++) {
      const checkpointer = new MemoryCheckpointer();
      const records = await checkpointer.records("t");
      const asked: string[] = [];
      const dead = Promise.withResolvers<"dead">();
      const first = new MemoryCheckpointer();
      first.records = () => Promise.resolve(dying(records, operations, () => dead.resolve("dead")));
      // What a dead process still does is of no effect, and is not counted.
      const noted = [(who: string) => void asked.push(who)];
      const begun = make(first, (who) => noted[0]?.(who)).begin();
      const came = await Promise.race([begun, dead.promise]);
      noted.pop();
      if (came !== "dead") {
        assertEquals(came, expected);
        break;
      }
      deaths++;
      const team = make(checkpointer, (who) => asked.push(who));
      const isThere = (await records.keys("r-")).length > 0;
      const result = await (isThere ? team.recover() : team.begin());
      assertEquals(result, expected, `after ${operations} operations`);
      for (const who of once) {
        const times = asked.filter((one) => one === who).length;
        assert(times === 1 || times === 2, `${who} was asked ${times} times`);
      }
      const again = asked.length - once.length;
      assert(again >= 0 && again <= 2, `${again} were asked again`);
    }
    assert(deaths > 4, `${deaths} deaths`);
  });
}
