/**
 * A real browser that looks at the page.
 *
 * @module
 */
import { type Browser, chromium, type Page } from "playwright-core";
import { chromiumPath } from "../harness/support/chromium_path.ts";
import { openFirefox } from "../harness/support/firefox.ts";

/** How the browser is to look at the page. */
export interface View {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
}

/** Those that the page is looked at with. */
export type BrowserName = "chromium" | "firefox";

/** A browser of the test's own; close it. */
export function openBrowser(name: BrowserName = "chromium"): Promise<Browser> {
  if (name === "firefox") return openFirefox();
  return chromium.launch({
    executablePath: chromiumPath(),
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  });
}

/** A page with all that it complained of. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors, and violations of the policy of what the page may do. */
  readonly problems: string[];
}

/** A new window. */
export async function openPage(
  browser: Browser,
  { width = 1440, height = 900, scheme = "light" }: View = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: "reduce",
    timezoneId: "UTC",
    // Firefox has a preference for it.
    permissions: browser.browserType().name() === "firefox"
      ? []
      : ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("console", (message) => {
    // That a server does not answer, or says no, is what some tests are about.
    if (message.type() === "error" && !message.text().includes("Failed to load resource")) {
      problems.push(`console: ${message.text()}`);
    }
  });
  return { page, problems };
}
