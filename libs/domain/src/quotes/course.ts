// Domain room. How a job may run, for its quote: the shortest course, the usual one, and the longest that is allowed.
// The figures of the first two are there to plan with; only the longest bounds what a job may cost.
import type { BotType, ModelStage } from '../jobs/job.js';
import { STAGE_OUTPUT_TOKENS } from '../jobs/moves.js';
import type { Extra } from '../jobs/extras.js';
import { EXTRA_HUNDREDTHS } from './extras.js';

export const COURSES = ['shortest', 'usual', 'longest'] as const;
export type Course = (typeof COURSES)[number];

export interface Turn {
  readonly stage: ModelStage;
  readonly outputTokens: number;
}

/** How often an item of the card is used in a course. */
export interface ItemUse {
  readonly item: string;
  readonly calls: number;
}

export interface CoursePlan {
  readonly turns: readonly Turn[];
  readonly items: readonly ItemUse[];
}

export interface CourseWish {
  readonly botType: BotType;
  readonly maxIterations: number;
  readonly requestTokens: number;
  readonly extras: readonly Extra[];
}

export function planOf(course: Course, wish: CourseWish): CoursePlan {
  const turn = (stage: ModelStage): Turn => ({ stage, outputTokens: outputOf(course, stage, wish) });
  if (wish.botType === 'chat') return { turns: [turn('answer')], items: [] };
  const iterations = iterationsOf(course, wish.maxIterations);
  const rounds = Array.from({ length: iterations }, (_, index): Turn[] => [
    ...Array.from({ length: TURNS_A_ROUND[course] }, () => turn(index === 0 ? 'generate' : 'repair')),
    turn('review'),
  ]);
  const items = [
    ...ITEMS_A_ROUND[course].map(({ item, calls }) => ({ item, calls: calls * iterations })),
    { item: 'preview.build', calls: iterations },
    { item: 'packaging', calls: 1 },
  ];
  return { turns: [turn('plan'), ...rounds.flat()], items };
}

const USUAL_ITERATIONS = 2;

function iterationsOf(course: Course, most: number): number {
  return course === 'shortest' ? 1 : course === 'usual' ? Math.min(USUAL_ITERATIONS, most) : most;
}

/** Answers of the model in one round; every one after the first goes on from what its tools said. */
const TURNS_A_ROUND: Readonly<Record<Course, number>> = { shortest: 1, usual: 1, longest: 4 };

/** What the agent's tools are called for in one round. An item that a card does not price costs nothing. */
const ITEMS_A_ROUND: Readonly<Record<Course, readonly ItemUse[]>> = {
  shortest: [
    { item: 'tool.write', calls: 1 },
    { item: 'tool.check', calls: 1 },
  ],
  usual: [
    { item: 'tool.write', calls: 4 },
    { item: 'tool.check', calls: 1 },
  ],
  longest: [
    { item: 'tool.write', calls: 40 },
    { item: 'tool.search', calls: 10 },
    { item: 'tool.check', calls: 4 },
  ],
};

const SHORT_ANSWER_TOKENS = 64;
/** A usual answer fills a quarter of what its stage allows, and grows with what it is about. */
const USUAL_PART_OF_STAGE = 4;
const REQUEST_TOKENS_PER_OUTPUT_TOKEN = 4;

function outputOf(course: Course, stage: ModelStage, { requestTokens, extras }: CourseWish): number {
  const most = STAGE_OUTPUT_TOKENS[stage];
  if (course === 'longest') return most;
  if (course === 'shortest') return Math.min(most, SHORT_ANSWER_TOKENS);
  const usual = most / USUAL_PART_OF_STAGE + requestTokens / REQUEST_TOKENS_PER_OUTPUT_TOKEN;
  const code = stage === 'generate' || stage === 'repair';
  const hundredths = code ? extras.reduce((sum, extra) => sum + EXTRA_HUNDREDTHS[extra], 100) : 100;
  return Math.min(most, Math.ceil((usual * hundredths) / 100));
}
