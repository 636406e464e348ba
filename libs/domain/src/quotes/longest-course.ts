// Domain room. The longest course that each program allows: every turn as long as its stage lets it be, reading all
// that it may be shown, every call made, every iteration used. It bounds what a job may come to.
import type { Extra } from '../jobs/extras.js';
import type { ModelStage, Program } from '../jobs/job.js';
import { STAGE_OUTPUT_TOKENS } from '../jobs/moves.js';
import { PROMPT_FRAME_BYTES } from '../jobs/prompt-frame.js';
import { TURNS_PER_ITERATION } from '../jobs/workspace-program.js';
import type { ItemUse } from './course.js';

/** A model's turn as its hold is reckoned: by bytes, since a token is never less than one. */
export interface LongTurn {
  readonly outputTokens: number;
  /** Besides the request: our frame, and what the job itself brought forth before. */
  readonly bytes: number;
  readonly messages: number;
}

/** Turns and uses that come again just so. */
export interface Stretch {
  readonly times: number;
  readonly turns: readonly LongTurn[];
  readonly items: readonly ItemUse[];
}

export interface LongestWish {
  readonly program: Exclude<Program, 'reported'>;
  readonly maxIterations: number;
  /** The longest answer of the model, whatever its stage allows. */
  readonly maxOutputTokens: number;
  readonly extras: readonly Extra[];
  /** The tool whose worst case is the dearest on the card; none where it prices none. */
  readonly dearestTool: string | undefined;
}

export function longestCourse(wish: LongestWish): readonly Stretch[] {
  switch (wish.program) {
    case 'answer':
      return [once([first(wish, 'answer')])];
    case 'review':
      return longestReview(wish);
    case 'workspace':
      return longestWorkspace(wish);
  }
}

/** An answer's token is taken for this many bytes where a later turn reads it. */
const MOST_BYTES_OF_A_TOKEN = 8;
/** Each earlier result is a message of its own, with ours behind it. */
const MESSAGES_OF_A_RESULT = 2;
const GO_ON_BYTES = 16;

function longestReview(wish: LongestWish): readonly Stretch[] {
  const plan = first(wish, 'plan');
  const draft = later(wish, 'generate', [readBytes(wish, 'plan')]);
  const review = later(wish, 'review', [readBytes(wish, 'generate')]);
  const repair = later(wish, 'repair', [readBytes(wish, 'generate'), readBytes(wish, 'review')]);
  return [once([plan, draft, review]), { times: wish.maxIterations - 1, turns: [repair, review], items: [] }];
}

/** Calls that one answer may name: more are not carried out. */
export const CALLS_OF_AN_ANSWER = 64;
/** The frame of a turn with tools: how to work, the tools, and what is wanted beside the code. */
export const TOOLS_FRAME_BYTES = 4_096;
/** What came of a turn's calls, as the next one is shown it: characters of three bytes, and their headings. */
export const RESULTS_SHOWN_BYTES = 3 * 48_000 + 24_576;
/** The text of files that an iteration begins with, in bytes; of all others it is told the names. */
export const FILE_TEXT_SHOWN_BYTES = 48_000;
/** The files as an iteration begins with them: so much of their text, and the names of as many as there can be. */
export const FILES_SHOWN_BYTES = FILE_TEXT_SHOWN_BYTES + 2_000 * 640;

function longestWorkspace(wish: LongestWish): readonly Stretch[] {
  const { dearestTool, maxIterations } = wish;
  const plan = first(wish, 'plan');
  const items = [
    ...(dearestTool === undefined ? [] : [{ item: dearestTool, calls: CALLS_OF_AN_ANSWER * TURNS_PER_ITERATION }]),
    { item: 'tool.check', calls: 1 },
    { item: 'preview.build', calls: 1 },
  ];
  return [
    once([plan], [{ item: 'packaging', calls: wish.extras.includes('zip') ? 1 : 0 }]),
    { times: 1, turns: iterationTurns(wish, 0), items },
    { times: maxIterations - 1, turns: iterationTurns(wish, RESULTS_SHOWN_BYTES + FILES_SHOWN_BYTES), items },
  ];
}

/** Every turn reads the plan, what the iteration began with, and each answer of it with what came of its calls. */
function iterationTurns(wish: LongestWish, shownBytes: number): readonly LongTurn[] {
  const answered = readBytes(wish, 'generate') + RESULTS_SHOWN_BYTES;
  return Array.from({ length: TURNS_PER_ITERATION }, (_, before) => {
    const turn = later(wish, 'generate', [readBytes(wish, 'plan'), ...Array.from({ length: before }, () => answered)]);
    return { ...turn, bytes: turn.bytes + shownBytes };
  });
}

function first(wish: LongestWish, stage: ModelStage): LongTurn {
  return { outputTokens: mostOutput(wish, stage), bytes: PROMPT_FRAME_BYTES[wish.program], messages: 1 };
}

function later(wish: LongestWish, stage: ModelStage, results: readonly number[]): LongTurn {
  const frame = wish.program === 'workspace' ? TOOLS_FRAME_BYTES : PROMPT_FRAME_BYTES[wish.program];
  return {
    outputTokens: mostOutput(wish, stage),
    bytes: results.reduce((sum, bytes) => sum + bytes + GO_ON_BYTES, frame),
    messages: 1 + MESSAGES_OF_A_RESULT * results.length,
  };
}

function mostOutput({ maxOutputTokens }: LongestWish, stage: ModelStage): number {
  return Math.min(maxOutputTokens, STAGE_OUTPUT_TOKENS[stage]);
}

function readBytes(wish: LongestWish, stage: ModelStage): number {
  return mostOutput(wish, stage) * MOST_BYTES_OF_A_TOKEN;
}

function once(turns: readonly LongTurn[], items: readonly ItemUse[] = []): Stretch {
  return { times: 1, turns, items };
}
