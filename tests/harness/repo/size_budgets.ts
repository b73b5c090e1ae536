/**
 * What imports may cost.
 *
 * @module
 */

/** The most bytes of gzip, and the packages that are loaded. */
export type Budget = readonly [limit: number, ...packages: string[]];

/**
 * By entry point; behind it the names to import, where somebody may want only those. Only the schemas bring
 * zod, which alone is 90 kB of gzip; the routes load it with the first event that is posted.
 */
export const budgets: Readonly<Record<string, Budget>> = {
  // Above the goal of 12,288. Without any one of these it would be smaller by: runs and spans 1,440 bytes; following
  // what they return, beyond promises, 1,210; several runs as one 850; checks of options 720, and what was meant 390;
  // `append()` 580; `on()` 550; `waitFor()` 300; own events 270.
  ".": [18_400],
  "./events": [4_500],
  "./schemas": [110_000, "zod"],
  "./agent": [111_000],
  "./agent { tool }": [41_000],
  "./agent { Agent }": [98_500],
  "./memory": [12_500],
  "./coordination": [18_500],
  "./sse": [11_000, "eventsource-parser"],
  "./client": [10_900, "eventsource-parser"],
  "./hono": [49_700, "hono"],
  "./agent-server": [39_400, "hono"],
  "./propagation": [17_800],
  "./redaction": [22_000],
  "./consumers": [30_000],
  "./bridges/otel": [43_500, "@opentelemetry/api"],
  "./transports/redis": [30_600],
  "./transports/nats": [33_500],
  "./content": [22_500],
  "./view": [11_500],
  "./workbench": [105_500],
  "./testing": [2_800],
  "./transports/sqlite": [32_200],
  "./bridges/ai-sdk": [44_500],
  "./bridges/otel-spans": [44_000],
  "./bridges/langchain": [44_500],
  "./bridges/write-your-own": [41_500],
  "./graph": [52_300],
  "./pipeline": [54_500],
  "./team": [124_500],
  "./router": [124_500],
  "./a2a": [62_300, "eventsource-parser", "hono"],
  "./a2a { a2aClient }": [36_200, "eventsource-parser", "hono"],
  "./rag": [50_500],
  "./rag { retriever }": [42_600],
  "./rag/testing": [3_900],
  "./skills": [39_400, "js-yaml"],
  "./ag-ui": [8_100],
  "./ui-message-stream": [7_100],
  "./bridges/ag-ui": [43_200],
  "./bridges/openai-agents": [45_000],
  "./bridges/ai-sdk-6": [45_500],
  "./bridges/claude-agent": [44_000],
  "./memory { storageCheckpointer }": [5_100],
  "./memory { compaction }": [6_500],
  "./memory { longTermMemory }": [5_500],
  "./research": [117_000],
  "./deepagent": [109_500],
  "./cli": [58_500, "eventsource-parser"],
};
