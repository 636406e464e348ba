// Records room. Plans: published once from reviewed files, never changed under their id; another plan is another row.
import { createHash } from 'node:crypto';
import type { ArtefactLimit, LoopPolicy, Plan } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { PlanRow } from './rows/account.row.js';

/**
 * Publishing the same plan again is nothing, other figures under a known id are refused. A row of before plans were
 * published takes its figures over.
 */
export async function publishPlan(tx: EntityManager, plan: Plan): Promise<'published' | 'known'> {
  const bodySha256 = bodyHashOf(plan);
  // Two processes that start at once publish the same files: the second must find what the first has committed.
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`plan/${plan.id}`]);
  const plans = tx.getRepository(PlanRow);
  const known = await plans.findOneBy({ id: plan.id });
  if (known !== null && known.bodySha256 !== null) {
    if (known.bodySha256 !== bodySha256) throw new Error(`plan ${plan.id} is published with other figures`);
    return 'known';
  }
  await plans.save({ ...rowOf(plan), bodySha256 });
  return 'published';
}

/** All of them, the smallest first. */
export async function listPlans(tx: EntityManager): Promise<Plan[]> {
  const rows = await tx
    .getRepository(PlanRow)
    .find({ order: { maxConcurrentJobs: 'ASC', maxIterations: 'ASC', id: 'ASC' } });
  return rows.map(planOf);
}

/** What the plan of an account packs; null where there is no such account. */
export async function readArtefactLimit(tx: EntityManager, accountId: string): Promise<ArtefactLimit | null> {
  const rows = await tx.query<{ allowed: boolean; files: number; bytes: string }[]>(
    `SELECT p.artefacts_allowed AS allowed, p.artefact_max_files AS files, p.artefact_max_bytes::text AS bytes
     FROM records.accounts a JOIN records.plans p ON p.id = a.plan_id WHERE a.id = $1`,
    [accountId],
  );
  const [row] = rows;
  return row === undefined ? null : { allowed: row.allowed, maxFiles: row.files, maxBytes: Number(row.bytes) };
}

export function planOf(row: PlanRow): Plan {
  return {
    id: row.id,
    name: row.name,
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

function rowOf({ models, artefacts, loops = {}, ...plan }: Plan): Omit<PlanRow, 'bodySha256'> {
  return {
    ...plan,
    modelTiers: models.tiers,
    modelNames: models.names,
    artefactsAllowed: artefacts.allowed,
    artefactMaxFiles: artefacts.maxFiles,
    artefactMaxBytes: artefacts.maxBytes,
    loops,
  };
}

function bodyHashOf(plan: Plan): string {
  const asText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
  const { loops, ...row } = rowOf(plan);
  // Plans that were published before they could speak of loops keep their hash.
  return createHash('sha256')
    .update(JSON.stringify({ ...row, ...loopsOf(loops) }, asText))
    .digest('hex');
}
