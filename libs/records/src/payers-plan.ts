// Records room. The plan of a visitor as admissions read it: it holds for jobs that the visitor pays for, and for no
// other. What somebody gives away is bounded by whoever gives it.
import type { Funding, Plan } from '@fairmeter/domain';
import { subjectId } from '@fairmeter/domain';
import { plannedOnce } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';
import { PLAN_JSON, type PlanJson, planOfJson } from './plan-json.js';

export interface WhoPays {
  readonly funding: Funding;
  readonly accountId: string;
  readonly botId: string;
  /** Who asked: a visitor wherever it is a visitor who pays. */
  readonly askedBy: string;
}

const VISITORS_PLAN = plannedOnce(`
SELECT ${PLAN_JSON} AS plan
FROM records.subscriptions s JOIN records.plans p ON p.id = s.plan_id AND p.version = s.plan_version
WHERE s.subject_id = $1`);

/** As it is now. Null of a visitor without a plan, and wherever an account pays. */
export async function readPayersPlan(
  tx: EntityManager,
  { funding, askedBy: visitorId, ...place }: WhoPays,
): Promise<Plan | null> {
  if (funding !== 'end_user') return null;
  const subject = subjectId({ kind: 'end_user', ...place, visitorId });
  const [row] = await tx.query<{ plan: PlanJson }[]>(VISITORS_PLAN, [subject]);
  return row === undefined ? null : planOfJson(row.plan);
}
