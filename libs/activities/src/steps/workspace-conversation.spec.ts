// Goal: an iteration begins with no more of the files than the longest course reckons with.
import { describe, expect, it } from '@jest/globals';
import { FILE_TEXT_SHOWN_BYTES, NO_EXTRAS } from '@fairmeter/domain';
import { Workspace } from '@fairmeter/providers/tools';
import { workspaceConversation } from './workspace-conversation.js';

function shown(...sizes: readonly number[]): string {
  const files = Workspace.of(sizes.map((bytes, index) => ({ path: `f${index}.ts`, text: 'x'.repeat(bytes) })));
  const turn = { stage: 'repair', iteration: 2, prompt: 'mend it', extras: NO_EXTRAS, files, earlier: [] } as const;
  return workspaceConversation(turn)
    .messages.map(({ text }) => text)
    .join('\n');
}

describe('the files that an iteration begins with', () => {
  it('are shown with so much text as the longest course holds, and beyond it by their names', () => {
    const text = shown(FILE_TEXT_SHOWN_BYTES - 1, 1);
    expect(text.split('x')).toHaveLength(FILE_TEXT_SHOWN_BYTES + 1);
    const tooMuch = shown(FILE_TEXT_SHOWN_BYTES - 1, 2);
    expect(tooMuch.split('x')).toHaveLength(FILE_TEXT_SHOWN_BYTES);
    expect(tooMuch).toContain('f1.ts (2 bytes)');
  });
});
