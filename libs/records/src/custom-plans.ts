// Records room. Requests for custom plans: what an owner asked for, what the staff offered, and what became of it.
import type {
  CustomPlanFigures,
  CustomPlanState,
  Instant,
  MicroCredits,
  PeriodRule,
  PlanPrice,
  StaffMember,
  StaffRole,
} from '@fairmeter/domain';
import { instantOfDate, microCredits, parseMicroCredits, periodOfText, periodText } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

/** What the owner told; the team's size may be left out. */
export interface CustomPlanWish {
  readonly monthlyCredits: MicroCredits;
  readonly teamSize: number | null;
  /** Of a month, in the smallest coin. */
  readonly budget: PlanPrice;
}

export interface AskedCustomPlan extends CustomPlanWish {
  readonly id: string;
  readonly accountId: string;
  readonly askedBy: string;
  /** Where the owner's words stand. */
  readonly modelNeedsRef: string;
}

export interface CustomPlanOffer {
  readonly id: string;
  readonly figures: CustomPlanFigures;
  readonly offeredBy: StaffMember;
}

export interface CustomPlanRequest extends Omit<AskedCustomPlan, 'modelNeedsRef'> {
  /** Null where the words were erased; so is the decision's reason. */
  readonly modelNeeds: string | null;
  readonly state: CustomPlanState;
  /** The latest; published with the request where it is. */
  readonly offer: CustomPlanOffer | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Instant | null;
  readonly decision: string | null;
  readonly createdAt: Instant;
}

/** False where a request of the account is open already. */
export async function askForCustomPlan(tx: EntityManager, asked: AskedCustomPlan): Promise<boolean> {
  const rows = await tx.query<unknown[]>(
    `INSERT INTO records.custom_plan_requests
       (id, account_id, asked_by, monthly_credits, team_size, model_needs_ref, budget_minor, currency)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id`,
    [
      asked.id,
      asked.accountId,
      asked.askedBy,
      asked.monthlyCredits.toString(),
      asked.teamSize,
      asked.modelNeedsRef,
      asked.budget.minor.toString(),
      asked.budget.currency,
    ],
  );
  return rows.length > 0;
}

interface RequestRow {
  readonly id: string;
  readonly account_id: string;
  readonly asked_by: string;
  readonly monthly_credits: string;
  readonly team_size: number | null;
  readonly model_needs: string | null;
  readonly budget_minor: string;
  readonly currency: string;
  readonly state: CustomPlanState;
  readonly offer_id: string | null;
  readonly offer: WrittenFigures | null;
  readonly offered_by: string | null;
  readonly offered_role: StaffRole | null;
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
  readonly decision: string | null;
  readonly created_at: Date;
}

const REQUEST = `SELECT r.id, r.account_id, r.asked_by, r.monthly_credits::text, r.team_size, n.body AS model_needs,
    r.budget_minor::text, r.currency, r.state, r.offer_id, r.offer, r.offered_by, r.offered_role, r.decided_by,
    r.decided_at, d.body AS decision, r.created_at
  FROM records.custom_plan_requests r LEFT JOIN records.texts n ON n.id = r.model_needs_ref
  LEFT JOIN records.texts d ON d.id = r.decision_ref`;

/** Null where the tenant has none of that id. */
export async function findCustomPlanRequest(tx: EntityManager, id: string): Promise<CustomPlanRequest | null> {
  return one(await tx.query<RequestRow[]>(`${REQUEST} WHERE r.id = $1`, [id]));
}

/** Held for the transaction: what becomes of a request is decided one by one. */
export async function lockCustomPlanRequest(tx: EntityManager, id: string): Promise<CustomPlanRequest | null> {
  return one(await tx.query<RequestRow[]>(`${REQUEST} WHERE r.id = $1 FOR UPDATE OF r`, [id]));
}

export interface CustomPlanPage {
  readonly before: string | null;
  readonly limit: number;
}

/** Of the tenant, the newest first. */
export async function readCustomPlanRequests(
  tx: EntityManager,
  accountId: string,
  { before, limit }: CustomPlanPage,
): Promise<CustomPlanRequest[]> {
  const rows = await tx.query<RequestRow[]>(
    `${REQUEST} WHERE r.account_id = $1 AND ($2::text IS NULL OR r.id < $2) ORDER BY r.id DESC LIMIT $3`,
    [accountId, before, limit],
  );
  return rows.map(requestOf);
}

const FOR_STAFF = 'SELECT * FROM records.custom_plan_requests_for_staff($1, $2, $3, $4)';

/** Of any account, before a tenant is known: for staff alone. */
export async function findCustomPlanRequestForStaff(tx: EntityManager, id: string): Promise<CustomPlanRequest | null> {
  return one(await tx.query<RequestRow[]>(FOR_STAFF, [id, null, null, 1]));
}

