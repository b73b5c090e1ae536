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
  ".": [19_200],
  "./events": [4_500],
  "./schemas": [110_000, "zod"],
  "./agent": [111_000],
  "./agent { tool }": [41_000],
  "./agent { Agent }": [98_500],
  "./memory": [12_600],
  "./coordination": [19_200],
  "./sse": [11_200, "eventsource-parser"],
  "./client": [10_900, "eventsource-parser"],
  "./hono": [50_500, "hono"],
  "./agent-server": [40_200, "hono"],
  "./propagation": [18_600],
  "./redaction": [22_000],
  "./consumers": [30_000],
  "./bridges/otel": [43_500, "@opentelemetry/api"],
  "./transports/redis": [33_700],
  "./transports/nats": [36_400],
  "./content": [22_500],
  "./view": [12_200],
  "./workbench": [114_500],
  "./testing": [2_800],
  "./transports/sqlite": [35_600],
  "./bridges/ai-sdk": [45_100],
  "./bridges/otel-spans": [44_700],
  "./bridges/langchain": [45_000],
  "./bridges/write-your-own": [42_000],
  "./graph": [53_000],
  "./pipeline": [54_500],
  "./team": [124_500],
  "./router": [124_900],
  "./a2a": [64_200, "eventsource-parser", "hono"],
  "./a2a { a2aClient }": [37_400, "eventsource-parser", "hono"],
  "./rag": [51_500],
  "./rag { retriever }": [43_400],
  "./rag/testing": [3_900],
  "./skills": [40_200, "js-yaml"],
  "./ag-ui": [8_100],
  "./ui-message-stream": [7_100],
  "./bridges/ag-ui": [44_000],
  "./bridges/openai-agents": [45_500],
  "./bridges/ai-sdk-6": [46_200],
  "./bridges/claude-agent": [44_800],
  "./bridges/mastra": [44_000],
  "./memory { storageCheckpointer }": [5_100],
  "./memory { compaction }": [6_500],
  "./memory { longTermMemory }": [5_500],
  "./research": [117_000],
  "./deepagent": [110_200],
  "./cli": [62_200, "eventsource-parser"],
};
