import type { AnyBus } from "../../core/bus/bus.ts";
import { AgUiWriter } from "../../screens/ag_ui/writer.ts";
import { UiMessageWriter } from "../../screens/ui_message/writer.ts";
import { screenWire } from "../../screens/wire.ts";
import { cursorOf, fromOf, selectOf } from "../http/stream_query.ts";
import type { Access } from "./access.ts";
import { readHistory } from "./history.ts";
import type { LocusSettings } from "./locus_options.ts";
import type { Answers } from "./router.ts";
import { openStream } from "./stream.ts";

/** Adds the streams of runs for screens that are not ours. Each is written anew for every client. */
export function mountScreens(
  route: (path: string, answers: Answers) => void,
  settings: LocusSettings,
  access: Access,
  currentBus: () => AnyBus,
): void {
  route("/runs/:run_id/ag-ui", {
    async GET(c) {
      const runId = await access.runOf(c);
      const selected = { after: cursorOf(c), from: fromOf(c), select: selectOf(c) };
      const subscribe = () => currentBus().subscribe(runId, selected);
      const wire = screenWire(new AgUiWriter(undefined));
      return openStream(c, [runId], subscribe, settings, access, wire);
    },
  });

  route("/runs/:run_id/ui-message-stream", {
    async GET(c) {
      const runId = await access.runOf(c);
      if (c.req.query("from") !== "history") {
        const { closed } = await readHistory(
          currentBus(),
          runId,
          { from: "live" },
          settings.report,
        );
        if (closed) return c.body(null, 204, NOT_KEPT);
      }
      // Always from the start: what comes later is no message without it.
      const subscribe = () => currentBus().subscribe(runId);
      const wire = screenWire(new UiMessageWriter(undefined), "[DONE]");
      const response = await openStream(c, [runId], subscribe, settings, access, wire);
      response.headers.set("x-vercel-ai-ui-message-stream", "v1");
      return response;
    },
  });
}

const NOT_KEPT = { "Cache-Control": "no-cache, no-transform" };
