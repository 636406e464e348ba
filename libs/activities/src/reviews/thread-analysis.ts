// Activities room. A reported thread looked at in four ways: its jobs one by one, loops and failures over all of them,
// incidents while it went on, and what tasks like its dearest one cost.
import type {
  AnalysedBaseline,
  AnalysedJob,
  AnalysedLoop,
  Incident,
  Instant,
  LoopFinding,
  LoopPolicy,
  MeasuredThread,
  ReviewAnalysis,
  StepRef,
} from '@fairmeter/domain';
import {
  add,
  BASELINE_DAYS,
  baselineOf,
  contextClassOf,
  formatCredits,
  instant,
  judgeWith,
  loopsIn,
  planStepRefund,
  ZERO,
} from '@fairmeter/domain';
import type { JobsOfThread, ReviewedJob, SeenStepView } from '@fairmeter/ledger/reads';
import {
  countFailedBuilds,
  countReviewedJobs,
  readFailedTries,
  readLikeTasks,
  readRefundable,
  readReviewedJobs,
  readSeenSteps,
} from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import { readIncidents } from '@fairmeter/records';
import { stepsInWorld } from '../jobs/loop-evidence.js';
import { observeThread } from '../jobs/thread-memory.js';
import { readAdvice } from '../tips/job-advice.js';
import { LoopsListed } from './loops-listed.js';

const DAY_MS = 86_400_000;

export interface AnalysisRules {
  readonly policy: LoopPolicy;
  /** Of fewer like tasks nothing is said. */
  readonly baselineFloor: number;
}

export async function measureThread(tx: EntityManager, thread: JobsOfThread): Promise<MeasuredThread> {
  const jobs = await readReviewedJobs(tx, thread);
  const contexts = jobs.map(({ contextTokens }) => contextTokens);
  return {
    models: [...new Set(jobs.map(({ model }) => model))],
    messages: await countReviewedJobs(tx, thread, jobs),
    context_tokens: { latest: contexts.at(-1) ?? 0, most: Math.max(0, ...contexts) },
    failed_builds: await countFailedBuilds(tx, idsOf(jobs)),
    charge: formatCredits(add(ZERO, ...jobs.map(({ charge }) => charge))),
    refunded: formatCredits(add(ZERO, ...jobs.map(({ refunded }) => refunded))),
  };
}

export async function analyseThread(
  tx: EntityManager,
  { thread, at }: { readonly thread: JobsOfThread; readonly at: Instant },
  rules: AnalysisRules,
): Promise<ReviewAnalysis> {
  const jobs = await readReviewedJobs(tx, thread);
  const inAll = await countReviewedJobs(tx, thread, jobs);
  const failures = await readFailedTries(tx, idsOf(jobs));
  const incidents = await incidentsDuring(tx, jobs, at);
  const loops = await loopsOver(tx, { jobs, incidents }, rules.policy);
  const leftOut = { jobs: inAll - jobs.length, failures: failures.inAll - failures.latest.length };
  return {
    at,
    jobs: await jobsOneByOne(tx, jobs),
    loops: loops.listed.map(analysedLoop),
    failures: failures.latest.map(({ jobId, step, attempt, fault, chargeClass }) => ({
      ...{ job_id: jobId, step, attempt, fault, charge_class: chargeClass },
    })),
    left_out: { ...leftOut, loops: loops.leftOut },
    incidents: incidents.map(({ id, scope, name, from, until }) => ({ id, scope, name, from, until })),
    baseline: await compared(tx, { jobs, at }, rules.baselineFloor),
    advice: await readAdvice(tx, idsOf(jobs).toReversed()),
  };
}

const idsOf = (jobs: readonly ReviewedJob[]): readonly string[] => jobs.map(({ id }) => id);

