import process from "node:process";

/** The server that is measured with. */
export function redisUrl(): string {
  return process.env["LOCUS_REDIS_URL"] || "redis://127.0.0.1:6379";
}
