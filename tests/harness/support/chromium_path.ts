/** Where Chromium is: what the variable `CHROMIUM` names, else where Debian's package puts it. */
export function chromiumPath(): string {
  const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
  return process?.env["CHROMIUM"] || "/usr/bin/chromium";
}
