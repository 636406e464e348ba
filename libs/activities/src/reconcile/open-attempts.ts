// Activities room. Attempts that are open for longer than any can last. Listed alone: their job is under way, and its
// workflow closes them with the next try, or with its end.
import { ATTEMPT_OPEN_TOO_LONG_MS, instant, instantToText, isOldEnough } from '@fairmeter/domain';
import type { StepPlace } from '@fairmeter/ledger/reads';
import { readOpenAttempts } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import type { EntityDatabase } from '@fairmeter/platform/database';
import { listDrift } from '@fairmeter/records';
import type { Walked } from './lost-jobs.js';
import { attemptSubject } from './subjects.js';

const PAGE = 200;

export class OpenAttempts {
  constructor(private readonly parts: { readonly entities: EntityDatabase; readonly clock: Clock }) {}

  async page(after: string | null): Promise<Walked> {
    const { entities, clock } = this.parts;
    const now = instant(clock.now());
    const open = await readOpenAttempts(entities.manager, { after: placeOf(after), limit: PAGE });
    const long = open.filter(({ startedAt }) => isOldEnough(startedAt, now, ATTEMPT_OPEN_TOO_LONG_MS));
    const found = await listDrift(
      entities.manager,
      long.map(({ accountId, startedAt, ...attempt }) => ({
        kind: 'attempt_open_too_long' as const,
        subject: attemptSubject(attempt),
        accountId,
        figures: { started_at: instantToText(startedAt) },
      })),
    );
    const last = open.at(-1);
    const isOver = open.length < PAGE || last === undefined;
    return { looked: open.length, found, next: isOver ? null : `${last.jobId}/${last.ordinal}` };
  }
}

function placeOf(after: string | null): StepPlace | null {
  if (after === null) return null;
  const [jobId = '', ordinal] = after.split('/');
  return { jobId, ordinal: Number(ordinal) };
}
