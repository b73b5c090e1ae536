/** What a page has and other runtimes may lack. */
interface Page {
  readonly document?: EventTarget & { readonly visibilityState: string };
  readonly addEventListener?: EventTarget["addEventListener"];
  readonly removeEventListener?: EventTarget["removeEventListener"];
}

/**
 * Calls `listener` when a browser comes back online and when its page is shown again. Elsewhere nothing happens.
 *
 * @returns Its undo.
 */
export function onWakeUp(listener: () => void): () => void {
  const page: Page = globalThis;
  const { document } = page;
  const onVisible = () => document?.visibilityState === "visible" && listener();
  page.addEventListener?.("online", listener);
  document?.addEventListener("visibilitychange", onVisible);
  return () => {
    page.removeEventListener?.("online", listener);
    document?.removeEventListener("visibilitychange", onVisible);
  };
}
