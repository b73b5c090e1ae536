/**
 * What went into work of your own, and what came out of it.
 *
 * Content is published only where somebody asks for it: `withRun({ content: true }, …)`, a bus that is made with
 * `content: true`, or `LOCUS_CAPTURE_CONTENT=true`. Everywhere else these functions do nothing. Known secrets are taken
 * out first, and what is too large for one event is cut and says so.
 *
 * @example Show what a step was given and what it made of it
 * ```ts
 * import { EventBus, withRun, withSpan } from "@locus/core";
 * import { publishContent } from "@locus/core/content";
 * import { assertEquals } from "@std/assert";
 *
 * const bus = new EventBus();
 * await withRun({ bus, content: true }, () =>
 *   withSpan("translate", async (span) => {
 *     if (span === undefined) return;
 *     publishContent(span.run, { span_id: span.id, direction: "input" }, "text", "Good morning");
 *     publishContent(span.run, { span_id: span.id, direction: "output" }, "text", "God morgen");
 *   }));
 * const said = bus.history("span.content").map(({ data }) => data.content);
 * assertEquals([...said].reverse(), ["Good morning", "God morgen"]);
 * ```
 *
 * @module
 */
export { type ContentPlace, publishContent, publishMessages } from "./publish_content.ts";
export type { ContentMessage, ContentPart } from "../events/catalogue/content.ts";
