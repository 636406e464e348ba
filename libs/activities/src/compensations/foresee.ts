// Activities room. Which jobs a compensation is about, and what each of them would get back: page by page, in the order
// of their ids. Nothing is locked: what is left is decided when it is posted.
import type { CompensationTarget, Instant, NotCompensated, RateCard } from '@fairmeter/domain';
import { environmentOf, groupBy, hasEnded, instant, isConcerned, planStepRefund, ZERO } from '@fairmeter/domain';
import type { RanStepView, RefundableView } from '@fairmeter/ledger/reads';
import { readRefundable, readRepeats, readStepsRanIn, readThreadJobIds } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import type { ForeseenJob } from '@fairmeter/records';
import { findIncident, readRateCard } from '@fairmeter/records';

export interface PageAsked {
  readonly target: CompensationTarget;
  /** The last job that was looked at; null begins. */
  readonly after: string | null;
  readonly size: number;
  readonly now: Instant;
  /** Accounts that whoever asks belongs to: they get nothing by their own hand. */
  readonly ownAccounts: ReadonlySet<string>;
}

export interface ForeseenPage {
  readonly jobs: readonly ForeseenJob[];
  /** Null where no page follows. */
  readonly next: string | null;
}

/** Steps by job; null stands for all of them. */
type Chosen = ReadonlyMap<string, readonly number[] | null>;

export async function foreseePage(tx: EntityManager, asked: PageAsked): Promise<ForeseenPage> {
  const { chosen, next } = await choose(tx, asked);
  const found = await readRefundable(tx, [...chosen.keys()]);
  const jobs = [...found.values()].map((view) => foresee(view, chosen.get(view.job.id) ?? null, asked.ownAccounts));
  return { jobs, next };
}

interface ChosenPage {
  readonly chosen: Chosen;
  readonly next: string | null;
}

async function choose(tx: EntityManager, { target, after, size, now }: PageAsked): Promise<ChosenPage> {
  switch (target.kind) {
    case 'job':
      return { chosen: new Map([[target.jobId, null]]), next: null };
    case 'steps':
      return { chosen: new Map([[target.jobId, target.steps]]), next: null };
    case 'thread': {
      const ids = (await readThreadJobIds(tx, target)).filter((id) => after === null || id > after);
      const page = ids.slice(0, size);
      return { chosen: new Map(page.map((id) => [id, null])), next: ids.length > size ? (page.at(-1) ?? null) : null };
    }
    case 'incident':
      return chooseHit(tx, target, { after, size, now });
    case 'loop':
      return { chosen: await readRepeats(tx, target), next: null };
  }
}

type IncidentTarget = Extract<CompensationTarget, { kind: 'incident' }>;

/** While it lasts, up to now. */
async function chooseHit(
  tx: EntityManager,
  { incidentId, reach }: IncidentTarget,
  { after, size, now }: Pick<PageAsked, 'after' | 'size' | 'now'>,
): Promise<ChosenPage> {
  const incident = await findIncident(tx, incidentId);
  if (incident === null) return { chosen: new Map(), next: null };
  const until = instant(Math.min(incident.until ?? now, now));
  const ran = await readStepsRanIn(tx, { from: incident.from, until, after, jobs: size });
  const cards = new Map<string, RateCard>();
  for (const { rateCardId } of ran) {
    if (!cards.has(rateCardId)) cards.set(rateCardId, await readRateCard(tx, rateCardId));
  }
  const hit = ran.filter((step) => isConcerned(incident, { ...step, provider: providerOf(cards, step) }));
  const chosen = [...groupBy(hit, ({ jobId }) => jobId)].map(
    ([jobId, steps]) => [jobId, reach === 'jobs' ? null : steps.map(({ ordinal }) => ordinal)] as const,
  );
  return { chosen: new Map(chosen), next: ran.at(-1)?.jobId ?? null };
}

function providerOf(cards: ReadonlyMap<string, RateCard>, { rateCardId, model }: RanStepView): string | null {
  return cards.get(rateCardId)?.models.find((price) => price.model === model)?.provider ?? null;
}

function foresee(
  view: RefundableView,
  chosen: readonly number[] | null,
  ownAccounts: ReadonlySet<string>,
): ForeseenJob {
  const { id: jobId, accountId, scopeId, state } = view.job;
  const steps = chosen ?? view.steps.map(({ ordinal }) => ordinal);
  const none = (why: NotCompensated): ForeseenJob => ({ jobId, accountId, steps, foreseen: ZERO, why });
  if (environmentOf(scopeId) === 'test') return none('test_job');
  if (ownAccounts.has(accountId)) return none('own_account');
  if (!hasEnded(state)) return none('job_running');
  const foreseen = planStepRefund(view, steps)?.refund.amount ?? ZERO;
  if (foreseen > 0n) return { jobId, accountId, steps, foreseen, why: null };
  return none(wasCharged(view, steps) ? 'refunded_before' : 'nothing_charged');
}

function wasCharged({ steps }: RefundableView, ordinals: readonly number[]): boolean {
  return steps.some(({ ordinal, charge }) => ordinals.includes(ordinal) && charge > 0n);
}
