// Records room. Subscriptions that somebody has to look after. Their run may be lost: they were to wake and did not, or
// could not be told something. Or a time-zone release may have moved what they have reckoned.
import type { SubscriptionSubject } from '@fairmeter/domain';
import { subjectId } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

/** With all that it takes to begin it anew. */
export interface LostSubscription {
  readonly subject: SubscriptionSubject;
  readonly zone: string;
  readonly planId: string;
}

interface LostRow {
  readonly account_id: string;
  readonly bot_id: string | null;
  readonly visitor_id: string | null;
  readonly zone: string;
  readonly plan_id: string;
}

/** Those that are due to be looked at, some of them, each for one process; the next look is an hour later. */
const TAKE = `
UPDATE records.subscriptions s SET look_at = clock_timestamp() + interval '1 hour'
WHERE s.subject_id IN (SELECT subject_id FROM records.subscriptions WHERE look_at <= clock_timestamp()
  ORDER BY look_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING s.account_id, s.bot_id, s.visitor_id, s.written ->> 'zone' AS zone,
  coalesce(s.plan_id, s.written #>> '{order,plan,planId}') AS plan_id`;

export async function takeLostSubscriptions(tx: EntityManager, limit: number): Promise<readonly LostSubscription[]> {
  const [rows] = await tx.query<[LostRow[], number]>(TAKE, [limit]);
  return rows.map(lostOf);
}

/** Releases are named by their year and a letter, so that a later one is greater; what was tried in vain comes last. */
const TAKE_RECKONED = `
UPDATE records.subscriptions s SET zone_rules = $1
WHERE s.subject_id IN (SELECT subject_id FROM records.subscriptions WHERE zone_rules < $1
  ORDER BY zone_rules DESC LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING s.account_id, s.bot_id, s.visitor_id, s.written ->> 'zone' AS zone, s.plan_id`;

/** Some that were reckoned by an older release than this one, each for one process, and once. */
export async function takeReckonedSubscriptions(
  tx: EntityManager,
  { release, limit }: { readonly release: string; readonly limit: number },
): Promise<readonly LostSubscription[]> {
  const [rows] = await tx.query<[LostRow[], number]>(TAKE_RECKONED, [release, limit]);
  return rows.map(lostOf);
}

/** By no release, and before every one. */
const NOT_TRIED = '0';
const TRIED_IN_VAIN = '';

/** To be taken again: nobody has seen to it. */
export async function putBackReckoned(tx: EntityManager, subject: SubscriptionSubject): Promise<void> {
  await setZoneRules(tx, subject, NOT_TRIED);
}

/** To be taken again behind all others: it could not be seen to. */
export async function putOffReckoned(tx: EntityManager, subject: SubscriptionSubject): Promise<void> {
  await setZoneRules(tx, subject, TRIED_IN_VAIN);
}

async function setZoneRules(tx: EntityManager, subject: SubscriptionSubject, rules: string): Promise<void> {
  await tx.query('UPDATE records.subscriptions SET zone_rules = $2 WHERE subject_id = $1 AND zone_rules IS NOT NULL', [
    subjectId(subject),
    rules,
  ]);
}

function lostOf({
  account_id: accountId,
  bot_id: botId,
  visitor_id: visitorId,
  zone,
  plan_id: planId,
}: LostRow): LostSubscription {
  return {
    subject:
      botId === null || visitorId === null
        ? { kind: 'account', accountId }
        : { kind: 'end_user', accountId, botId, visitorId },
    zone,
    planId,
  };
}

/** It was taken and could not be begun: due again soon, and what stands behind it comes first. */
export async function putOffSubscription(tx: EntityManager, subject: SubscriptionSubject): Promise<void> {
  await tx.query(
    `UPDATE records.subscriptions SET look_at = clock_timestamp() + interval '10 seconds'
     WHERE subject_id = $1 AND look_at > clock_timestamp() + interval '10 seconds'`,
    [subjectId(subject)],
  );
}

/** To be looked at now. One that has ended, and waits for no payment, is not lost. */
export async function seekSubscription(tx: EntityManager, subject: SubscriptionSubject): Promise<void> {
  await tx.query(
    `UPDATE records.subscriptions SET look_at = clock_timestamp()
     WHERE subject_id = $1 AND (state <> 'ended' OR written ->> 'order' IS NOT NULL)`,
    [subjectId(subject)],
  );
}
