// Goal: an incident makes ours what lay in its window and concerned it, and nothing else; it takes no evidence away.
import { describe, expect, it } from '@jest/globals';
import { instant } from '../time/instant.js';
import type { LoopFinding } from './finding.js';
import type { Incident } from '../incidents/incident.js';
import type { StepInWorld } from './judgement.js';
import { judgedWith } from './judgement.js';
import { loopPolicy } from './policy.js';
import { findLoops } from './watch.js';

const step = (ordinal: number, more: Partial<StepInWorld> = {}): StepInWorld => ({
  jobId: 'job_1',
  ordinal,
  iteration: 1,
  kind: 'tool',
  name: 'deploy',
  errorFingerprint: 'no answer',
  startedAt: instant(ordinal * 100),
  endedAt: instant(ordinal * 100 + 50),
  provider: null,
  model: null,
  regions: [],
  ourTool: 'tool.deploy',
  ...more,
});
const three = [1, 2, 3].map((ordinal) => step(ordinal));
const incident = (more: Partial<Incident> = {}): Incident => ({
  id: 'inc_1',
  from: instant(200),
  until: instant(351),
  scope: 'tool',
  name: 'tool.deploy',
  ...more,
});

function judged(incidents: readonly Incident[], steps = three, payers: readonly string[] = ['acc_1']): LoopFinding {
  const [found] = findLoops(steps, loopPolicy());
  if (found === undefined) throw new Error('nothing was found');
  return judgedWith(incidents, { ...found, payers }, steps);
}

describe('an incident', () => {
  it('[F11] makes a loop ours where every occurrence after the first lies in its window', () => {
    expect(judged([])).toMatchObject({ cause: 'unclear', remedy: 'offer_review', refundableSteps: [] });
    expect(judged([incident()])).toMatchObject({ cause: 'platform_fault', confidence: 'high', remedy: 'refund' });
    expect(judged([incident()]).refundableSteps.map(({ ordinal }) => ordinal)).toEqual([2, 3]);
    expect(judged([incident({ until: instant(299) })])).toMatchObject({ cause: 'unclear', refundableSteps: [] });
    expect(judged([incident({ from: instant(251) })]).cause).toBe('unclear');
  });

  it('adds up with others, and lasts while it has no end', () => {
    const both = [incident({ until: instant(260) }), incident({ from: instant(300), until: null })];
    expect(judged(both).cause).toBe('platform_fault');
    const elsewhere = incident({ id: 'inc_2', name: 'tool.other' });
    expect(judged([incident(), elsewhere]).incidents).toEqual(['inc_1']);
  });

  it('opens a review where payers differ', () => {
    expect(judged([incident()], three, ['acc_1', 'acc_2'])).toMatchObject({
      cause: 'platform_fault',
      remedy: 'open_review',
      refundableSteps: [],
    });
  });

  it('is evidence for an idle iteration by any step of it', () => {
    const iterations = [1, 2, 3, 4].flatMap((iteration) => [
      step(iteration * 2 - 1, { iteration, kind: 'model', ourTool: null, errorFingerprint: undefined }),
      step(iteration * 2, { iteration, errorFingerprint: `error ${iteration}` }),
    ]);
    const whole = { from: instant(400), until: null };
    expect(judged([incident(whole)], iterations)).toMatchObject({ signal: 'idle_iterations', cause: 'platform_fault' });
    expect(judged([incident({ ...whole, from: instant(451) })], iterations).cause).toBe('unclear');
  });
});
