// Goal: what a quote takes for the most that a turn with tools is shown is no less than what we show it. Method: the
// real texts and limits beside the figures that the domain reckons with.
import { describe, expect, it } from '@jest/globals';
import {
  CALLS_OF_AN_ANSWER,
  EXTRAS,
  EXTRAS_TOKENS,
  FILES_SHOWN_BYTES,
  FILE_TEXT_SHOWN_BYTES,
  NO_EXTRAS,
  PROMPT_FRAME_BYTES,
  RESULTS_SHOWN_BYTES,
  STAGE_INSTRUCTIONS,
  TOOLS_FRAME_BYTES,
  TOOLS_TOKENS,
  WORKSPACE_INSTRUCTIONS,
  type Extras,
} from '@fairmeter/domain';
import { countTokens } from '../../tokens/index.js';
import { describeExtras } from '../extras/describe-extras.js';
import { WORKSPACE_LIMITS } from '../workspace/limits.js';
import { describeTools } from './describe-tools.js';
import { CALLS_PER_ANSWER } from './parse-tool-calls.js';
import { renderToolResults } from './render-tool-results.js';
import { PROBLEM_CHARACTERS } from './tool-call.js';

const bytesOf = (...texts: readonly string[]): number => Buffer.byteLength(texts.join('\n\n'));

/** Whichever are on: every choice there can be. */
const CHOICES: readonly Extras[] = EXTRAS.reduce<readonly Extras[]>(
  (choices, extra) => choices.flatMap((choice) => [choice, { ...choice, [extra]: true }]),
  [NO_EXTRAS],
);

describe('the frame that a quote reckons with', () => {
  it('holds our instructions, the tools and the extras, whichever are on', () => {
    expect(CHOICES).toHaveLength(32);
    for (const extras of CHOICES) {
      const { text } = describeExtras(extras);
      for (const stage of ['plan', 'generate', 'review', 'repair'] as const) {
        expect(bytesOf(STAGE_INSTRUCTIONS[stage], text)).toBeLessThanOrEqual(PROMPT_FRAME_BYTES.review);
      }
      expect(bytesOf(WORKSPACE_INSTRUCTIONS.plan, text)).toBeLessThanOrEqual(PROMPT_FRAME_BYTES.workspace);
      for (const stage of ['generate', 'repair', 'clarify'] as const) {
        expect(bytesOf(WORKSPACE_INSTRUCTIONS[stage], describeTools(), text)).toBeLessThanOrEqual(TOOLS_FRAME_BYTES);
      }
    }
  });

  it('expects the tools to take about as many tokens as they do', async () => {
    const { tokens } = await countTokens('', describeTools());
    expect(Math.abs(tokens - TOOLS_TOKENS)).toBeLessThan(TOOLS_TOKENS / 4);
  });

  it('expects the words about extras to take about as many tokens as they do, whichever are on', async () => {
    for (const extras of CHOICES) {
      const { tokens } = await countTokens('', describeExtras(extras).text);
      expect(Math.abs(tokens - EXTRAS_TOKENS)).toBeLessThan(EXTRAS_TOKENS / 4);
    }
  });

  it('holds the results of as many calls as there can be, as long as they can be, in characters of three bytes', () => {
    expect(CALLS_PER_ANSWER).toBe(CALLS_OF_AN_ANSWER);
    const one = {
      tool: 'search',
      ok: false,
      errorClass: 'not_found',
      text: '字'.repeat(48_000),
      changed: false,
    } as const;
    const results = Array.from({ length: CALLS_PER_ANSWER }, () => one);
    const problems = Array.from({ length: 100 }, (_, line) => {
      return { line, code: 'unknown_argument' as const, message: 'x'.repeat(PROBLEM_CHARACTERS) };
    });
    expect(bytesOf(renderToolResults({ results, problems }))).toBeLessThanOrEqual(RESULTS_SHOWN_BYTES);
  });

  it('holds the text that is shown beside the names of as many files as there can be', () => {
    const { files, pathLength } = WORKSPACE_LIMITS;
    const shown = bytesOf(`--- ${'字'.repeat(pathLength)} (1048576 bytes)\n`);
    expect(FILE_TEXT_SHOWN_BYTES + files * shown).toBeLessThanOrEqual(FILES_SHOWN_BYTES);
  });
});
