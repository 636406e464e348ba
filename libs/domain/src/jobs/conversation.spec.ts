// Goal: each stage is told what it builds on and no more, and an answer counts as approved only if it says so.
import { describe, expect, it } from '@jest/globals';
import { conversationOf, verdictOf } from './conversation.js';
import { MODEL_STAGES } from './job.js';
import { PROMPT_FRAME_BYTES, STAGE_INSTRUCTIONS } from './prompt-frame.js';

const earlier = [
  { stage: 'plan', text: 'PLAN' },
  { stage: 'generate', text: 'CODE-1' },
  { stage: 'review', text: 'REVIEW-1' },
  { stage: 'repair', text: 'CODE-2' },
  { stage: 'review', text: 'REVIEW-2' },
] as const;

describe('conversationOf', () => {
  it.each([
    ['plan', []],
    ['answer', []],
    ['generate', ['PLAN']],
    ['review', ['CODE-2']],
    ['repair', ['CODE-2', 'REVIEW-2']],
  ] as const)('gives %s the prompt and the latest of what it builds on', (stage, results) => {
    const { system, messages } = conversationOf(stage, 'PROMPT', earlier);
    expect(system).toBe(STAGE_INSTRUCTIONS[stage]);
    expect(messages[0]).toEqual({ role: 'user', text: 'PROMPT' });
    expect(messages.filter(({ role }) => role === 'assistant').map(({ text }) => text)).toEqual(results);
    expect(messages.at(-1)?.role).toBe('user');
  });

  it('does not grow with the number of rounds', () => {
    const rounds = Array.from({ length: 50 }, () => earlier.slice(2)).flat();
    expect(conversationOf('repair', 'P', [...earlier, ...rounds]).messages).toHaveLength(5);
  });

  it.each(MODEL_STAGES)('frames %s with no more bytes than the first hold reckons with', (stage) => {
    expect(Buffer.byteLength(STAGE_INSTRUCTIONS[stage])).toBeLessThanOrEqual(PROMPT_FRAME_BYTES.review);
  });
});

describe('verdictOf', () => {
  it.each([
    ['APPROVED', 'approved'],
    ['approved.\nNothing to say', 'approved'],
    ['\n\n  **Approved** - fine', 'approved'],
    ['CHANGES\n- name the file', 'changes_requested'],
    ['Not approved', 'changes_requested'],
    ['CHANGES\nAPPROVED', 'changes_requested'],
    ['APPROVEDISH', 'changes_requested'],
    ['', 'changes_requested'],
  ])('reads a review that begins %j as %s', (answer, verdict) => {
    expect(verdictOf('review', answer)).toBe(verdict);
  });

  it.each(MODEL_STAGES.filter((stage) => stage !== 'review'))('lets %s judge nothing, whatever it writes', (stage) => {
    expect([verdictOf(stage, 'APPROVED'), verdictOf(stage, 'CHANGES')]).toEqual(['go_on', 'go_on']);
  });
});
