// Activities room. Asking the ledger again by the same key: a lost connection or an unseen COMMIT has an answer, and
// it is better asked for here than by repeating a provider's call.
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

/** The world failed, not the request: connection errors, server restarts, serialisation and lock time-outs. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'CommitUnknown') return true;
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') return /connection|timeout/i.test(error.message);
  return /^(08|57P|53|40)/.test(code) || code === '55P03' || /^E[A-Z]+$/.test(code);
}
