// Test harness. Requests of any caller past the door, what a visitor has of their own, and what the ledger says of who
// paid: line by line, in words short enough to compare whole.
import type { JobRequest } from '@fairmeter/contracts';
import { unpackRefusal } from '@fairmeter/contracts';
import type { Instant, LimitChange, LotKind, Refusal } from '@fairmeter/domain';
import { accountScope, endUserScope, formatCredits, instant, parseMicroCredits } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { saveCampaign } from '@fairmeter/records';
import { admitPastTheDoor, jobInputOf } from './admissions.js';
import type { TestBot } from './people.js';
import { amount } from './people.js';
import type { TestStack } from './test-stack.js';
import { until } from './until.js';

export type AskWish = Partial<Pick<JobRequest, 'caller' | 'marker' | 'campaignId' | 'maxMicroCredits'>>;

export const visitorOf = (visitorId: string): AskWish => ({ caller: { kind: 'visitor', visitorId } });

/** The job's id, or what refused it. */
export async function ask(stack: TestStack, bot: TestBot, wish: AskWish = {}): Promise<string | Refusal> {
  const input = await jobInputOf(stack, bot, newId('req'));
  const answer = await admitPastTheDoor(stack, { ...input, request: { ...input.request, ...wish } });
  return answer.outcome === 'admitted' ? answer.jobId : unpackRefusal(answer.refusal);
}

/** The job's id. */
export async function admitted(stack: TestStack, bot: TestBot, wish: AskWish = {}): Promise<string> {
  const answer = await ask(stack, bot, wish);
  if (typeof answer !== 'string') throw new Error(`refused: ${answer.code}`);
  return answer;
}

export interface PaidJob {
  readonly state: string;
  readonly funding: string;
  readonly requester: string;
  readonly marker: string | null;
  readonly campaign: string | null;
  readonly charge: string;
  /** Every entry of the job lies in these scopes. */
  readonly scopes: readonly string[];
  /** `step kind amount` for each capture, in order. */
  readonly paid: readonly string[];
}

/** Runs it to its end and reads what was written for it. */
export async function run(stack: TestStack, bot: TestBot, wish: AskWish = {}): Promise<PaidJob> {
  return paidJob(stack, await admitted(stack, bot, wish));
}

export async function paidJob(stack: TestStack, jobId: string): Promise<PaidJob> {
  const { manager } = stack.entities;
  const read = async (): Promise<Readonly<Record<string, string | null>>[]> =>
    manager.query('SELECT *, charge::text AS charge FROM ledger.jobs WHERE id = $1 AND ended_at IS NOT NULL', [jobId]);
  const [job] = await until(read, (found) => found.length === 1);
  const entries = await manager.query<
    { scope: string; step: number | null; to: string; kind: string; micro: string }[]
  >(
    `SELECT e.scope_id AS scope, e.step_ordinal AS step, e.to_account AS to, l.kind, e.amount::text AS micro
     FROM ledger.entries e JOIN ledger.lots l ON l.id = e.lot_id WHERE e.job_id = $1 ORDER BY e.scope_seq`,
    [jobId],
  );
  return {
    state: String(job?.['state']),
    funding: String(job?.['funding']),
    requester: `${String(job?.['requester_kind'])} ${String(job?.['requester_id'])}`,
    marker: job?.['marker'] ?? null,
    campaign: job?.['campaign_id'] ?? null,
    charge: formatCredits(parseMicroCredits(String(job?.['charge']))),
    scopes: [...new Set(entries.map(({ scope }) => scope))],
    paid: entries
      .filter(({ to }) => to.startsWith('consumed:'))
      .map(({ step, kind, micro }) => `${String(step)} ${kind} ${formatCredits(parseMicroCredits(micro))}`),
  };
}

/** Of one visitor at one bot; answers with the lot's id. */
export async function giveVisitor(
  stack: TestStack,
  bot: TestBot,
  lot: { readonly visitorId: string; readonly kind: LotKind; readonly credits: string; readonly expiresAt?: Instant },
): Promise<string> {
  const owner = { scopeId: endUserScope(bot.botId, lot.visitorId), accountId: bot.accountId };
  const { kind, credits, expiresAt = null } = lot;
  const order = { kind, amount: amount(credits), validFrom: instant(0), expiresAt, sourceRef: newId('pur') };
  const granted = await stack.grants.grant(owner, instant(0), order);
  if (!granted.ok) throw new Error(granted.refusal.code);
  return granted.value.result.lotId;
}

export async function setLimits(
  stack: TestStack,
  { accountId }: TestBot,
  order: readonly LimitChange[],
): Promise<void> {
  const owner = { scopeId: accountScope(accountId), accountId };
  const set = await stack.terms.setLimits({ owner, changeKey: newId('req'), asOf: instant(Date.now()), order });
  if (!set.ok) throw new Error(set.refusal.code);
}

export async function openCampaign(stack: TestStack, { accountId, botId }: TestBot): Promise<string> {
  const id = newId('cmp');
  const campaign = { id, accountId, botId, name: 'Spring', startsAt: instant(0), endsAt: null };
  await saveCampaign(stack.entities.manager, campaign);
  return id;
}

/** `kind subject used held`, of all counters of the account. */
export async function countersOf(stack: TestStack, { accountId }: TestBot): Promise<string[]> {
  const found = await stack.entities.manager.query<{ kind: string; subject: string; used: string; held: string }[]>(
    `SELECT kind, subject, used::text AS used, held::text AS held FROM ledger.counters WHERE account_id = $1
     ORDER BY kind, subject`,
    [accountId],
  );
  const credits = (micro: string): string => formatCredits(parseMicroCredits(micro));
  return found.map(({ kind, subject, used, held }) => `${kind} ${subject} ${credits(used)} ${credits(held)}`);
}
