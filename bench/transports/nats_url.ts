import process from "node:process";

/** The server that is measured with. */
export function natsUrl(): string {
  return process.env["LOCUS_NATS_URL"] || "nats://127.0.0.1:4222";
}
