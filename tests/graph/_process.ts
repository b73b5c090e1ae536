/**
 * A process that works on threads in a folder, and writes down what it does.
 *
 * @module
 */
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { channel, graph, START } from "../../src/graph/mod.ts";
import { sqliteStorage } from "../../src/transports/sqlite.ts";
import { type Checkpointer, storageCheckpointer } from "../../src/memory/mod.ts";

/** What threads are stored in; `claims` are files without an atomic `create`. */
export type StoreKind = "files" | "claims" | "sqlite";

/** What a process is to do. */
export interface Settings {
  readonly folder: string;
  readonly kind: StoreKind;
  readonly role: "step" | "answer";
}

/** How many threads wait for an answer. */
export const THREADS = 60;
/** The nodes of the step, and how many of them end before the process is killed. */
export const NODES = 20;
export const ENDED = 9;

/** Threads in a folder; nothing of it has to be closed before the process ends. */
export function threadsIn({ folder, kind }: Omit<Settings, "role">): Checkpointer {
  if (kind === "sqlite") {
    const storage = sqliteStorage({ path: join(folder, "threads.db") });
    const create = (key: string, value: string) => storage.compareAndSet(key, null, value);
    return storageCheckpointer(storage, { create });
  }
  const { create, ...storage } = fileStorage(folder);
  return storageCheckpointer(storage, kind === "files" ? { create } : {});
}

/** A storage of files, one a key; a file is there at once and whole. */
export function fileStorage(folder: string) {
  const path = (key: string) => join(folder, "store", encodeURIComponent(key));
  mkdirSync(join(folder, "store"), { recursive: true });
  let drafts = 0;
  const draft = (value: string) => {
    const name = join(folder, `draft-${process.pid}-${drafts++}`);
    writeFileSync(name, value);
    return name;
  };
  const quiet = <T>(fn: () => T): T | null => {
    try {
      return fn();
    } catch {
      return null;
    }
  };
  const create = (key: string, value: string) => {
    const from = draft(value);
    const created = quiet(() => linkSync(from, path(key)) ?? true) ?? false;
    rmSync(from);
    return created;
  };
  return {
    create,
    getItem: (key: string) => quiet(() => readFileSync(path(key), "utf8")),
    setItem: (key: string, value: string) => {
      rmSync(path(key), { force: true });
      create(key, value);
    },
    removeItem: (key: string) => rmSync(path(key), { force: true }),
    getKeys: (base: string) =>
      readdirSync(join(folder, "store")).map(decodeURIComponent).filter((key) =>
        key.startsWith(base)
      ),
  };
}

/** Writes a line down, whoever else does. */
export function note(folder: string, line: string): void {
  appendFileSync(join(folder, "log"), `${line}\n`);
}

/** Twenty nodes in one step; from `ENDED` on they do not end, if the process is to be killed. */
export function wide(folder: string, hangs: boolean) {
  const node = (i: number) => async () => {
    note(folder, `n${i}`);
    if (hangs && i >= ENDED) await new Promise(() => setInterval(() => {}, 1000));
    return { log: `n${i}` };
  };
  const names = Array.from({ length: NODES }, (_, i) => `n${i}`);
  return graph({
    state: { log: channel.append<string>() },
    nodes: Object.fromEntries(names.map((name, i) => [name, node(i)])),
    edges: { [START]: names },
  });
}

/** A node that asks and then pays. */
export function paying(folder: string) {
  return graph({
    state: { log: channel.append<string>() },
    nodes: {
      pay: async (_, ctx) => {
        const answer = ctx.interrupt<string>("pay?");
        await ctx.once("pay", ({ idempotencyKey }) => note(folder, idempotencyKey));
        return { log: answer };
      },
    },
    edges: { [START]: "pay" },
  });
}

async function play({ role, ...place }: Settings): Promise<void> {
  const checkpointer = threadsIn(place);
  if (role === "step") {
    await wide(place.folder, true).execute({}, { threadId: "t", checkpointer });
    return;
  }
  const made = paying(place.folder);
  // All answer at the same moment, or as near to it as processes can.
  while (Date.now() % 500 > 20) await new Promise((resolve) => setTimeout(resolve, 1));
  await Promise.all(Array.from({ length: THREADS }, async (_, i) => {
    await made.resume("yes", { threadId: `t${i}`, checkpointer }).catch((error: Error) => {
      if (!/Somebody else|does not wait/.test(error.message)) throw error;
    });
  }));
}

const [, program, settings] = process.argv;
if (program !== undefined && pathToFileURL(program).href === import.meta.url) {
  await play(JSON.parse(settings!) as Settings);
}
