import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { caseNames } from "../../../bench/run/cases.ts";
import { goals } from "../../../bench/run/goals.ts";
import { OptionError, parseOptions } from "../../../bench/run/options.ts";
import { pageCases } from "../../../bench/run/page_cases.ts";
import { pagePictures } from "../../../bench/run/page_pictures.ts";
import { bars, lines } from "../../../bench/run/pictures.ts";
import { pageOf } from "../../../bench/run/results_file.ts";
import type { Run } from "../../../bench/run/goals.ts";
import type { Row } from "../../../bench/support/case.ts";

const row = (subject: string, figures: Record<string, number>, setting = ""): Row => ({
  subject,
  setting,
  figures,
});
const run = (...[locus, raw, emit]: [number, number, number]): Run =>
  new Map([
    ["viewers", {
      title: "viewers",
      rows: ["one run, one at a time", "one run, ten at a time", "a run each"].flatMap((
        setting,
      ) => [
        row("locus", { µs: locus, bytes: 7_000 }, setting),
        row("raw_batch", { µs: raw, bytes: 5_000 }, setting),
      ]),
    }],
    ["emit_off", {
      title: "off",
      rows: [row("emit", { ns: emit }), row("context read", { ns: 1 })],
    }],
  ]);
// Of three runs the second is the median.
const runs = new Map([["node" as const, [run(9, 1, 9), run(3, 2, 2), run(1, 2, 1)]]]);
const conditions = {
  runtimes: [{ name: "node" as const, version: "24.0.0", plain: [], bench: [] }],
  load: 1000,
  minutes: 3,
};

test("bench/RESULTS.md says first which goals are missed, by how much and why", () => {
  const page = pageOf(runs, conditions, pagePictures(runs));
  const [, goalTable = ""] = page.split("\n## ");
  assertMatch(goalTable, /^Goals\n\n3 of \d are met/);
  assertMatch(
    goalTable,
    /\| S1 \|.+\| \*\*1\.50x, 67 % over\*\* \| Reading the log and making each chunk/,
  );
  assertMatch(goalTable, /\| O1 \|.+\| at most 3 ns \| 1\.0 ns \| {2}\|/);
  // What was not measured is no row.
  assert(!goalTable.includes("| Z1 |"));
});

test("bench/RESULTS.md says that a machine was shared, and what was measured with what", () => {
  const page = pageOf(runs, conditions, []);
  assertMatch(page, /\*\*Measured on a shared machine:\*\* its load was 1000\.0/);
  assertMatch(page, /better-sse \d+\.\d+\.\d+, hono \d+/);
  assertMatch(page, /medians of at least 3 of three runs/);
  assert(!pageOf(runs, { ...conditions, load: 0 }, []).includes("shared machine"));
});

test("The pictures are of what was measured, and no others", () => {
  const pictures = pagePictures(runs);
  assertEquals(pictures.map(({ file }) => file), [
    "cpu_per_1000_viewers.svg",
    "memory_per_viewer.svg",
    "off.svg",
  ]);
  assertMatch(pictures[0]!.svg, />Locus<[^]*>3 ms<[^]*>bare writes<[^]*>2 ms</);
});

test("A picture shows every value, names it and escapes text; bars are as long as values", () => {
  const drawn = bars('a <b> & "c"', "ms", [
    { title: "", bars: [{ label: "x", value: 4 }, { label: "y", value: 2, isOurs: true }] },
  ]);
  const widths = [...drawn.matchAll(/<rect class="(?:ours|peer)"[^>]* width="([\d.]+)"/g)]
    .map(([, width]) => Number(width));
  assertEquals(widths[0], widths[1]! * 2);
  assertMatch(drawn, />4 ms</);
  assert(drawn.includes("a &#60;b&#62; &#38; &#34;c&#34;"));
  assertMatch(drawn, /prefers-color-scheme:dark/);
  const flat = lines("t", "ns", { title: "", counts: ["0", "10"] }, [{
    label: "Node",
    values: [5, 5],
  }]);
  const heights = [...flat.matchAll(/<circle [^>]*cy="([\d.]+)"/g)].map(([, y]) => y);
  assertEquals(heights[0], heights[1]);
});

test("Labels of lines that end at the same place do not cover each other", () => {
  const drawn = lines("t", "ns", { title: "", counts: ["0", "1"] }, [
    { label: "a", values: [1, 100] },
    { label: "b", values: [1, 100] },
    { label: "c", values: [1, 99] },
  ]);
  const places = [...drawn.matchAll(/<text class="t\d" x="[\d.]+" y="([\d.]+)"/g)]
    .map(([, y]) => Number(y)).sort((a, b) => a - b);
  assertEquals(places.map((y, i) => i === 0 || y - places[i - 1]! >= 17.9), [true, true, true]);
});

test("Every goal has a value where all cases of the page were run", () => {
  assertEquals(pageCases.filter((name) => !caseNames.includes(name)), []);
  assertEquals(goals.filter(({ value }) => value(new Map()) !== undefined), []);
});

test("bench takes --minutes only where it writes the page, and then ends in ten", () => {
  assertEquals(parseOptions(["--write"]).limitMs, 600_000);
  assertEquals(parseOptions(["--write", "--minutes", "2"]).limitMs, 120_000);
  assertEquals(parseOptions([]).limitMs, Infinity);
  assertThrows(() => parseOptions(["--minutes=2"]), OptionError);
});
