/** A process with a bus on a file that others have open as well: what it is to do is its argument, as JSON. */
import process from "node:process";
import { sqliteBus } from "@locus/core/transports/sqlite";
import { play, type Role } from "../roles.ts";

const { file, role }: { file: string; role: Role } = JSON.parse(process.argv[2]!);
await play(sqliteBus({ path: file, pollMs: 5, onError() {} }), role);
