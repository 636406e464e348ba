// Domain room. Iterations that change nothing: which are idle, and how many of them since the last change.
import type { Occurrence } from './marks.js';
import type { ObservedStep } from './observed-step.js';

/** Of an iteration without end the oldest steps are not given back: the bound is on what travels. */
const MOST_CHARGED = 1_200;

export interface OpenIteration {
  readonly jobId: string;
  readonly number: number;
  /** The artefact when it began; null: not known to be there. */
  readonly start: string | null;
  readonly lastAt: number;
  /** Its charged steps. */
  readonly charged: readonly number[];
  readonly newResult: boolean;
  readonly person: boolean;
  readonly calls: number;
  readonly polls: number;
  readonly ours: boolean;
  readonly own: boolean;
  /** Of none of its steps was anything said of the artefact. Absent from snapshots of before: something was. */
  readonly untold?: boolean;
}

export interface IdleIteration extends Occurrence {
  readonly charged: readonly number[];
}

export interface IterationsState {
  readonly open: OpenIteration | null;
  readonly idle: readonly IdleIteration[];
}

export interface StepInIteration {
  readonly step: ObservedStep;
  readonly seen: Occurrence;
  readonly call: boolean;
  readonly pollable: boolean;
  readonly newResult: boolean;
  readonly newArtefact: boolean;
  /** The artefact before the step. */
  readonly before: string | null;
}

export class Iterations {
  private open: OpenIteration | null;
  private idle: readonly IdleIteration[];

  constructor(state: IterationsState = { open: null, idle: [] }) {
    this.open = state.open;
    this.idle = state.idle;
  }

  holds(step: ObservedStep): boolean {
    return this.open === null || (this.open.jobId === step.jobId && this.open.number === step.iteration);
  }

  add({ step, seen, call, pollable, newResult, newArtefact, before }: StepInIteration): void {
    const open = this.open ?? begun(step, before);
    // Only a state never seen before ends the count: going back and forth between known ones does not.
    if (newArtefact) this.idle = [];
    this.open = {
      ...open,
      lastAt: seen.at,
      charged: seen.free ? open.charged : [...open.charged, seen.at].slice(-MOST_CHARGED),
      newResult: open.newResult || newResult,
      person: open.person || step.answeredByPerson === true,
      calls: open.calls + (call ? 1 : 0),
      polls: open.polls + (call && pollable ? 1 : 0),
      ours: open.ours || seen.ours,
      own: open.own || seen.own,
      untold: open.untold === true && step.artefactUnknown === true,
    };
  }

  /** Ends the open iteration; the idle ones once they are as many as the threshold. */
  end(artefact: string | null, threshold: number): readonly IdleIteration[] | null {
    const { open } = this;
    this.open = null;
    if (open === null) return null;
    // What nobody knows of may have changed everything.
    if (open.newResult || open.person || open.untold === true) {
      this.idle = [];
      return null;
    }
    const waits = open.calls > 0 && open.polls === open.calls;
    if (waits || open.start !== artefact) return null;
    const { lastAt, charged, ours, own } = open;
    const idle = [...this.idle, { at: lastAt, charged, ours, own, free: charged.length === 0 }];
    this.idle = idle.length < threshold ? idle : [];
    return idle.length < threshold ? null : idle;
  }

  state(): IterationsState {
    return { open: this.open, idle: this.idle };
  }

  get size(): number {
    return this.idle.reduce((sum, { charged }) => sum + charged.length, this.open?.charged.length ?? 0);
  }
}

function begun(step: ObservedStep, before: string | null): OpenIteration {
  return {
    jobId: step.jobId,
    number: step.iteration,
    start: before,
    lastAt: 0,
    charged: [],
    newResult: false,
    person: false,
    calls: 0,
    polls: 0,
    ours: false,
    own: false,
    untold: true,
  };
}
