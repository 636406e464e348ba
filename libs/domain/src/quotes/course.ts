// Domain room. How a job is likely to run, for its quote: the shortest course of its program, and the usual one. Their
// figures are there to plan with; what a job may come to at most is bounded elsewhere, by its longest course.
import type { Extra } from '../jobs/extras.js';
import type { ModelStage, Program } from '../jobs/job.js';
import { STAGE_OUTPUT_TOKENS } from '../jobs/moves.js';
import { EXTRA_HUNDREDTHS } from './extras.js';

export const LIKELY_COURSES = ['shortest', 'usual'] as const;
export type LikelyCourse = (typeof LIKELY_COURSES)[number];

export interface Turn {
  readonly stage: ModelStage;
  readonly outputTokens: number;
  /** Tokens of what the job itself brought forth before, which this turn reads besides the request. */
  readonly reads: number;
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
  readonly program: Program;
  readonly maxIterations: number;
  readonly requestTokens: number;
  readonly extras: readonly Extra[];
}

/** A course and what it is of. */
interface Way extends CourseWish {
  readonly course: LikelyCourse;
}

export function likelyCourse(course: LikelyCourse, wish: CourseWish): CoursePlan {
  const way = { ...wish, course };
  if (wish.program === 'answer') return { turns: [turn(way, 'answer')], items: [] };
  if (wish.program === 'review') return { turns: reviewTurns(way), items: [] };
  // An agent of the bot's own may work as it likes; that it works like ours is the best there is to plan with.
  return { turns: workspaceTurns(way), items: workspaceItems(way) };
}

const USUAL_ITERATIONS = 2;

function iterationsOf({ course, maxIterations }: Way): number {
  return course === 'shortest' ? 1 : Math.min(USUAL_ITERATIONS, maxIterations);
}

/** A draft follows from the plan, a review from the draft, and what is written again from both. */
function reviewTurns(way: Way): readonly Turn[] {
  const plan = turn(way, 'plan');
  const draft = turn(way, 'generate', plan.outputTokens);
  const turns = [plan, draft, turn(way, 'review', draft.outputTokens)];
  for (let iteration = 2; iteration <= iterationsOf(way); iteration += 1) {
    const [code, review] = [turns.at(-2)?.outputTokens ?? 0, turns.at(-1)?.outputTokens ?? 0];
    const repair = turn(way, 'repair', code + review);
    turns.push(repair, turn(way, 'review', repair.outputTokens));
  }
  return turns;
}

/** One answer an iteration names its calls and says done. A repair reads the plan, the files and what was found. */
function workspaceTurns(way: Way): readonly Turn[] {
  const plan = turn(way, 'plan');
  const files = turn(way, 'generate', plan.outputTokens);
  const read = plan.outputTokens + files.outputTokens + USUAL_FINDINGS_TOKENS;
  const repairs = Array.from({ length: iterationsOf(way) - 1 }, () => turn(way, 'repair', read));
  return [plan, files, ...repairs];
}

const USUAL_FINDINGS_TOKENS = 128;

const FIRST_WRITES: Readonly<Record<LikelyCourse, number>> = { shortest: 1, usual: 4 };
const PATCHES_OF_A_REPAIR = 2;

/** What is green is built once, and packed where a ZIP is wanted. An item that a card does not price costs nothing. */
function workspaceItems(way: Way): readonly ItemUse[] {
  const iterations = iterationsOf(way);
  return [
    { item: 'tool.write', calls: FIRST_WRITES[way.course] },
    { item: 'tool.patch', calls: PATCHES_OF_A_REPAIR * (iterations - 1) },
    { item: 'tool.check', calls: iterations },
    { item: 'preview.build', calls: 1 },
    { item: 'packaging', calls: way.extras.includes('zip') ? 1 : 0 },
  ];
}

function turn(way: Way, stage: ModelStage, reads = 0): Turn {
  return { stage, outputTokens: outputOf(way, stage), reads };
}

const SHORT_ANSWER_TOKENS = 64;
/** A usual answer fills a quarter of what its stage allows, and grows with what it is about. */
const USUAL_PART_OF_STAGE = 4;
const REQUEST_TOKENS_PER_OUTPUT_TOKEN = 4;

function outputOf({ course, requestTokens, extras }: Way, stage: ModelStage): number {
  const most = STAGE_OUTPUT_TOKENS[stage];
  if (course === 'shortest') return Math.min(most, SHORT_ANSWER_TOKENS);
  const usual = most / USUAL_PART_OF_STAGE + requestTokens / REQUEST_TOKENS_PER_OUTPUT_TOKEN;
  const code = stage === 'generate' || stage === 'repair';
  const hundredths = code ? extras.reduce((sum, extra) => sum + EXTRA_HUNDREDTHS[extra], 100) : 100;
  return Math.min(most, Math.ceil((usual * hundredths) / 100));
}
