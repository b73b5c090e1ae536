/** A server: browsers follow runs here that happen in other processes. */
import process from "node:process";
import { locus } from "@locus/core/hono";
import { serve } from "../support/serve.ts";
import { shareBus } from "./bus.ts";

await shareBus(process.argv[2]);
const app = locus({ local: true });
const { url } = await serve((request) => app.fetch(request));
console.log(`curl -N ${url}/runs/lunch/events`);
