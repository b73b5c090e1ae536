/**
 * How far the heap grows.
 *
 * @module
 */
import process from "node:process";
import { median } from "./rounds.ts";

/** Bytes of the heap that are in use. */
export function heapUsed(): number {
  return process.memoryUsage().heapUsed;
}

/**
 * The median growth from each reading with an even index to the next. Where garbage was collected between
 * them the growth is negative and says nothing.
 */
export function medianGrowth(readings: readonly number[]): number {
  const growths = readings.flatMap((reading, i) => i % 2 === 0 ? [] : [reading - readings[i - 1]!]);
  return median(growths.filter((growth) => growth >= 0));
}
