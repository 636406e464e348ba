// Ledger room. How a pause lies in its column: amounts as texts, for a JSON number would lose digits above 2^53.
import type { JobWaiting } from '@fairmeter/domain';
import { formatMicroCredits, instant, parseMicroCredits } from '@fairmeter/domain';

interface WaitingJson {
  readonly since: number;
  readonly until: number;
  readonly code: JobWaiting['code'];
  readonly required: string;
  readonly available: string;
  readonly resetsAt: number | null;
}

export function waitingJson(waiting: JobWaiting | null): WaitingJson | null {
  if (waiting === null) return null;
  const { required, available } = waiting;
  return { ...waiting, required: formatMicroCredits(required), available: formatMicroCredits(available) };
}

export function waitingOf(json: unknown): JobWaiting | null {
  if (json === null || json === undefined) return null;
  const { since, until, code, required, available, resetsAt } = json as WaitingJson;
  return {
    since: instant(since),
    until: instant(until),
    code,
    required: parseMicroCredits(required),
    available: parseMicroCredits(available),
    resetsAt: resetsAt === null ? null : instant(resetsAt),
  };
}
