// What a bot calls its steps, and what the card calls them.
import { describe, expect, it } from '@jest/globals';
import { itemOf, meaningOf, REPORTED_KINDS, usesModel } from './reported-kinds.js';
import { asksModel } from './job.js';

describe('what a bot reports', () => {
  it.each([
    ['tool_call', 'write', 'tool.write'],
    ['tool_call', 'tool.write', 'tool.write'],
    ['tool_call', 'service.search', 'service.search'],
    ['tool_call', 'agent.reviewer', 'agent.reviewer'],
    ['check', 'whatever', 'tool.check'],
    ['preview_build', null, 'preview.build'],
    ['packaging', null, 'packaging'],
  ] as const)('a %s named %s is %s on the card', (kind, tool, item) => {
    expect(itemOf(kind, tool)).toBe(item);
  });

  it.each(REPORTED_KINDS)('%s is priced by tokens just where its stage asks a model', (kind) => {
    expect(asksModel(meaningOf(kind).stage)).toBe(usesModel(kind));
  });
});
