/** The page of a person who is asked: what runs in the browser. */

import { decodeFrames } from "@locus/core/sse";

let question: string | undefined;

element("yes").onclick = () => post("/agent/resume", { interrupt_id: question, response: "y" });

const runId = sessionStorage.getItem("run");
await show(
  runId === null
    ? await post("/agent/stream", { prompt: "p" })
    : await fetch(`/agent/runs/${runId}/stream`),
);

async function show(response: Response): Promise<void> {
  sessionStorage.setItem("run", response.headers.get("Locus-Run-Id")!);
  const reader = response.body!.pipeThrough(decodeFrames()).getReader();
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    const event = JSON.parse(value.data);
    if (value.event === "interrupt") {
      question = event.interrupt_id;
      element("question").textContent = event.question;
    }
    if (value.event === "terminate") element("answer").textContent = event.final_message;
    if (value.event.startsWith("bus.")) element("end").textContent = value.event;
  }
}

function post(path: string, body: object): Promise<Response> {
  return fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

function element(id: string): HTMLElement {
  return document.getElementById(id)!;
}
