// Bench room, measuring. The open loop: jobs arrive when they arrive, whether or not earlier ones were answered.
// Latency counts from the moment a job was due, so that a stall is seen by all who would have waited in it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Side } from './side.js';

export interface OpenLoop {
  readonly perSecond: number;
  readonly submissions: number;
  readonly seed: number;
}

export interface OpenLoopResult {
  readonly admittedMs: readonly number[];
}

export async function openLoop(side: Side, loop: OpenLoop): Promise<OpenLoopResult> {
  const started = performance.now();
  const jobs: Promise<{ readonly admittedMs: number; readonly done: Promise<void> }>[] = [];
  for (const dueMs of arrivals(loop)) {
    const wait = started + dueMs - performance.now();
    if (wait > 0) await sleep(wait);
    const lateMs = performance.now() - (started + dueMs);
    jobs.push(side.submit().then(({ admittedMs, done }) => ({ admittedMs: lateMs + admittedMs, done })));
  }
  const submitted = await Promise.all(jobs);
  await Promise.all(submitted.map((job) => job.done));
  return { admittedMs: submitted.map((job) => job.admittedMs) };
}

/** Poisson arrivals, the same ones for the same seed: milliseconds since the start. */
function arrivals({ perSecond, submissions, seed }: OpenLoop): number[] {
  const next = chance(seed);
  let at = 0;
  return Array.from({ length: submissions }, () => (at += (-Math.log(1 - next()) * 1000) / perSecond));
}

/** mulberry32: small, even enough, and the same on every machine. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
