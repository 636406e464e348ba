// Records room. What the staff said to requests for custom plans, kept until it is done: whoever said it may never have
// heard what became of it.
import type { CustomPlanState, StaffMember, StaffRole } from '@fairmeter/domain';
import { customPlanId, isOpenCustomPlan } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';

export interface CustomPlanWord {
  readonly customPlanRequestId: string;
  readonly accountId: string;
  readonly verdict: 'publish' | 'decline';
  readonly offerId: string | null;
  readonly by: StaffMember;
  readonly reasonRef: string;
  /** Of HTTP. */
  readonly requestId: string;
}

export async function sayOnCustomPlan(tx: EntityManager, word: CustomPlanWord): Promise<void> {
  const { customPlanRequestId, accountId, verdict, offerId, by, reasonRef, requestId } = word;
  await tx.query(
    `INSERT INTO records.custom_plan_words
       (id, custom_plan_request_id, account_id, verdict, offer_id, said_by, said_role, reason_ref, request_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [newId('cpw'), customPlanRequestId, accountId, verdict, offerId, by.id, by.role, reasonRef, requestId],
  );
}

export interface LostWord {
  readonly id: string;
  readonly said: Omit<CustomPlanWord, 'accountId'>;
  /** Nobody has decided what it is about. */
  readonly isOpen: boolean;
  /** Something else was said of the same request since: that counts. */
  readonly isSuperseded: boolean;
}

interface WordRow {
  readonly id: string;
  readonly custom_plan_request_id: string;
  readonly verdict: CustomPlanWord['verdict'];
  readonly offer_id: string | null;
  readonly said_by: string;
  readonly said_role: StaffRole;
  readonly reason_ref: string;
  readonly request_id: string;
  readonly state: CustomPlanState;
  /** Whether what it is about is what stands now. */
  readonly standing: boolean;
  readonly superseded: boolean;
}

/**
 * The first that is due, for one process alone, and for good: it is done in the transaction in which it is taken. To
 * decline takes back whatever was said before; an offer is let through in place of that where it is the one that
 * stands. Who says the same of an offer takes nothing back: one of two may have to wait for the other.
 */
const TAKE = `
UPDATE records.custom_plan_words w SET look_at = NULL
FROM records.custom_plan_requests r
WHERE r.id = w.custom_plan_request_id
  AND w.id = (SELECT id FROM records.custom_plan_words WHERE look_at <= clock_timestamp()
    ORDER BY look_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING w.id, w.custom_plan_request_id, w.verdict, w.offer_id, w.said_by, w.said_role, w.reason_ref, w.request_id,
  r.state, w.verdict = 'decline' OR w.offer_id IS NOT DISTINCT FROM r.offer_id AS standing,
  EXISTS (SELECT FROM records.custom_plan_words later
    WHERE later.custom_plan_request_id = w.custom_plan_request_id AND later.seq > w.seq
      AND (later.verdict = 'decline' OR w.verdict = 'decline' AND later.offer_id = r.offer_id)) AS superseded`;

export async function takeLostWord(tx: EntityManager): Promise<LostWord | null> {
  const [[row]] = await tx.query<[WordRow[], number]>(TAKE);
  if (row === undefined) return null;
  return {
    id: row.id,
    said: {
      customPlanRequestId: row.custom_plan_request_id,
      verdict: row.verdict,
      offerId: row.offer_id,
      by: { id: row.said_by, role: row.said_role },
      reasonRef: row.reason_ref,
      requestId: row.request_id,
    },
    isOpen: isOpenCustomPlan(row.state) && row.standing,
    isSuperseded: row.superseded,
  };
}

/** What was agreed with an account whose subscription has never heard of it, and is not over with the account. */
export interface UntoldPlan {
  readonly customPlanRequestId: string;
  readonly planId: string;
  readonly agreedBy: string;
  readonly account: { readonly accountId: string; readonly timeZone: string; readonly planId: string };
}

// The line of the audit is written with the step that heard of it: whatever the owner has wished since, it was heard.
const UNTOLD = `
SELECT r.decided_by AS "agreedBy", a.id AS "accountId", a.time_zone AS "timeZone", a.plan_id AS "planId"
FROM records.custom_plan_requests r JOIN records.accounts a ON a.id = r.account_id
WHERE r.id = $1 AND r.state = 'published' AND a.subscription <> 'none' AND a.status <> 'closed'
  AND NOT EXISTS (SELECT FROM records.audit told
    WHERE told.account_id = r.account_id AND told.target_id = r.account_id AND told.action = 'subscription.plan_changed'
      AND $2 IN (told.after ->> 'plan', told.after ->> 'scheduled', told.after ->> 'ordered'))`;

/** Null where nothing was agreed, or its subscription has heard of it, or can hear of nothing more. */
export async function readUntoldPlan(tx: EntityManager, customPlanRequestId: string): Promise<UntoldPlan | null> {
  const planId = customPlanId(customPlanRequestId);
  const [row] = await tx.query<(UntoldPlan['account'] & { readonly agreedBy: string })[]>(UNTOLD, [
    customPlanRequestId,
    planId,
  ]);
  if (row === undefined) return null;
  const { agreedBy, ...account } = row;
  return { customPlanRequestId, planId, agreedBy, account };
}
