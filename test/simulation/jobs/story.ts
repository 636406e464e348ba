// Simulation, jobs. What one seed comes to: who asks for what on which credits, what happens to the job from outside,
// and how its agent behaves. Everything follows from the seed; how fast the machine plays it does not.
import { Chance } from '../chance.js';

/** What an agent with tools brings: usually something of everything, in some jobs the same again and again. */
export const HABITS = ['mixed', 'same_error', 'our_check_crashes', 'green'] as const;
export type Habit = (typeof HABITS)[number];

/** Something that somebody does to a job under way, so long after it was submitted. */
export interface Steer {
  readonly afterMs: number;
  readonly act: 'cancel' | 'resume' | 'grant' | 'budget';
  /** Credits of a grant or of a new budget. */
  readonly credits: number;
}

export interface JobStory {
  readonly seed: number;
  readonly program: 'answer' | 'review' | 'workspace' | 'reported';
  /** Whole credits the account begins with; few where it is poor. */
  readonly credits: string;
  readonly isPoor: boolean;
  readonly budget: string;
  readonly isTight: boolean;
  readonly maxIterations: number;
  readonly isQuoted: boolean;
  readonly reserve: 'rolling' | 'full';
  readonly isAskedTwice: boolean;
  readonly deadlineMs: number | null;
  /** A step whose provider fails however often it is asked. */
  readonly deadStep: number | null;
  readonly habit: Habit;
  readonly steers: readonly Steer[];
  readonly chance: Chance;
}

export function drawStory(seed: number): JobStory {
  const chance = new Chance(seed).of('job');
  const draw = chance.of('frame');
  const program = draw.weighted([
    { weight: 3, is: 'review' as const },
    { weight: 4, is: 'workspace' as const },
    { weight: 1, is: 'answer' as const },
    { weight: 2, is: 'reported' as const },
  ]).is;
  const isPoor = draw.happens(20);
  const isTight = draw.happens(20);
  const isQuoted = program !== 'reported' && draw.happens(25);
  return {
    seed,
    program,
    credits: isPoor ? thousandths(draw.whole(300, 6_000)) : '400',
    isPoor,
    budget: isTight ? thousandths(draw.whole(400, 6_000)) : '60',
    isTight,
    maxIterations: draw.whole(1, 6),
    isQuoted,
    reserve: draw.happens(15) ? 'full' : 'rolling',
    isAskedTwice: draw.happens(15),
    deadlineMs: draw.happens(8) ? draw.whole(500, 4_000) : null,
    deadStep: draw.happens(8) ? draw.whole(1, 4) : null,
    habit: draw.weighted([
      { weight: 6, is: 'mixed' as const },
      { weight: 2, is: 'our_check_crashes' as const },
      { weight: 1, is: 'same_error' as const },
      { weight: 2, is: 'green' as const },
    ]).is,
    steers: drawSteers(chance.of('steers'), { isPoor, isTight }),
    chance,
  };
}

const LATEST_MS = 4_000;

function drawSteers(chance: Chance, { isPoor, isTight }: { isPoor: boolean; isTight: boolean }): readonly Steer[] {
  const at = (): number => chance.whole(0, LATEST_MS);
  const steers: Steer[] = [];
  if (chance.happens(12)) steers.push({ afterMs: at(), act: 'cancel', credits: 0 });
  if (chance.happens(5)) steers.push({ afterMs: at(), act: 'resume', credits: 0 });
  if (chance.happens(isTight ? 50 : 6)) steers.push({ afterMs: at(), act: 'budget', credits: chance.whole(1, 80) });
  const grants = isPoor ? chance.whole(0, 3) : Number(chance.happens(5));
  for (let grant = 0; grant < grants; grant++)
    steers.push({ afterMs: at(), act: 'grant', credits: chance.whole(1, 9) });
  return steers;
}

const thousandths = (amount: number): string =>
  `${Math.floor(amount / 1_000)}.${String(amount % 1_000).padStart(3, '0')}`;

/** How a prompt names its seed, so that whoever answers it knows the story. */
export const promptOf = ({ seed }: JobStory): string => `Write a word counter, seed ${seed};`;

export function seedIn(prompt: string): number | undefined {
  const found = /\bseed (\d+);/.exec(prompt)?.[1];
  return found === undefined ? undefined : Number(found);
}
