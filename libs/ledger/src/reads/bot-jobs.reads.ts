// Ledger room, read side. The ended jobs of one bot as its owner compares them: what each cost, and what came of it.
import type { EndedJobState, Environment, Instant, MicroCredits } from '@fairmeter/domain';
import { parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { inEnvironment } from '../rows/environments.js';
import { HAS_PACKED } from './usage.reads.js';

export interface BotJobView {
  readonly id: string;
  readonly promptRef: string;
  readonly state: EndedJobState;
  readonly charged: MicroCredits;
  readonly refunded: MicroCredits;
  /** Whether it packed its files. */
  readonly packed: boolean;
  readonly repairs: number;
  readonly clarifications: number;
}

export interface BotJobsQuery {
  readonly accountId: string;
  readonly botId: string;
  readonly environment: Environment;
  /** When they were asked for. */
  readonly from: Instant;
  /** Not included. */
  readonly to: Instant;
  readonly limit: number;
}

type BotJobRow = Omit<BotJobView, 'promptRef' | 'charged' | 'refunded'> & {
  readonly prompt_ref: string;
  readonly charge: string;
  readonly refunded: string;
};

const stepsOf = (stage: string): string =>
  `(SELECT count(*)::int FROM ledger.steps s WHERE s.job_id = j.id AND s.stage = '${stage}' AND s.state = 'ended')`;

/** The newest first; paid by whomever. */
export async function readBotJobs(tx: EntityManager, query: BotJobsQuery): Promise<BotJobView[]> {
  const rows = await tx.query<BotJobRow[]>(
    `SELECT j.id, j.prompt_ref, j.state, j.charge::text, j.refunded::text, ${HAS_PACKED} AS packed,
       ${stepsOf('repair')} AS repairs, ${stepsOf('clarify')} AS clarifications
     FROM ledger.jobs j
     WHERE j.account_id = $1 AND j.bot_id = $2 AND j.ended_at IS NOT NULL AND j.created_at >= $3 AND j.created_at < $4
       AND ${inEnvironment('j.scope_id', query.environment)}
     ORDER BY j.id DESC LIMIT $5`,
    [query.accountId, query.botId, new Date(query.from).toISOString(), new Date(query.to).toISOString(), query.limit],
  );
  return rows.map(({ prompt_ref: promptRef, charge, refunded, ...job }) => ({
    ...job,
    promptRef,
    charged: parseMicroCredits(charge),
    refunded: parseMicroCredits(refunded),
  }));
}
