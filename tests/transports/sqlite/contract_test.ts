/** The bus in a file keeps the contract of every bus. */
import { sqliteBus } from "@locus/core/transports/sqlite";
import { busContract } from "../../contract/bus_contract.ts";
import { makeFolder } from "./folder.ts";

busContract("sqliteBus()", () => {
  const folder = makeFolder();
  const bus = sqliteBus({
    path: folder.file,
    historyPerRun: 500,
    maxRunsRetained: 200,
    onError() {},
  });
  return Promise.resolve({
    bus,
    async cleanup() {
      await bus.close();
      folder.remove();
    },
  });
});
