/**
 * Pictures of figures, as SVG written by hand: bars, and lines over a count. One file is read in light and in dark.
 *
 * @module
 */

/** One bar. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Whether it is ours. */
  readonly isOurs?: boolean;
}

/** Bars that belong together, such as those of one runtime. */
export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/** A line over the same counts as the others. */
export interface Series {
  readonly label: string;
  readonly values: readonly number[];
}

/** What lines are drawn over. */
export interface Axis {
  readonly title: string;
  readonly counts: readonly string[];
}

const WIDTH = 720;
const LEFT = 190;
const ROW = 26;

/** Horizontal bars from zero, in groups, each with its value. */
export function bars(title: string, unit: string, groups: readonly BarGroup[]): string {
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)), 0);
  const room = WIDTH - LEFT - 110;
  const parts: string[] = [];
  let y = 50;
  for (const group of groups) {
    if (groups.length > 1) {
      parts.push(text(16, y + 14, group.title, "strong"));
      y += ROW;
    }
    for (const { label, value, isOurs } of group.bars) {
      const width = Math.max(1, most === 0 ? 0 : value / most * room);
      parts.push(
        text(LEFT - 10, y + 14, label, isOurs ? "strong end" : "end"),
        `<rect class="${isOurs ? "ours" : "peer"}" x="${LEFT}" y="${y}" width="${
          width.toFixed(1)
        }" height="18" rx="3"/>`,
        text(LEFT + width + 8, y + 14, `${short(value)} ${unit}`, isOurs ? "strong" : ""),
      );
      y += ROW;
    }
    y += 8;
  }
  return picture(title, y + 4, parts);
}

/** Lines over counts, which stand at equal distances: 0, 1, 10, 100 and so on. */
export function lines(
  title: string,
  unit: string,
  { title: axis, counts }: Axis,
  series: readonly Series[],
): string {
  const [top, bottom, left, right] = [76, 280, 70, WIDTH - 150];
  const most = niceMaximum(Math.max(...series.flatMap(({ values }) => values)));
  const x = (i: number) => left + i * (right - left) / Math.max(1, counts.length - 1);
  const y = (value: number) => bottom - value / most * (bottom - top);
  const parts = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<line class="grid" x1="${left}" x2="${right}" y1="${y(share * most)}" y2="${
      y(share * most)
    }"/>`,
    text(left - 8, y(share * most) + 4, short(share * most), "end quiet"),
  ]);
  parts.push(...counts.map((count, i) => text(x(i), bottom + 20, count, "middle quiet")));
  parts.push(
    text(left - 8, top - 18, unit, "end quiet"),
    text((left + right) / 2, bottom + 42, axis, "middle quiet"),
  );
  const labels = spread(series.map(({ values }) => y(values.at(-1)!)), 18);
  for (const [i, { label, values }] of series.entries()) {
    const points = values.map((value, j) => `${x(j).toFixed(1)},${y(value).toFixed(1)}`);
    parts.push(
      `<polyline class="line s${i}" points="${points.join(" ")}"/>`,
      ...points.map((point) => {
        const [cx, cy] = point.split(",");
        return `<circle class="dot s${i}" cx="${cx}" cy="${cy}" r="3.5"/>`;
      }),
      text(right + 12, labels[i]! + 4, `${label}: ${short(values.at(-1)!)}`, `t${i}`),
    );
  }
  return picture(title, bottom + 58, parts);
}

/** Three digits are as much as a figure of this kind says. */
export function short(value: number): string {
  if (value !== 0 && Math.abs(value) < 10) return String(Number(value.toPrecision(2)));
  return Number(value.toPrecision(3)).toLocaleString("en");
}

/** The least of 1, 2, 2.5 or 5 times a power of ten that is not below. */
function niceMaximum(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((step) => step >= value)!;
}

/** Moves labels apart, so that none covers another; each stays at its place in the list. */
function spread(places: readonly number[], distance: number): number[] {
  const order = places.map((_, i) => i).sort((a, b) => places[a]! - places[b]!);
  const moved = [...places];
  for (const [i, index] of order.entries()) {
    if (i > 0) moved[index] = Math.max(moved[index]!, moved[order[i - 1]!]! + distance);
  }
  return moved;
}

function text(x: number, y: number, content: string, classes: string): string {
  return `<text class="${classes}" x="${x.toFixed(1)}" y="${y.toFixed(1)}">${
    escape(content)
  }</text>`;
}

function picture(title: string, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" ` +
    `aria-label="${escape(title)}" font-family="system-ui, sans-serif" font-size="13">`,
    `<style>${STYLE}</style>`,
    `<rect class="paper" width="${WIDTH}" height="${height}" rx="8"/>`,
    text(16, 28, title, "title"),
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function escape(content: string): string {
  return content.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

// An <img> takes over nothing from its page, so the colours follow the reader's system.
const STYLE = `
.paper{fill:#fff}text{fill:#1f2328}.quiet{fill:#59636e}.title{font-size:16px;font-weight:600}
.strong{font-weight:600}.end{text-anchor:end}.middle{text-anchor:middle}
.ours{fill:#1a7f64}.peer{fill:#9aa4af}.grid{stroke:#d8dee4}
.line{fill:none;stroke-width:2.5}.line.s0{stroke:#1a7f64}.line.s1{stroke:#0969da}.line.s2{stroke:#bf5700}.line.s3{stroke:#8250df}
.dot.s0,.t0{fill:#1a7f64}.dot.s1,.t1{fill:#0969da}.dot.s2,.t2{fill:#bf5700}.dot.s3,.t3{fill:#8250df}
@media (prefers-color-scheme:dark){
.paper{fill:#0d1117}text{fill:#e6edf3}.quiet{fill:#9198a1}.ours{fill:#3fb68b}.peer{fill:#59636e}.grid{stroke:#2a313a}
.line.s0{stroke:#3fb68b}.line.s1{stroke:#58a6ff}.line.s2{stroke:#f0883e}.line.s3{stroke:#bc8cff}
.dot.s0,.t0{fill:#3fb68b}.dot.s1,.t1{fill:#58a6ff}.dot.s2,.t2{fill:#f0883e}.dot.s3,.t3{fill:#bc8cff}}
`.trim();
