// Activities room. Asking the ledger again by the same key: a lost connection or an unseen COMMIT has an answer, and
// it is better asked for here than by repeating a provider's call.
import type { Outcome } from '@fairmeter/domain';
import { isError } from '@fairmeter/platform';

/** The ledger has more waiting than it can take: not an answer about the job, only about the moment. */
export class LedgerBusy extends Error {
  override readonly name = 'LedgerBusy';
}

/** A refusal that will pass is asked for again, by this process and then by Temporal; every other outcome is one. */
export async function unlessBusy<T>(outcome: Promise<Outcome<T>>): Promise<Outcome<T>> {
  const settled = await outcome;
  if (!settled.ok && settled.refusal.code === 'ledger_busy') throw new LedgerBusy('the ledger is busy');
  return settled;
}

const PAUSES_MS = [50, 200, 500, 1_000, 2_000];

export async function askAgain<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted || !isUnavailable(error)) throw error;
      await new Promise((resume) => setTimeout(resume, pauseMs));
    }
  }
  return ask();
}

/** How the drivers say, without a code, that there is no way to the database: also that it was closed under a step. */
const AWAY = /connection|timeout|not connected|pool after calling end|already released/i;

/** The world failed, not the request: connection errors, server restarts, serialisation and lock time-outs. */
export function isUnavailable(error: unknown): boolean {
  if (!isError(error)) return false;
  if (error.name === 'CommitUnknown' || error instanceof LedgerBusy) return true;
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') return AWAY.test(error.message);
  return /^(08|57P|53|40)/.test(code) || code === '55P03' || /^E[A-Z]+$/.test(code);
}
