// Simulation, jobs. The judge of one story that was played: what its tables say is held against its script, its rate
// card, its provider's book and its workflow's word. Every difference comes in words; none where everything holds.
import { accountScope } from '@fairmeter/domain';
import { readRateCard } from '@fairmeter/records';
import { BotClient } from '../../harness/bot-client.js';
import { endingDifferences } from './judge-ending.js';
import { moneyDifferences } from './judge-money.js';
import { workDifferences } from './judge-work.js';
import { courseOf, lastSeen } from './course.js';
import { readJob } from './job-rows.js';
import type { JobsStage } from './jobs-stage.js';
import { refusalDifferences } from './judge-refusal.js';
import type { PlayedJob } from './played-job.js';

export async function differencesOf(stage: JobsStage, played: PlayedJob): Promise<readonly string[]> {
  const found = [...played.complaints, ...(await accountDifferences(stage, played)), ...refusalDifferences(played)];
  const { jobId, owner } = played;
  if (jobId === null) return found;
  const rows = await readJob(stage.stack.entities, jobId, accountScope(owner.accountId));
  if (rows === null) return [...found, 'it was admitted and is not there'];
  const card = await readRateCard(stage.stack.entities.manager, rows.job.rateCardId);
  found.push(...endingDifferences(rows, played));
  found.push(...moneyDifferences(rows, card, played.promised));
  found.push(...workDifferences(rows, played, { card, calls: stage.models.callsOf(jobId) }));
  const explained = await new BotClient(stage.stack, owner).get(`/v1/jobs/${jobId}/cost/explain`);
  if (explained.body['matches'] !== true) found.push(`its cost is told as ${JSON.stringify(explained.body)}`);
  if (found.length === 0) return found;
  return [...found, `how it went: ${courseOf(rows)}`, `what its workflow saw last: ${await lastSeen(stage, played)}`];
}

const ACCOUNT = `SELECT
    (SELECT coalesce(sum(open), 0) FROM ledger.lots WHERE account_id = $1)::text AS open,
    (SELECT coalesce(sum(held), 0) FROM ledger.lots WHERE account_id = $1)::text AS held,
    (SELECT count(*) FROM ledger.jobs WHERE account_id = $1)::int AS jobs,
    (SELECT coalesce(sum(charge - refunded), 0) FROM ledger.jobs WHERE account_id = $1)::text AS paid`;

/** What it was given is what it has and what it paid; nothing is set aside; one key made one job. */
async function accountDifferences({ stack }: JobsStage, { owner, given, jobId }: PlayedJob): Promise<string[]> {
  type Row = Readonly<Record<'open' | 'held' | 'paid', string>> & { readonly jobs: number };
  const [row] = await stack.entities.manager.query<Row[]>(ACCOUNT, [owner.accountId]);
  if (row === undefined) return ['its account is not there'];
  const found: string[] = [];
  const { open, held, paid, jobs } = row;
  if (held !== '0') found.push(`its account still has ${held} set aside`);
  const sum = BigInt(open) + BigInt(held) + BigInt(paid);
  if (sum !== given) found.push(`its account was given ${given}, has ${open} and paid ${paid}`);
  if (jobs !== (jobId === null ? 0 : 1)) found.push(`its account has ${jobs} jobs`);
  return found;
}
