// Records room. Plans: each version is published once from a reviewed file; other figures are another version.
import { createHash } from 'node:crypto';
import type {
  ArtefactLimit,
  LoopPolicy,
  PeriodRule,
  Plan,
  PlanFeature,
  PlanLimits,
  PlanVersion,
} from '@fairmeter/domain';
import { periodOfText, periodText } from '@fairmeter/domain';
import type { EntityManager, FindOptionsWhere } from 'typeorm';
import { In } from 'typeorm';
import { PlanRow } from './rows/account.row.js';

/**
 * Publishing the same version again is nothing, other figures under a known one are refused. A row of before plans were
 * published takes its figures over. What is published for one account is seen in that account alone.
 */
export async function publishPlan(
  tx: EntityManager,
  plan: PlanVersion,
  accountId: string | null = null,
): Promise<'published' | 'known'> {
  const bodySha256 = bodyHashOf(plan);
  const { planId: id, version } = plan;
  // Two processes that start at once publish the same files: the second must find what the first has committed.
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`plan/${id}`]);
  const plans = tx.getRepository(PlanRow);
  const known = await plans.findOneBy({ id, version });
  if (known !== null && known.bodySha256 !== null) {
    if (known.bodySha256 !== bodySha256) throw otherFigures(plan);
    return 'known';
  }
  await plans.save({ ...rowOf(plan), accountId, bodySha256 });
  return 'published';
}

function otherFigures({ planId, version }: PlanVersion): Error {
  return new Error(`plan ${planId} version ${version} is published with other figures`);
}

/** All versions of all that the tenant may see, the smallest plans first; custom ones come last. */
export async function listPlans(tx: EntityManager): Promise<PlanVersion[]> {
  return (await findPlans(tx)).map(versionOf);
}

/**
 * All versions of what may be changed to: what is sold to everybody, and what was agreed with this account; null asks
 * for no account.
 */
export async function listPlansFor(tx: EntityManager, accountId: string | null): Promise<PlanVersion[]> {
  const offered = [{ custom: false }, ...(accountId === null ? [] : [{ accountId }])];
  return (await findPlans(tx, offered)).map(versionOf);
}

async function findPlans(tx: EntityManager, where: FindOptionsWhere<PlanRow>[] = []): Promise<PlanRow[]> {
  return tx.getRepository(PlanRow).find({
    where,
    order: {
      scope: 'ASC',
      custom: 'ASC',
      tier: 'ASC',
      maxConcurrentJobs: 'ASC',
      maxIterations: 'ASC',
      priceMinor: 'ASC',
      id: 'ASC',
      version: 'ASC',
    },
  });
}

export interface PlansOfSubscription {
  readonly accountId: string;
  /** Those that it is on or goes to, whoever they are sold to by now. */
  readonly planIds: readonly string[];
  /** Of a wish: found where it is sold to everybody, or was agreed with this account. */
  readonly wished: string | null;
}

/** All versions of what a step of a subscription may need, and of what costs nothing: where it ends up unpaid. */
export async function readPlansOfSubscription(
  tx: EntityManager,
  { accountId, planIds, wished }: PlansOfSubscription,
): Promise<PlanVersion[]> {
  const plans = await findPlans(tx, [
    { id: In([...planIds]) },
    { scope: 'account', tier: 0, custom: false },
    ...(wished === null
      ? []
      : [
          { id: wished, custom: false },
          { id: wished, accountId },
        ]),
  ]);
  return plans.map(versionOf);
}

/** Whether the plan of the account lists it. */
export async function planHasFeature(tx: EntityManager, accountId: string, feature: PlanFeature): Promise<boolean> {
  const rows = await tx.query<unknown[]>(
    `SELECT FROM records.accounts a JOIN records.plans p ON p.id = a.plan_id AND p.version = a.plan_version
     WHERE a.id = $1 AND $2 = ANY (p.features)`,
    [accountId, feature],
  );
  return rows.length > 0;
}

/** What the plan of an account packs; null where there is no such account. */
export async function readArtefactLimit(tx: EntityManager, accountId: string): Promise<ArtefactLimit | null> {
  const rows = await tx.query<{ allowed: boolean; files: number; bytes: string }[]>(
    `SELECT p.artefacts_allowed AS allowed, p.artefact_max_files AS files, p.artefact_max_bytes::text AS bytes
     FROM records.accounts a JOIN records.plans p ON p.id = a.plan_id AND p.version = a.plan_version
     WHERE a.id = $1`,
    [accountId],
  );
  const [row] = rows;
  return row === undefined ? null : { allowed: row.allowed, maxFiles: row.files, maxBytes: Number(row.bytes) };
}

export function planOf(row: PlanRow): Plan {
  return { id: row.id, name: row.name, ...limitsOf(row) };
}

export function versionOf(row: PlanRow): PlanVersion {
  const { id: planId, version, name, effectiveFrom, scope, tier, custom, teamSeats, features } = row;
  return {
    planId,
    version,
    name,
    effectiveFrom,
    scope,
    tier,
    custom,
    periodAllowance: row.periodAllowance,
    dailyAllowance: row.dailyAllowance,
    creditPeriod: ruleOf(row.creditPeriod),
    billingPeriod: row.billingPeriod === null ? null : ruleOf(row.billingPeriod),
    price: row.priceMinor === null ? null : { minor: row.priceMinor, currency: row.currency ?? '' },
    teamSeats,
    features,
    limits: limitsOf(row),
  };
}

function ruleOf(text: string): PeriodRule {
  const rule = periodOfText(text);
  if (rule === undefined) throw new Error(`${text} is no period of a plan`);
  return rule;
}

function limitsOf(row: PlanRow): PlanLimits {
  return {
    maxIterations: row.maxIterations,
    maxConcurrentJobs: row.maxConcurrentJobs,
    maxContextTokens: row.maxContextTokens,
    maxCredits: row.maxCredits,
    maxDeadlineMs: row.maxDeadlineMs,
    models: { tiers: row.modelTiers, names: row.modelNames },
    artefacts: {
      allowed: row.artefactsAllowed,
      maxFiles: row.artefactMaxFiles,
      maxBytes: row.artefactMaxBytes,
    },
    ...loopsOf(row.loops),
  };
}

/** A plan that changes nothing of the loop rules does not speak of them. */
export function loopsOf(loops: Partial<LoopPolicy>): Pick<Plan, 'loops'> {
  return Object.keys(loops).length === 0 ? {} : { loops };
}

function rowOf({
  planId,
  limits,
  creditPeriod,
  billingPeriod,
  price,
  ...plan
}: PlanVersion): Omit<PlanRow, 'accountId' | 'bodySha256'> {
  const { models, artefacts, loops = {}, ...figures } = limits;
  return {
    id: planId,
    ...plan,
    ...figures,
    creditPeriod: periodText(creditPeriod),
    billingPeriod: billingPeriod === null ? null : periodText(billingPeriod),
    priceMinor: price?.minor ?? null,
    currency: price?.currency ?? null,
    modelTiers: models.tiers,
    modelNames: models.names,
    artefactsAllowed: artefacts.allowed,
    artefactMaxFiles: artefacts.maxFiles,
    artefactMaxBytes: artefacts.maxBytes,
    loops,
  };
}

/** Of the row, its columns in the order of their names: the order in which a file was read means nothing. */
function bodyHashOf(plan: PlanVersion): string {
  const row = Object.entries(rowOf(plan)).sort(([a], [b]) => (a < b ? -1 : 1));
  const asText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
  return createHash('sha256').update(JSON.stringify(row, asText)).digest('hex');
}
