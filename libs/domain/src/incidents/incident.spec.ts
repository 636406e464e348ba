// Goal: an incident hits what ran in its window at the provider, model, region or tool it names, and nothing else.
import { describe, expect, it } from '@jest/globals';
import { instant } from '../time/instant.js';
import type { Incident, StepPlace } from './incident.js';
import { INCIDENT_SCOPES, isConcerned } from './incident.js';

const step = (more: Partial<StepPlace> = {}): StepPlace => ({
  startedAt: instant(200),
  endedAt: instant(250),
  provider: 'openai',
  model: 'gpt-large',
  regions: ['eu-west', 'us-east'],
  ourTool: null,
  ...more,
});
const hits = (named: Partial<Incident>, of = step()): boolean =>
  isConcerned({ id: 'inc_1', from: instant(0), until: null, scope: 'all', name: null, ...named }, of);

describe('an incident', () => {
  const NAMES = { provider: 'openai', model: 'gpt-large', region: 'us-east', tool: 'tool.deploy' } as const;
  const tool = step({ provider: null, model: null, regions: [], ourTool: 'tool.deploy' });

  it.each(['provider', 'model', 'region'] as const)('[F19] of a %s hits what it names and nothing else', (scope) => {
    expect(hits({ scope, name: NAMES[scope] })).toBe(true);
    expect(hits({ scope, name: 'another' })).toBe(false);
    expect(hits({ scope, name: NAMES[scope] }, tool)).toBe(false);
    const others = INCIDENT_SCOPES.filter((each) => each !== scope && each !== 'all');
    expect(others.filter((each) => hits({ scope: each, name: NAMES[scope] }))).toEqual([]);
  });

  it('of a tool hits our tools, and none of a bot of somebody else', () => {
    expect(hits({ scope: 'tool', name: 'tool.deploy' }, tool)).toBe(true);
    expect(hits({ scope: 'tool', name: 'tool.deploy' }, step({ ourTool: null }))).toBe(false);
  });

  it('of all hits all; one that names nothing hits nothing', () => {
    expect(hits({ scope: 'all' })).toBe(true);
    expect(hits({ scope: 'provider', name: null }, tool)).toBe(false);
  });

  it('takes a step for inside when any part of it is', () => {
    const at = (from: number, until: number | null): boolean =>
      hits({ from: instant(from), until: until === null ? null : instant(until) });
    expect([at(250, 260), at(251, 260), at(100, 200), at(100, 201), at(10, null)]).toEqual([
      ...[true, false, false, true, true],
    ]);
  });
});
