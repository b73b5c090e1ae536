/** A process that saves checkpoints to a thread that others save to as well, and then takes all that it can get. */
import process from "node:process";
import { storageCheckpointer } from "@locus/core/memory";
import { sqliteStorage } from "@locus/core/transports/sqlite";

/** How many checkpoints each of them saves. */
export const EACH = 12;

const [, , file, name, others] = process.argv;
if (file !== undefined && name !== undefined) await main(file, name, Number(others));

async function main(path: string, name: string, processes: number): Promise<void> {
  const storage = sqliteStorage({ path });
  const maxCheckpoints = 1_000;
  const checkpointer = storageCheckpointer(storage, { maxCheckpoints });
  for (let n = 0; n < EACH; n++) {
    const snapshot = { kind: "agent", version: 1, data: { name, n } } as const;
    await checkpointer.save(snapshot, "t", { checkpointId: `${name}-${n}` });
  }
  const list = async () => await checkpointer.listCheckpoints("t", { limit: maxCheckpoints });
  while ((await list()).length < EACH * processes) {
    // Somebody may have begun to take: then all were there.
    if (await storage.hasItem("all")) break;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await storage.setItem("all", "");
  const taken: string[] = [];
  for (let p = 0; p < processes; p++) {
    for (let n = 0; n < EACH; n++) {
      if (await checkpointer.delete("t", `${p}-${n}`)) taken.push(`${p}-${n}`);
    }
  }
  await storage.dispose();
  console.log(JSON.stringify(taken));
}
