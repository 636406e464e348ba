// Bench room, the stack. How much both workers may do at once: more than is ever in flight, so that slots never decide.

export interface WorkerSlots {
  readonly jobSlots: number;
  readonly stepSlots: number;
}

export const BENCH_SLOTS: WorkerSlots = { jobSlots: 200, stepSlots: 200 };
