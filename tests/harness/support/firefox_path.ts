/** Where Firefox is: what the variable `FIREFOX` names, else where Debian's package puts it. */
export function firefoxPath(): string {
  const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
  return process?.env["FIREFOX"] || "/usr/bin/firefox-esr";
}
