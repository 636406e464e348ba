// Activities room. Jobs that have ended, once each: whether what was metered was captured, whose provider told no
// usage, and where what it told costs something else than what was metered. Listed alone: the rest is for a person.
import { formatCredits, instant } from '@fairmeter/domain';
import type { EndedJob } from '@fairmeter/ledger/reads';
import { readEndedJobs, readUncapturedSteps, readUnmeteredAttempts } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import type { EntityDatabase } from '@fairmeter/platform/database';
import type { FoundDrift } from '@fairmeter/records';
import { listDrift, readReconcileMark, saveReconcileMark } from '@fairmeter/records';
import type { Walked } from './lost-jobs.js';
import { attemptSubject } from './subjects.js';
import { costsToldOtherwise } from './told-costs.js';

export interface EndedJobsParts {
  readonly entities: EntityDatabase;
  readonly clock: Clock;
  readonly graceMs: number;
}

const PAGE = 200;
const MARK = 'ended_jobs';
/** Where the walk begins that nobody has begun before. */
const LOOKED_BACK_MS = 86_400_000;

export class EndedJobs {
  constructor(private readonly parts: EndedJobsParts) {}

  /** What ended just now may still be on its way to the table, and is left to the next pass. */
  async page(after: string | null): Promise<Walked> {
    const { clock, graceMs } = this.parts;
    const { manager } = this.parts.entities;
    const to = instant(clock.now() - graceMs);
    const from = (await readReconcileMark(manager, MARK)) ?? instant(to - LOOKED_BACK_MS);
    const ended = await readEndedJobs(manager, { after: placeOf(after), from, to, limit: PAGE });
    const jobIds = ended.map(({ id }) => id);
    const found = await listDrift(manager, [
      ...(await this.uncaptured(jobIds)),
      ...(await this.unmetered(jobIds)),
      ...(await costsToldOtherwise(manager, jobIds)),
    ]);
    const last = ended.at(-1);
    if (ended.length === PAGE && last !== undefined) return { looked: PAGE, found, next: textOf(last) };
    await saveReconcileMark(manager, MARK, to);
    return { looked: ended.length, found, next: null };
  }

  private async uncaptured(jobIds: readonly string[]): Promise<FoundDrift[]> {
    const steps = await readUncapturedSteps(this.parts.entities.manager, jobIds);
    return steps.map(({ jobId, ordinal, accountId, charge, writtenOff, captured }) => ({
      kind: 'meters_without_capture',
      subject: `${jobId}/${ordinal}`,
      accountId,
      figures: {
        charge: formatCredits(charge),
        written_off: formatCredits(writtenOff),
        captured: formatCredits(captured),
      },
    }));
  }

  private async unmetered(jobIds: readonly string[]): Promise<FoundDrift[]> {
    const attempts = await readUnmeteredAttempts(this.parts.entities.manager, jobIds);
    return attempts.map(({ accountId, inputTokens, outputTokens, ...attempt }) => ({
      kind: 'attempt_unmetered',
      subject: attemptSubject(attempt),
      accountId,
      figures: { counted_input_tokens: inputTokens, counted_output_tokens: outputTokens },
    }));
  }
}

type EndedPlace = Pick<EndedJob, 'id' | 'endedAt'>;

function textOf({ id, endedAt }: EndedPlace): string {
  return `${endedAt}/${id}`;
}

function placeOf(after: string | null): EndedPlace | null {
  if (after === null) return null;
  const [endedAt, id = ''] = after.split('/');
  return { endedAt: instant(Number(endedAt)), id };
}
