/** What kind of place an IP address is. */

/** `never`: not for requests of an agent, whatever is allowed. `private`: this machine and its network. */
export type AddressKind = "public" | "private" | "never";

/** Reads an address, IPv4 or IPv6, as `URL` or a name server writes it; null if it is none. */
export function addressKind(address: string): AddressKind | null {
  const host = canonicalHost(address);
  if (host === null) return null;
  const v4 = readV4(host);
  if (v4 !== null) return v4Kind(v4);
  return host.startsWith("[") ? v6Kind(readV6(host.slice(1, -1))) : null;
}

/** An address in the one way that `URL` writes it. */
function canonicalHost(address: string): string | null {
  // A zone says through which interface, not where to.
  const [bare = ""] = address.replace(/^\[|\]$/g, "").split("%");
  const host = bare.includes(":") ? `[${bare}]` : bare;
  try {
    return new URL(`http://${host}/`).hostname;
  } catch {
    return null;
  }
}

function readV4(host: string): number | null {
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(host)) return null;
  return host.split(".").reduce((value, part) => value * 256 + Number(part), 0);
}

/** The eight groups of an address in the short form. */
function readV6(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const groups = (part: string) =>
    part === "" ? [] : part.split(":").map((group) => parseInt(group, 16));
  const [before, after] = [groups(head), groups(tail ?? "")];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function v4Kind(address: number): AddressKind {
  for (const [kind, ranges] of V4_RANGES) {
    if (ranges.some(([start, bits]) => isWithin(address, start, bits))) return kind;
  }
  return "public";
}

function isWithin(address: number, start: string, bits: number): boolean {
  const size = 2 ** (32 - bits);
  return Math.floor(address / size) === Math.floor(readV4(start)! / size);
}

function v6Kind(groups: readonly number[]): AddressKind {
  const [a = 0, b = 0, c = 0] = groups;
  const last = (groups[6] ?? 0) * 65536 + (groups[7] ?? 0);
  const leadingZeros = groups.findIndex((group) => group !== 0);
  if (leadingZeros === -1) return "never";
  if (leadingZeros === 7 && last === 1) return "private";
  // Mapped (::ffff:0:0/96), its translated form (::ffff:0:0:0/96) and the old compatible one (::/96).
  if (leadingZeros >= 6 || (leadingZeros === 5 && groups[5] === 0xffff)) return v4Kind(last);
  if (leadingZeros === 4 && groups[4] === 0xffff && groups[5] === 0) return v4Kind(last);
  // The same through a gateway: NAT64 and 6to4.
  if (a === 0x64 && b === 0xff9b) return c === 0 ? v4Kind(last) : "private";
  if (a === 0x2002) return v4Kind(b * 65536 + c);
  // The metadata service of AWS; links and multicast.
  if (a === 0xfd00 && b === 0xec2) return "never";
  if ((a & 0xffc0) === 0xfe80 || (a & 0xff00) === 0xff00) return "never";
  // Unique local, site local, documentation, discard, and tunnels that hide an address.
  if ((a & 0xfe00) === 0xfc00 || (a & 0xffc0) === 0xfec0) return "private";
  if (a === 0x2001 && (b === 0 || b === 0xdb8)) return "private";
  return a === 0x100 && b === 0 ? "private" : "public";
}

type Range = readonly [start: string, bits: number];

const V4_RANGES: readonly (readonly [AddressKind, readonly Range[]])[] = [
  ["never", [
    // Where clouds hand out the machine's own keys: link-local, and those of Azure, Alibaba and Oracle.
    ["169.254.0.0", 16],
    ["168.63.129.16", 32],
    ["100.100.100.200", 32],
    ["192.0.0.192", 32],
    // This network, multicast, reserved, broadcast.
    ["0.0.0.0", 8],
    ["224.0.0.0", 3],
  ]],
  ["private", [
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.0.2.0", 24],
    ["192.88.99.0", 24],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
    ["198.51.100.0", 24],
    ["203.0.113.0", 24],
  ]],
];
