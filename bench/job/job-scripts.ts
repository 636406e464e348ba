// Bench room, jobs. What the model says in jobs of ten steps, of fifty, and in one that waits; jobs of three are those
// of `submit`. Files of plain text and JSON: the check has nothing to parse but JSON, and the preview nothing to build.
import { readFileSync, writeFileSync } from 'node:fs';
import { renderToolCall } from '@fairmeter/providers/tools';

export const TEN_STEPS = '[ten steps]';
export const FIFTY_STEPS = '[fifty steps]';
export const WAITS = '[waits]';

/** Beside the calls of the one answer: plan, generate, check and preview. */
const OTHER_STEPS = 4;
/** Longer than any bench. */
const WAITS_MS = 3_600_000;

export function writeScripts(file: string, threeSteps: string): void {
  const { version, scripts } = JSON.parse(readFileSync(threeSteps, 'utf8')) as { version: number; scripts: unknown[] };
  // The one of three steps is for whatever no other is for, so it comes last.
  const book = { version, scripts: [workspace(TEN_STEPS, 10), workspace(FIFTY_STEPS, 50), waiting(), ...scripts] };
  writeFileSync(file, JSON.stringify(book));
}

function workspace(mark: string, steps: number): object {
  const writes = Array.from({ length: steps - OTHER_STEPS }, (_, index) =>
    renderToolCall(
      index === 0
        ? { tool: 'write', path: 'data/counts.json', content: '{ "words": 0 }\n' }
        : {
            tool: 'write',
            path: `notes/part-${index}.md`,
            content: `# Part ${index}\n\nCounts the words of a text.\n`,
          },
    ),
  );
  const done = renderToolCall({ tool: 'done', summary: 'Written.' });
  return {
    name: mark,
    when: { promptIncludes: mark },
    stages: {
      plan: [answer('1. The figures as JSON.\n2. Notes beside them.')],
      generate: [answer([...writes, done].join('\n'))],
    },
  };
}

function waiting(): object {
  return {
    name: WAITS,
    when: { promptIncludes: WAITS },
    stages: { plan: [{ ...answer('A plan that comes late.'), delayMs: WAITS_MS }] },
  };
}

function answer(text: string): object {
  return { text, usage: { input: 260, cachedInput: 0, cacheWrite: 0, output: 60, reasoning: 0 } };
}
