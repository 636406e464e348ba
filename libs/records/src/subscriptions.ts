// Records room. Subscriptions as they stood after their last step: the step writes them, everybody else reads.
import type { Instant, PlanRef, SubscriptionState, SubscriptionSubject } from '@fairmeter/domain';
import { instantOfDate, subjectId } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface StoredSubscription {
  readonly subject: SubscriptionSubject;
  /** The whole of it, as the contracts write and read it. */
  readonly written: object;
  readonly state: SubscriptionState;
  /** Null once it has ended, and before its first plan is paid. */
  readonly plan: PlanRef | null;
  readonly period: { readonly start: Instant; readonly end: Instant } | null;
  /** When something falls due by itself. */
  readonly wakeAt: Instant | null;
  readonly steps: number;
}

export interface SteppedSubscription extends StoredSubscription {
  /** The time-zone release by which ends were reckoned that nobody was told yet. Null where there is none of these. */
  readonly zoneRules: string | null;
}

interface SubscriptionRow {
  readonly account_id: string;
  readonly bot_id: string | null;
  readonly visitor_id: string | null;
  readonly written: object;
  readonly state: SubscriptionState;
  readonly plan_id: string | null;
  readonly plan_version: number | null;
  readonly period_start: Date | null;
  readonly period_end: Date | null;
  readonly wake_at: Date | null;
  readonly steps: number;
}

/**
 * False where this step, or a later one, is written already. Whose a visitor's is says the bot, held as it stands, and
 * never the step: a move takes along the rows that are there, and must not pass by one that is being written.
 */
export async function saveSubscription(tx: EntityManager, stored: SteppedSubscription): Promise<boolean> {
  const { subject, written, state, plan, period, wakeAt, steps, zoneRules } = stored;
  const visitor = subject.kind === 'end_user' ? subject : null;
  const rows = await tx.query<unknown[]>(
    `INSERT INTO records.subscriptions AS known (subject_id, account_id, bot_id, visitor_id, written, state, plan_id,
       plan_version, period_start, period_end, wake_at, look_at, zone_rules, steps)
     VALUES ($1, coalesce((SELECT b.account_id FROM records.bots b WHERE b.id = $3 FOR SHARE), $2), $3, $4, $5, $6, $7,
       $8, $9, $10, $11, $11::timestamptz + interval '1 hour', $13, $12)
     ON CONFLICT (subject_id) DO UPDATE SET account_id = excluded.account_id, written = excluded.written,
       state = excluded.state, plan_id = excluded.plan_id, plan_version = excluded.plan_version,
       period_start = excluded.period_start, period_end = excluded.period_end, wake_at = excluded.wake_at,
       look_at = excluded.look_at, steps = excluded.steps,
       zone_rules = CASE WHEN excluded.zone_rules IS NOT NULL
         THEN greatest(known.zone_rules, excluded.zone_rules) END, changed_at = clock_timestamp()
     WHERE known.steps < excluded.steps RETURNING known.subject_id`,
    [
      subjectId(subject),
      subject.accountId,
      visitor?.botId ?? null,
      visitor?.visitorId ?? null,
      JSON.stringify(written),
      state,
      plan?.planId ?? null,
      plan?.version ?? null,
      period === null ? null : new Date(period.start),
      period === null ? null : new Date(period.end),
      wakeAt === null ? null : new Date(wakeAt),
      steps,
      zoneRules,
    ],
  );
  return rows.length > 0;
}

/** Null where the tenant has none. */
export async function readSubscription(
  tx: EntityManager,
  subject: SubscriptionSubject,
): Promise<StoredSubscription | null> {
  const [row] = await tx.query<SubscriptionRow[]>(
    `SELECT account_id, bot_id, visitor_id, written, state, plan_id, plan_version, period_start, period_end, wake_at,
       steps
     FROM records.subscriptions WHERE subject_id = $1`,
    [subjectId(subject)],
  );
  return row === undefined ? null : storedOf(row);
}

function storedOf(row: SubscriptionRow): StoredSubscription {
  const { account_id: accountId, bot_id: botId, visitor_id: visitorId } = row;
  const { plan_id: planId, plan_version: version, period_start: start, period_end: end } = row;
  return {
    subject:
      botId === null || visitorId === null
        ? { kind: 'account', accountId }
        : { kind: 'end_user', accountId, botId, visitorId },
    written: row.written,
    state: row.state,
    plan: planId === null || version === null ? null : { planId, version },
    period: start === null || end === null ? null : { start: instantOfDate(start), end: instantOfDate(end) },
    wakeAt: row.wake_at === null ? null : instantOfDate(row.wake_at),
    steps: row.steps,
  };
}