async function jobsOneByOne(tx: EntityManager, jobs: readonly ReviewedJob[]): Promise<readonly AnalysedJob[]> {
  const refundable = await readRefundable(tx, idsOf(jobs));
  return jobs.map((job) => {
    const facts = refundable.get(job.id);
    const all = facts?.steps.map(({ ordinal }) => ordinal) ?? [];
    const left = facts === undefined ? [] : (planStepRefund(facts, all)?.refund.steps ?? []);
    return {
      job_id: job.id,
      request_kind: job.requestKind,
      model: job.model,
      state: job.state,
      end_reason: job.endReason,
      iterations: job.iterations,
      steps: job.steps,
      context_tokens: job.contextTokens,
      charge: formatCredits(job.charge),
      refunded: formatCredits(job.refunded),
      refundable: left.map(({ ordinal, amount }) => ({ step: ordinal, credits: formatCredits(amount) })),
      created_at: job.createdAt,
    };
  });
}

/**
 * The detector goes over the thread as one: what it records and does not stop for is all that there is, each judged by
 * the incidents. None of the findings reads its steps once more.
 */
async function loopsOver(
  tx: EntityManager,
  { jobs, incidents }: { readonly jobs: readonly ReviewedJob[]; readonly incidents: readonly Incident[] },
  policy: LoopPolicy,
): Promise<LoopsListed> {
  const ended = new Map(jobs.map(({ id, endedAt }) => [id, endedAt ?? Infinity]));
  const order = (step: SeenStepView): number => ended.get(step.jobId) ?? Infinity;
  // Steps of one job come together and in their order; jobs follow each other as they ended.
  const steps = [...(await readSeenSteps(tx, idsOf(jobs)))].sort((a, b) => order(a) - order(b) || byJob(a, b));
  const judge = judgeWith(incidents, incidents.length === 0 ? [] : await stepsInWorld(tx, steps));
  const listed = new LoopsListed();
  for (const finding of loopsIn(await observeThread(tx, steps), { ...policy, shadow: true })) {
    listed.add(judge(finding));
  }
  return listed;
}

function analysedLoop({ signal, cause, subject, steps, repeats, incidents = [] }: LoopFinding): AnalysedLoop {
  return { signal, cause, subject, incidents, steps: steps.map(stepOf), repeats: repeats.map(stepOf) };
}

function byJob(a: SeenStepView, b: SeenStepView): number {
  return a.jobId < b.jobId ? -1 : a.jobId > b.jobId ? 1 : 0;
}

const stepOf = ({ jobId, ordinal }: StepRef): { readonly job_id: string; readonly step: number } => ({
  job_id: jobId,
  step: ordinal,
});

async function incidentsDuring(
  tx: EntityManager,
  jobs: readonly ReviewedJob[],
  at: Instant,
): Promise<readonly Incident[]> {
  const [first] = jobs;
  if (first === undefined) return [];
  const until = instant(Math.max(...jobs.map(({ endedAt }) => endedAt ?? at)));
  return readIncidents(tx, { from: first.createdAt, until });
}

async function compared(
  tx: EntityManager,
  { jobs, at }: { readonly jobs: readonly ReviewedJob[]; readonly at: Instant },
  floor: number,
): Promise<AnalysedBaseline | null> {
  const dearest = [...jobs].sort((a, b) => (a.charge < b.charge ? 1 : a.charge > b.charge ? -1 : 0))[0];
  if (dearest === undefined) return null;
  const { requestKind, model, charge } = dearest;
  const context = contextClassOf(dearest.contextTokens);
  const from = instant(at - BASELINE_DAYS * DAY_MS);
  const like = { requestKind, model, context, charge, exceptJobs: idsOf(jobs), from, to: at };
  const baseline = baselineOf(await readLikeTasks(tx, like), floor);
  return {
    job_id: dearest.id,
    request_kind: requestKind,
    model,
    context_from: context.from,
    context_to: context.to,
    samples: baseline.samples,
    median: baseline.enough ? formatCredits(baseline.median) : null,
    p90: baseline.enough ? formatCredits(baseline.p90) : null,
    percentile: baseline.enough ? baseline.percentile : null,
  };
}
