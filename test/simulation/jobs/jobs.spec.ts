// Goal: whatever befalls a job, it ends once, costs what it used, never more than was promised, never for our faults.
// Method: whole jobs of many seeds side by side on the real stack; `npm run simulate -- --jobs` plays any others.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Chance } from '../chance.js';
import { JobsStage } from './jobs-stage.js';
import { playJobs } from './play-jobs.js';
import { replyOf } from './replies.js';
import { drawStory } from './story.js';

const SEEDS = Array.from({ length: 200 }, (_, index) => index + 1);
const AT_ONCE = 40;
const SEEDS_MS = 240_000;

/** What these seeds come upon: a play without them would show less than it says. */
const ENDINGS = ['finished', 'iterations_reached', 'budget_reached', 'credits_exhausted', 'deadline_reached'];
const MORE_ENDINGS = ['provider_failed', 'provider_refused', 'loop_detected', 'cancelled'];
const LOSSES = ['before it', 'before its work', 'after its work', 'after it', 'unheard'] as const;

describe('whole jobs with faults', () => {
  let stage: JobsStage;
  beforeAll(async () => {
    stage = await JobsStage.open();
  }, 60_000);
  afterAll(async () => {
    await stage.close();
  }, 60_000);

  it(
    `[F5, F8, F14] job.no-provider-call-without-hold: end and cost as scripted, seeds 1 to ${SEEDS.length}`,
    async () => {
      stage.harm(new Chance(1).of('wire'));
      const endings = await playJobs(stage, { seeds: SEEDS, atOnce: AT_ONCE, say: () => undefined });
      expect([...ENDINGS, ...MORE_ENDINGS].filter((ending) => !endings.has(ending))).toEqual([]);
      expect(LOSSES.filter((loss) => !stage.losses.counts.has(loss))).toEqual([]);
    },
    SEEDS_MS,
  );
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
