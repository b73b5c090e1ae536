/** Amazon Bedrock: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html */

import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { said, type Turn, type Written } from "./turns.ts";

const args = JSON.stringify(said.args);

/** Amazon Bedrock, which does not count its thinking apart. */
export const bedrock: Written = {
  name: "@ai-sdk/amazon-bedrock",
  model: (baseURL) =>
    createAmazonBedrock({ baseURL, apiKey: "k", region: "eu-north-1" })("amazon.nova-pro-v1:0"),
  type: "application/vnd.amazon.eventstream",
  turns: [
    messages(
      ["messageStart", { role: "assistant" }],
      ["contentBlockDelta", {
        contentBlockIndex: 0,
        delta: { reasoningContent: { text: said.reasoning } },
      }],
      ["contentBlockStop", { contentBlockIndex: 0 }],
      ["contentBlockDelta", { contentBlockIndex: 1, delta: { text: said.before } }],
      ["contentBlockStop", { contentBlockIndex: 1 }],
      ["contentBlockStart", {
        contentBlockIndex: 2,
        start: { toolUse: { toolUseId: "t1", name: said.tool } },
      }],
      ["contentBlockDelta", {
        contentBlockIndex: 2,
        delta: { toolUse: { input: args.slice(0, 5) } },
      }],
      ["contentBlockDelta", { contentBlockIndex: 2, delta: { toolUse: { input: args.slice(5) } } }],
      ["contentBlockStop", { contentBlockIndex: 2 }],
      ["messageStop", { stopReason: "tool_use" }],
      // Those of the cache are counted beside the others.
      ["metadata", usage(30, 20, 10)],
    ),
    messages(
      ["messageStart", { role: "assistant" }],
      ...said.after.map((text): [string, object] => [
        "contentBlockDelta",
        { contentBlockIndex: 0, delta: { text } },
      ]),
      ["contentBlockStop", { contentBlockIndex: 0 }],
      ["messageStop", { stopReason: "end_turn" }],
      ["metadata", usage(20, 5, 40)],
    ),
  ],
  stopReasons: ["tool_use", "end_turn"],
  tokens: [100, 25, 50, 0],
};

function usage(inputTokens: number, outputTokens: number, cacheReadInputTokens: number) {
  const totalTokens = inputTokens + outputTokens + cacheReadInputTokens;
  return {
    usage: {
      inputTokens,
      outputTokens,
      totalTokens,
      cacheReadInputTokens,
      cacheWriteInputTokens: 0,
    },
    metrics: { latencyMs: 1 },
  };
}

/** Messages in Amazon's binary frames: https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html */
function messages(...list: (readonly [type: string, value: object])[]): Turn {
  return list.map(([type, value]) => {
    const headers = concat(
      header(":event-type", type),
      header(":content-type", "application/json"),
      header(":message-type", "event"),
    );
    const payload = new TextEncoder().encode(JSON.stringify(value));
    const length = 12 + headers.length + payload.length + 4;
    const prelude = concat(uint32(length), uint32(headers.length));
    const body = concat(prelude, uint32(crc32(prelude)), headers, payload);
    return concat(body, uint32(crc32(body)));
  });
}

function header(name: string, value: string): Uint8Array {
  const [key, text] = [name, value].map((part) => new TextEncoder().encode(part)) as [
    Uint8Array,
    Uint8Array,
  ];
  // 7: a text.
  return concat(
    Uint8Array.of(key.length),
    key,
    Uint8Array.of(7, text.length >> 8, text.length & 255),
    text,
  );
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
