// Ledger room, read side. The jobs of an account, the newest first. Ids sort by when they were made, so a page goes on
// after an id and neither misses nor repeats a job, however many begin meanwhile.
import type { BotType, Environment, Instant, JobState, RequestKind } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { inEnvironment } from '../rows/environments.js';
import { JobRow } from '../rows/job.row.js';
import { askedByPerson } from '../rows/requesters.js';
import type { JobView } from './job-views.js';

export interface JobsQuery {
  /** The id of the last job seen; null begins. */
  readonly before: string | null;
  readonly limit: number;
  readonly environment: Environment;
  /** Whose requests alone; left out, everybody's. */
  readonly person?: string | undefined;
  readonly botId?: string | undefined;
  readonly botType?: BotType | undefined;
  readonly requestKind?: RequestKind | undefined;
  readonly model?: string | undefined;
  readonly state?: JobState | undefined;
  readonly createdFrom?: Instant | undefined;
  /** Not included. */
  readonly createdTo?: Instant | undefined;
  readonly looped?: boolean | undefined;
  readonly refunded?: boolean | undefined;
}

export interface JobsPage {
  readonly jobs: readonly JobView[];
  /** The id after which the next page goes on; null where there is none. */
  readonly next: string | null;
}

const LOOPED = 'EXISTS (SELECT 1 FROM ledger.loop_findings found WHERE found.job_id = job.id)';

export async function readJobs(tx: EntityManager, accountId: string, query: JobsQuery): Promise<JobsPage> {
  const jobs = tx.getRepository(JobRow).createQueryBuilder('job').where('job.accountId = :accountId', { accountId });
  jobs.andWhere(inEnvironment('job.scopeId', query.environment));
  const { before, limit, person, botId, botType, requestKind, model, state, createdFrom, createdTo } = query;
  if (person !== undefined) jobs.andWhere(askedByPerson('job', ':person'), { person });
  if (before !== null) jobs.andWhere('job.id < :before', { before });
  if (botId !== undefined) jobs.andWhere('job.botId = :botId', { botId });
  if (botType !== undefined) jobs.andWhere('job.botType = :botType', { botType });
  if (requestKind !== undefined) jobs.andWhere('job.requestKind = :requestKind', { requestKind });
  if (model !== undefined) jobs.andWhere('job.model = :model', { model });
  if (state !== undefined) jobs.andWhere('job.state = :state', { state });
  if (createdFrom !== undefined) jobs.andWhere('job.createdAt >= :from', { from: new Date(createdFrom) });
  if (createdTo !== undefined) jobs.andWhere('job.createdAt < :to', { to: new Date(createdTo) });
  if (query.looped !== undefined) jobs.andWhere(query.looped ? LOOPED : `NOT ${LOOPED}`);
  if (query.refunded !== undefined) jobs.andWhere(query.refunded ? 'job.refunded > 0' : 'job.refunded = 0');
  const found = await jobs
    .orderBy('job.id', 'DESC')
    .limit(limit + 1)
    .getMany();
  const page = found.slice(0, limit);
  return { jobs: page, next: found.length > limit ? (page.at(-1)?.id ?? null) : null };
}
