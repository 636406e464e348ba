// Goal: the judge knows what may stand after the step that ended a job. Method: rows of a job whose provider refused,
// with packing behind them as it should be, and as it should not.
import { describe, expect, it } from '@jest/globals';
import { endingDifferences } from './judge-ending.js';
import type { AttemptRow, JobRow, JobRows, StepRow } from './job-rows.js';
import type { PlayedJob } from './played-job.js';
import { replyOf } from './replies.js';
import { drawStory, type JobStory } from './story.js';

const [story, ordinal] = storyWith('bad_request');

/** A story of which one of the first answers is that fault, and the step that gets it. */
function storyWith(fault: string): readonly [JobStory, number] {
  for (let seed = 1; seed < 2_000; seed++) {
    const drawn = drawStory(seed);
    for (const place of [2, 3, 4]) {
      const reply = replyOf(drawn, place, 1);
      if ('fault' in reply && reply.fault === fault) return [drawn, place];
    }
  }
  throw new Error(`no story brings ${fault}`);
}

const job = { state: 'failed', endReason: 'provider_refused', program: 'workspace', held: 0n, refunded: 0n } as JobRow;
const stepOf = (of: number, stage: string): StepRow => ({ ordinal: of, stage, paidFrom: [] as never[] }) as never;
const failed: AttemptRow = { ordinal, number: 1, state: 'ended', chargeClass: 'platform_fault' } as AttemptRow;

function differences(more: readonly StepRow[], of: Partial<JobRow> = {}): string[] {
  const steps = [...Array.from({ length: ordinal }, (_, index) => stepOf(index + 1, 'generate')), ...more];
  const none = { entries: [], findings: [], started: [], holds: [{ state: 'released', held: 0n }] };
  const rows: JobRows = { ...none, job: { ...job, ...of }, steps, attempts: [failed], endedEvents: 1 };
  const result = { outcome: 'ended', state: 'failed', reason: 'provider_refused' };
  return endingDifferences(rows, { story, result } as unknown as PlayedJob);
}

describe('the judge of endings', () => {
  it('lets one packing follow the step that ended the job', () => {
    expect(differences([])).toEqual([]);
    expect(differences([stepOf(ordinal + 1, 'package')])).toEqual([]);
  });

  it('names a second packing, work after it, and packing without a workspace', () => {
    const packed = stepOf(ordinal + 1, 'package');
    expect(differences([packed, stepOf(ordinal + 2, 'package')])).toEqual(['it was packed 2 times']);
    expect(differences([packed, stepOf(ordinal + 2, 'generate')])).toEqual([
      'it ended for provider_refused, but its provider refused nothing',
      `step ${ordinal + 2} came after the packing`,
    ]);
    expect(differences([packed], { program: 'review' })).toEqual(['a job of the program review was packed']);
  });

  it('still looks for the fault at the last step that worked', () => {
    const others = [stepOf(ordinal + 1, 'check'), stepOf(ordinal + 2, 'package')];
    expect(differences(others)).toEqual(['it ended for provider_refused, but its provider refused nothing']);
  });
});
