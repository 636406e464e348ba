// Goal: whatever befalls a job, it ends once, costs what it used, never more than was promised, never for our faults.
// Method: whole jobs of many seeds side by side on the real stack; `npm run simulate -- --jobs` plays any others.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Chance } from '../chance.js';
import { JobsStage } from './jobs-stage.js';
import { playJobs } from './play-jobs.js';
import { replyOf } from './replies.js';
import { drawStory } from './story.js';

/** The first seeds of each part: a part has as long as a test may take, however slow the machine is. */
const PARTS = [1, 101];
const SEEDS_OF_A_PART = 100;
const AT_ONCE = 40;
const PART_MS = 240_000;

/** What these seeds come upon: a play without them would show less than it says. */
const ENDINGS = ['finished', 'iterations_reached', 'budget_reached', 'credits_exhausted', 'deadline_reached'];
const MORE_ENDINGS = ['provider_failed', 'provider_refused', 'loop_detected', 'cancelled'];
const LOSSES = ['before it', 'before its work', 'after its work', 'after it', 'unheard'] as const;

describe('whole jobs with faults', () => {
  const endings = new Set<string>();
  let stage: JobsStage;
  beforeAll(async () => {
    stage = await JobsStage.open();
    stage.harm(new Chance(1).of('wire'));
  }, 60_000);
  afterAll(async () => {
    await stage.close();
  }, 60_000);

  it.each(PARTS)(
    `[F5, F8, F14] job.no-provider-call-without-hold: end and cost as scripted, ${SEEDS_OF_A_PART} seeds from %i`,
    async (first) => {
      const seeds = Array.from({ length: SEEDS_OF_A_PART }, (_, index) => first + index);
      const came = await playJobs(stage, { seeds, atOnce: AT_ONCE, say: () => undefined });
      for (const ending of came.keys()) endings.add(ending);
    },
    PART_MS,
  );

  it('come upon every ending and every loss', () => {
    expect([...ENDINGS, ...MORE_ENDINGS].filter((ending) => !endings.has(ending))).toEqual([]);
    expect(LOSSES.filter((loss) => !stage.losses.counts.has(loss))).toEqual([]);
  });
});

describe('a story', () => {
  const told = (seed: number): unknown => {
    const { chance: _, ...story } = drawStory(seed);
    const places = [1, 2, 3, 4, 5, 6].flatMap((ordinal) => [1, 2, 3].map((attempt) => [ordinal, attempt] as const));
    return { story, replies: places.map(([ordinal, attempt]) => replyOf(drawStory(seed), ordinal, attempt)) };
  };

  it('is the same for the same seed, whoever asks and in which order, and another one for another', () => {
    expect(told(7)).toEqual(told(7));
    expect(told(7)).not.toEqual(told(8));
    const story = drawStory(9);
    const later = replyOf(story, 5, 1);
    expect(replyOf(drawStory(9), 5, 1)).toEqual(later);
  });
});
