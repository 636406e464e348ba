// Activities room. What became of a budget that somebody set for the work of somebody else: a line of the audit,
// written where the ledger's answer is heard. It is there also where whoever asked was told of no answer.
import type { BudgetAsker } from '@fairmeter/contracts';
import type { BudgetResult, Outcome, Refusal } from '@fairmeter/domain';
import { formatCredits, parseMicroCredits } from '@fairmeter/domain';
import { findJob } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import type { AuditedState } from '@fairmeter/records';
import { writeAuditOnce } from '@fairmeter/records';

export interface AskedBudget {
  readonly asker: BudgetAsker;
  readonly accountId: string;
  readonly jobId: string;
  readonly maxMicroCredits: string;
}

export type HeardBudget = Outcome<{ readonly result: BudgetResult; readonly replayed: boolean }>;

export async function noteBudget(tx: EntityManager, asked: AskedBudget, heard: HeardBudget): Promise<void> {
  const { asker, accountId, jobId: targetId, maxMicroCredits } = asked;
  const wish = shown(maxMicroCredits);
  const told = heard.ok ? heard.value.result.before : undefined;
  const stood = told === undefined ? await budgetOf(tx, targetId) : shown(told);
  // The same budget again changes nothing.
  if (stood === wish) return;
  const before = { max_credits: stood };
  const [action, after]: [string, AuditedState] = heard.ok
    ? ['job.budget_changed', { max_credits: wish }]
    : ['job.budget_refused', { ...before, requested: wish, code: codeTold(heard.refusal) }];
  const line = { accountId, targetId, actor: asker.actor, requestId: asker.requestId, action, before, after };
  await writeAuditOnce(tx, line, heard.ok && heard.value.replayed);
}

/** As whoever asked is told. */
function codeTold({ code }: Refusal): string {
  return code === 'operation_mismatch' ? 'idempotency_mismatch' : code;
}

async function budgetOf(tx: EntityManager, jobId: string): Promise<string> {
  const job = await findJob(tx, jobId);
  return job === null ? '' : formatCredits(job.maxCredits);
}

function shown(microCredits: string): string {
  return formatCredits(parseMicroCredits(microCredits));
}
