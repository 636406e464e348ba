// Goal: the detector is told what a bot told, under the name it told, and nothing that it did not tell.
import { describe, expect, it } from '@jest/globals';
import type { EndReportedRequest, OpenReportedStep } from '@fairmeter/contracts';
import { LoopWatch, loopPolicy, NO_TOKENS } from '@fairmeter/domain';
import { lookAt, seenOf, seenOnce } from './seen.js';

const open = (more: Partial<OpenReportedStep> = {}): OpenReportedStep => ({
  step: 1,
  attempt: 1,
  stream: '',
  iteration: 1,
  kind: 'tool_call',
  name: 'write',
  argsHash: null,
  heldMicroCredits: '0',
  need: { inputTokens: 0, outputTokens: 0 },
  ...more,
});
const ended = (more: Partial<EndReportedRequest> = {}): EndReportedRequest => ({
  callKey: 'call',
  bodyHash: 'body',
  requestId: 'req',
  step: 1,
  attempt: 1,
  meters: { ...NO_TOKENS, system: 0, calls: 1, milliseconds: 0, bytes: 0 },
  noUsage: true,
  unmetered: false,
  green: null,
  seen: {},
  lookUpFailed: false,
  resultBytes: 0,
  providerRequestId: null,
  latencyMs: 0,
  ...more,
});

describe('a step of a bot', () => {
  it.each([
    ['tool_call', 'lint', 'tool.lint'],
    ['tool_call', 'service.lint', 'service.lint'],
    ['check', 'lint', 'tool.check/lint'],
    ['check', null, 'tool.check'],
    ['preview_build', 'site', 'preview.build/site'],
    ['preview_build', null, 'preview.build'],
  ] as const)('of kind %s that is called %s is known as %s', (kind, name, known) => {
    expect(seenOf(open({ kind, name }), ended({ green: true }))).toMatchObject({ name: known });
  });

  it('of a job of before keeps the name that its kind has on the card', () => {
    const seen = seenOnce(open({ kind: 'check', name: 'lint', step: 7 }), ended());
    expect(seen).toEqual({ kind: 'check', name: 'tool.check', artefactHash: 'untold.7', artefactUnknown: true });
  });

  it('has a result that is strict where it may be what a file holds, and plain otherwise', () => {
    const told = ended({ seen: { resultHash: 'strict' }, plainResultHash: 'plain' });
    const resultOf = (name: string): unknown => seenOf(open({ name }), told).resultHash;
    expect(['read', 'fs.readFile', 'run', 'status'].map(resultOf)).toEqual(['strict', 'strict', 'plain', 'plain']);
    expect(seenOf(open({ name: 'run' }), ended({ seen: { resultHash: 'strict' } })).resultHash).toBe('strict');
  });

  it('is another error by what it looked up, unless it is a check or a build', () => {
    const missing = ended({ seen: { errorFingerprint: 'gone' }, lookUpFailed: true, green: false });
    const errorOf = (kind: OpenReportedStep['kind']): unknown =>
      seenOf(open({ kind, argsHash: 'a' }), missing).errorFingerprint;
    const kinds = ['tool_call', 'check', 'preview_build'] as const;
    expect(kinds.map(errorOf)).toEqual(['gone.a', 'gone', 'gone']);
  });

  it('of which nothing was told is the same as no other one, makes no files and may have brought news', () => {
    const silent = (bodyHash: string): ReturnType<typeof seenOf> => seenOf(open(), ended({ bodyHash }));
    expect(silent('one')).toEqual({
      kind: 'tool',
      name: 'tool.write',
      resultHash: 'untold.one',
      artefactUnknown: true,
    });
    expect(silent('two')).not.toEqual(silent('one'));
    expect(seenOf(open(), ended({ seen: { artefactHash: 'files' } }))).not.toHaveProperty('resultHash');
    expect(seenOf(open({ kind: 'model_call' }), ended())).not.toHaveProperty('resultHash');
  });

  it('of which nothing was told leaves files that were told of as they are', () => {
    const watch = LoopWatch.begin(loopPolicy({ idleIterations: 2, equalCalls: 2 }));
    const look = (step: number, seen: ReturnType<typeof seenOf>): number =>
      watch.observe({ ...lookAt(open({ step, iteration: step }), seen, '0'), jobId: 'job' }).length;
    const thought = seenOf(open({ kind: 'model_call' }), ended({ seen: { artefactHash: 'files' } }));
    expect(look(1, thought)).toBe(0);
    expect(look(2, seenOf(open(), ended({ bodyHash: 'two' })))).toBe(0);
    expect(look(3, thought)).toBe(0);
    expect(look(4, thought)).toBe(0);
    expect(watch.endIteration()).toHaveLength(1);
  });
});
