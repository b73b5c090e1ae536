/** Asks the route as Next would. */
import { NextRequest } from "next/server.js";
import { GET } from "./next_route.ts";

const text = await GET(new NextRequest("http://localhost/api?run=r")).text();
if (!text.includes("event: shop.paid") || !text.includes("event: bus.end")) throw new Error(text);
console.log("ok next");