/** Likewise; the newest first. */
export async function readCustomPlanRequestsForStaff(
  tx: EntityManager,
  { state, before, limit }: CustomPlanPage & { readonly state: CustomPlanState | null },
): Promise<CustomPlanRequest[]> {
  return (await tx.query<RequestRow[]>(FOR_STAFF, [null, state, before, limit])).map(requestOf);
}

/** False where it is not open any more. */
export async function withdrawCustomPlanRequest(tx: EntityManager, id: string): Promise<boolean> {
  return changed(
    await tx.query(
      `UPDATE records.custom_plan_requests SET state = 'withdrawn'
       WHERE id = $1 AND state IN ('requested', 'offered') RETURNING id`,
      [id],
    ),
  );
}

/** In place of an earlier offer. False where the request is not open any more. */
export async function offerCustomPlan(
  tx: EntityManager,
  requestId: string,
  { id, figures, offeredBy }: CustomPlanOffer,
): Promise<boolean> {
  return changed(
    await tx.query(
      `UPDATE records.custom_plan_requests
       SET state = 'offered', offer_id = $2, offer = $3, offered_by = $4, offered_role = $5
       WHERE id = $1 AND state IN ('requested', 'offered') RETURNING id`,
      [requestId, id, JSON.stringify(written(figures)), offeredBy.id, offeredBy.role],
    ),
  );
}

export interface CustomPlanDecided {
  readonly state: Extract<CustomPlanState, 'published' | 'declined'>;
  readonly decidedBy: string;
  readonly decisionRef: string;
}

export async function decideCustomPlan(
  tx: EntityManager,
  id: string,
  { state, decidedBy, decisionRef }: CustomPlanDecided,
): Promise<void> {
  await tx.query(
    `UPDATE records.custom_plan_requests SET state = $2, decided_by = $3, decision_ref = $4,
       decided_at = clock_timestamp() WHERE id = $1`,
    [id, state, decidedBy, decisionRef],
  );
}

function changed([rows]: [unknown[], number]): boolean {
  return rows.length > 0;
}

function one([row]: readonly RequestRow[]): CustomPlanRequest | null {
  return row === undefined ? null : requestOf(row);
}

function requestOf(row: RequestRow): CustomPlanRequest {
  const { offer, offer_id: offerId, offered_by: by, offered_role: role } = row;
  return {
    id: row.id,
    accountId: row.account_id,
    askedBy: row.asked_by,
    monthlyCredits: parseMicroCredits(String(row.monthly_credits)),
    teamSize: row.team_size,
    modelNeeds: row.model_needs,
    budget: { minor: BigInt(row.budget_minor), currency: row.currency },
    state: row.state,
    offer:
      offer === null || offerId === null || by === null || role === null
        ? null
        : { id: offerId, figures: read(offer), offeredBy: { id: by, role } },
    decidedBy: row.decided_by,
    decidedAt: row.decided_at === null ? null : instantOfDate(row.decided_at),
    decision: row.decision,
    createdAt: instantOfDate(row.created_at),
  };
}

/** As JSON has it: amounts and prices as texts, periods as their durations. */
interface WrittenFigures extends Pick<CustomPlanFigures, 'teamSeats' | 'features'> {
  readonly periodAllowance: string;
  readonly dailyAllowance: string;
  readonly creditPeriod: string;
  readonly billingPeriod: string | null;
  readonly price: { readonly minor: string; readonly currency: string } | null;
  readonly limits: Omit<CustomPlanFigures['limits'], 'maxCredits'> & { readonly maxCredits: string };
}

function written(figures: CustomPlanFigures): WrittenFigures {
  const { billingPeriod, price, limits } = figures;
  return {
    ...figures,
    periodAllowance: figures.periodAllowance.toString(),
    dailyAllowance: figures.dailyAllowance.toString(),
    creditPeriod: periodText(figures.creditPeriod),
    billingPeriod: billingPeriod === null ? null : periodText(billingPeriod),
    price: price === null ? null : { minor: price.minor.toString(), currency: price.currency },
    limits: { ...limits, maxCredits: limits.maxCredits.toString() },
  };
}

function read(offer: WrittenFigures): CustomPlanFigures {
  const { billingPeriod, price, limits } = offer;
  return {
    ...offer,
    periodAllowance: microCredits(BigInt(offer.periodAllowance)),
    dailyAllowance: microCredits(BigInt(offer.dailyAllowance)),
    creditPeriod: periodFrom(offer.creditPeriod),
    billingPeriod: billingPeriod === null ? null : periodFrom(billingPeriod),
    price: price === null ? null : { minor: BigInt(price.minor), currency: price.currency },
    limits: { ...limits, maxCredits: microCredits(BigInt(limits.maxCredits)) },
  };
}

function periodFrom(text: string): PeriodRule {
  const rule = periodOfText(text);
  if (rule === undefined) throw new Error(`${text} is no period of a plan`);
  return rule;
}
