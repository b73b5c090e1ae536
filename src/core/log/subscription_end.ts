/**
 * How a subscription came to its end.
 *
 * - `closed`: the run was closed (or the global stream), and every event was delivered or announced.
 * - `evicted`: the bus forgot the run to stay within its bounds; the run itself may go on.
 * - `rejected`: there were too many global subscribers already.
 * - `cancelled`: the reader left, or its signal was aborted.
 */
export type SubscriptionEnd = "closed" | "evicted" | "rejected" | "cancelled";
