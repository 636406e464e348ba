// Domain room. What is known of a reported thread, and what was found when it was looked at: ids and figures, as they
// are kept and shown. Amounts are decimal strings of credits, instants numbers.
import type { LoopCause } from '../loops/finding.js';
import type { LoopSignal } from '../loops/policy.js';
import type { TipCode } from '../tips/tips.js';

/** Beside the reporter's words. */
export type MeasuredThread = {
  readonly models: readonly string[];
  /** Requests of the reporter; each of them has one answer. */
  readonly messages: number;
  readonly context_tokens: { readonly latest: number; readonly most: number };
  readonly failed_builds: number;
  readonly charge: string;
  readonly refunded: string;
};

export type AnalysedJob = {
  readonly job_id: string;
  readonly request_kind: string;
  readonly model: string;
  readonly state: string;
  readonly end_reason: string | null;
  readonly iterations: number;
  readonly steps: number;
  readonly context_tokens: number;
  readonly charge: string;
  readonly refunded: string;
  /** What could still come back, step by step. */
  readonly refundable: readonly { readonly step: number; readonly credits: string }[];
  readonly created_at: number;
};

export type StepOfJob = { readonly job_id: string; readonly step: number };

export type AnalysedLoop = {
  readonly signal: LoopSignal;
  readonly cause: LoopCause;
  readonly subject: string | null;
  readonly steps: readonly StepOfJob[];
  /** After the first honest one: what a fault of ours would have made too much. */
  readonly repeats: readonly StepOfJob[];
  readonly incidents: readonly string[];
};

export type AnalysedFailure = StepOfJob & {
  readonly attempt: number;
  readonly fault: string;
  readonly charge_class: string | null;
};

export type AnalysedIncident = {
  readonly id: string;
  readonly scope: string;
  readonly name: string | null;
  readonly from: number;
  readonly until: number | null;
};

/** Of the dearest job of the thread. */
export type AnalysedBaseline = {
  readonly job_id: string;
  readonly request_kind: string;
  readonly model: string;
  readonly context_from: number;
  readonly context_to: number | null;
  readonly samples: number;
  /** Null where too few like tasks are known to say anything. */
  readonly median: string | null;
  readonly p90: string | null;
  readonly percentile: number | null;
};

export type AnalysedTip = {
  readonly code: TipCode;
  readonly measure: string;
  readonly figure: number;
  readonly from: number;
};

export type ReviewAnalysis = {
  readonly at: number;
  readonly jobs: readonly AnalysedJob[];
  readonly loops: readonly AnalysedLoop[];
  readonly failures: readonly AnalysedFailure[];
  /** Of what a very long thread has more than is looked at or listed. Absent from what was kept before. */
  readonly left_out?: { readonly jobs: number; readonly failures: number; readonly loops: number };
  readonly incidents: readonly AnalysedIncident[];
  readonly baseline: AnalysedBaseline | null;
  /** What its jobs call for as they were measured: proposed to whoever closes the case. */
  readonly advice: readonly AnalysedTip[];
};
