/**
 * Firefox over WebDriver BiDi, behind the interface that the tests use for Chromium.
 *
 * @module
 */
import { type Browser, firefox } from "playwright-core";
import { firefoxPath } from "./firefox_path.ts";

/** Starts it; close it. */
export async function openFirefox(): Promise<Browser> {
  const browser = await firefox.launch({
    executablePath: firefoxPath(),
    // Any channel of this name is Mozilla's own Firefox, over BiDi.
    channel: "moz-firefox",
    args: ["--remote-allow-system-access"],
    firefoxUserPrefs: {
      "ui.prefersReducedMotion": 1,
      "dom.events.testing.asyncClipboard": true,
      // Whatever the browser itself may want to ask of the network, it finds nobody.
      "network.dns.disabled": true,
    },
  });
  await emulateScheme(browser);
  return browser;
}

interface Session {
  send(method: string, params?: object): Promise<unknown>;
}

/** What the driver, which runs in this process, has behind its interface. */
interface Driven {
  readonly _connection: { toImpl(of: unknown): { _browserSession: Session } };
}

/**
 * The driver sets the colour scheme of each window by a command that Firefox does not have yet. Here it sets the
 * preference of the whole browser instead: of several windows at once, all have the scheme of the newest.
 */
async function emulateScheme(browser: Browser): Promise<void> {
  const { _connection: connection } = browser as Browser & Driven;
  const session = connection.toImpl(browser)._browserSession;
  const sessions = Object.getPrototypeOf(session) as Session;
  const { send } = sessions;
  const { contexts: [chrome] } = await session.send("browsingContext.getTree", {
    "moz:scope": "chrome",
  }) as { contexts: [{ context: string }] };
  sessions.send = function (this: Session, method: string, params?: object): Promise<unknown> {
    if (method !== "emulation.setMediaFeaturesOverride") return send.call(this, method, params);
    const { features } = params as { features: Record<string, string | null | undefined> };
    const value = features["prefers-color-scheme"] === "dark" ? 0 : 1;
    return send.call(session, "script.evaluate", {
      expression:
        `Services.prefs.setIntPref("layout.css.prefers-color-scheme.content-override", ${value})`,
      target: { context: chrome.context },
      awaitPromise: false,
    });
  };
}
