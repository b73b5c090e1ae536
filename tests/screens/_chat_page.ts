/**
 * A page as the users of the AI SDK write it: it shows a run with the real `useChat()` of React.
 *
 * @module
 */
import { useChat } from "@ai-sdk/react";
import { DefaultChatTransport, type UIMessage } from "ai";
import { createElement as h } from "react";
import { createRoot } from "react-dom/client";

const transport = new DefaultChatTransport<UIMessage>({
  prepareReconnectToStreamRequest: ({ id }) => ({
    api: `/locus/runs/${id}/ui-message-stream${location.search}`,
  }),
});

function Chat() {
  const { messages, status, error } = useChat({ id: "r", resume: true, transport });
  const shown = messages.map(({ id, parts }) => {
    const texts = parts.map((part) => part.type === "text" ? part.text : `[${part.type}]`);
    return h("p", { key: id }, texts.join(" "));
  });
  return h("main", null, h("output", null, error?.message ?? status), ...shown);
}

createRoot(document.body).render(h(Chat));
