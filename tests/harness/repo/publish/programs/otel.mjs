/** A3: `toOtel(bus)` exports by the SDK that the program has registered. `sdk` is an alias of its package. */
import { trace } from "@opentelemetry/api";
import * as sdk from "sdk";
import { EventBus, runContext, withSpan } from "@locus/core";
import { toOtel } from "@locus/core/bridges/otel";

const exporter = new sdk.InMemorySpanExporter();
// SDK 3 takes options where SDK 2 takes the exporter, and has another name for the provider.
const processor = sdk.TracerProvider
  ? new sdk.SimpleSpanProcessor({ exporter })
  : new sdk.SimpleSpanProcessor(exporter);
const Provider = sdk.TracerProvider ?? sdk.BasicTracerProvider;
trace.setGlobalTracerProvider(new Provider({ spanProcessors: [processor] }));

const bus = new EventBus();
const stop = toOtel(bus, {
  onError(error) {
    throw error;
  },
});
await runContext({ runId: "r", bus }, () => withSpan("quote", async () => {}));
bus.closeStream("r");
stop();
await stop.done;

const names = exporter.getFinishedSpans().map(({ name }) => name).sort();
if (names.join() !== "quote,run") throw new Error(`Exported ${names.join()}`);
console.log("ok otel");
