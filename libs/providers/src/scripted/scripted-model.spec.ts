// Goal: a scripted provider answers exactly what its script says and fails loudly on everything else.
import { describe, expect, it } from '@jest/globals';
import { answered, faulted, modelRequest, neverAborted } from '../testing/model-call.js';
import type { ModelOutcome, ModelRequest } from '../model-port.js';
import { ScriptExhausted, ScriptMismatch } from './script-errors.js';
import { ScriptedModel } from './scripted-model.js';
import { bookOf, sequenceScript, stageScript, stepScript, type ScriptedReply } from './script.js';

const USAGE = Object.freeze({ input: 10, cachedInput: 0, cacheWrite: 0, output: 5, reasoning: 0 });

function says(text: string): ScriptedReply {
  return { text, usage: USAGE };
}

function callOf(requestRef: string): ModelRequest {
  return modelRequest({ provider: 'scripted', requestRef });
}

function ask(model: ScriptedModel, request: ModelRequest): Promise<ModelOutcome> {
  return model.generate(request, { signal: neverAborted() });
}

async function textOf(model: ScriptedModel, request: ModelRequest): Promise<string> {
  return answered(await ask(model, request)).text;
}

describe('a script by stage', () => {
  const stages = stageScript({ plan: [says('p1')], generate: [says('g1'), says('g2')], review: [says('r1')] });

  it('gives the n-th call of a stage the n-th reply of that stage, each job from the start', async () => {
    const model = new ScriptedModel(bookOf(stages));
    const jobs = ['job_1', 'job_2', 'job_3'];
    const runs = jobs.map(async (job) => [
      await textOf(model, callOf(`${job}/s1/plan/a1`)),
      await textOf(model, callOf(`${job}/s2/generate/a1`)),
      await textOf(model, callOf(`${job}/s3/review/a1`)),
      await textOf(model, callOf(`${job}/s4/generate/a1`)),
    ]);
    expect(await Promise.all(runs)).toEqual(jobs.map(() => ['p1', 'g1', 'r1', 'g2']));
    expect(model.callCount).toBe(12);
  });

  it('gives a second attempt the next reply, so that faults are replies of their own', async () => {
    const fault: ScriptedReply = { fault: 'unavailable', status: 503, retryAfterMs: 250 };
    const model = new ScriptedModel(bookOf(stageScript({ plan: [fault, says('p1')] })));
    expect(faulted(await ask(model, callOf('job_1/s1/plan/a1')))).toMatchObject({
      fault: 'unavailable',
      status: 503,
      retryable: true,
      retryAfterMs: 250,
      usage: null,
    });
    expect(await textOf(model, callOf('job_1/s1/plan/a2'))).toBe('p1');
  });

  it('fails loudly when a stage has no reply left, or is not in the script', async () => {
    const model = new ScriptedModel(bookOf(stages, 'demo'));
    await ask(model, callOf('job_1/s1/plan/a1'));
    await expect(ask(model, callOf('job_1/s2/plan/a1'))).rejects.toThrow(ScriptExhausted);
    await expect(ask(model, callOf('job_1/s2/plan/a1'))).rejects.toThrow('job_1/s2/plan/a1: script "demo" has no more');
    await expect(ask(model, callOf('job_1/s2/package/a1'))).rejects.toThrow(ScriptExhausted);
    expect(model.calls.map(({ request }) => request.requestRef)).toContain('job_1/s2/package/a1');
  });
});

describe('other scripts', () => {
  it('a sequence answers call by call and job by job', async () => {
    const model = new ScriptedModel(bookOf(sequenceScript([says('one'), says('two')])));
    expect(await textOf(model, callOf('job_1/s1/plan/a1'))).toBe('one');
    expect(await textOf(model, callOf('job_1/s2/review/a1'))).toBe('two');
    expect(await textOf(model, callOf('job_2/s1/plan/a1'))).toBe('one');
    await expect(ask(model, callOf('job_1/s3/plan/a1'))).rejects.toThrow(ScriptExhausted);
  });

  it('a script by step needs no memory: a fresh provider goes on where the job is', async () => {
    const book = bookOf(stepScript({ 1: [says('one')], 2: [{ fault: 'broken_stream', text: 'tw' }, says('two')] }));
    expect(await textOf(new ScriptedModel(book), callOf('job_1/s2/review/a2'))).toBe('two');
    const again = new ScriptedModel(book);
    expect(faulted(await ask(again, callOf('job_1/s2/review/a1'))).partialText).toBe('tw');
    await expect(ask(again, callOf('job_1/s2/review/a3'))).rejects.toThrow(ScriptExhausted);
    await expect(ask(again, callOf('job_1/s3/review/a1'))).rejects.toThrow(ScriptExhausted);
  });
});

describe('a book of scripts', () => {
  const model = new ScriptedModel({
    entries: [
      { name: 'by-marker', when: { promptIncludes: '[script:odd]' }, script: sequenceScript([says('marker')]) },
      { name: 'by-model', when: { model: 'big', jobPrefix: 'job_b' }, script: sequenceScript([says('model')]) },
    ],
  });

  it('serves a call by the first entry whose condition holds, whole', async () => {
    const marked = { ...callOf('job_b1/s1/plan/a1'), model: 'big', messages: [{ role: 'user', text: '[script:odd]' }] };
    expect(await textOf(model, marked as ModelRequest)).toBe('marker');
    expect(await textOf(model, { ...callOf('job_b2/s1/plan/a1'), model: 'big' })).toBe('model');
    await expect(ask(model, { ...callOf('job_c1/s1/plan/a1'), model: 'big' })).rejects.toThrow('no script in the book');
    expect(model.calls.map(({ script }) => script)).toEqual(['by-marker', 'by-model', null]);
  });

  it('refuses a call whose reference names no job and step', async () => {
    await expect(ask(model, modelRequest({ requestRef: 'plan' }))).rejects.toThrow(ScriptExhausted);
  });
});

describe('a reply', () => {
  it('can expect its call, and fails loudly on another without repeating the prompt', async () => {
    const expect1 = { model: 'other', requestRef: 'job_1/s1/plan/a1', maxOutputTokens: 9, promptIncludes: ['login'] };
    const model = new ScriptedModel(bookOf(sequenceScript([{ ...says('x'), expect: expect1 }])));
    const error: unknown = await ask(model, callOf('job_1/s1/plan/a1')).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ScriptMismatch);
    expect(String(error)).toContain('model is test-model, expected other; maxOutputTokens is 4096, expected 9');
    expect(String(error)).toContain('the prompt lacks "login"');
    expect(String(error)).not.toContain('secret');
  });

  it('can be one without usage, which is unmetered, while zero is a value', async () => {
    const zero = { ...USAGE, input: 0, output: 0 };
    const model = new ScriptedModel(
      bookOf(
        sequenceScript([
          { text: 'x', usage: null },
          { text: '', usage: zero },
        ]),
      ),
    );
    expect(await ask(model, callOf('job_1/s1/plan/a1'))).toMatchObject({ usage: null, usageFlags: ['unmetered'] });
    expect(await ask(model, callOf('job_1/s2/plan/a1'))).toMatchObject({ usage: zero, usageFlags: [] });
  });

  it('arrives in chunks, and breaks where the script says with what had arrived', async () => {
    const replies: ScriptedReply[] = [
      { ...says('añb👍c'), chunks: 3 },
      { fault: 'broken_stream', text: 'añ', chunks: 2, usage: USAGE },
    ];
    const model = new ScriptedModel(bookOf(sequenceScript(replies)));
    const bytes: number[] = [];
    const options = { signal: neverAborted(), onProgress: (p: { textBytes: number }) => void bytes.push(p.textBytes) };
    expect(answered(await model.generate(callOf('job_1/s1/plan/a1'), options)).text).toBe('añb👍c');
    expect(bytes).toEqual([3, 8, 9]);
    const broken = faulted(await model.generate(callOf('job_1/s2/plan/a1'), options));
    expect(broken).toMatchObject({ fault: 'broken_stream', partialText: 'añ', usage: USAGE, usageFlags: ['partial'] });
  });

  it('waits as long as the script says, and ends at once when cancelled, with what had arrived', async () => {
    const slow: ScriptedReply = { ...says('abcd'), chunks: 2, chunkDelayMs: 60_000 };
    const model = new ScriptedModel(bookOf(sequenceScript([slow, { ...says('x'), delayMs: 60_000 }])));
    const controller = new AbortController();
    const outcome = await model.generate(callOf('job_1/s1/plan/a1'), {
      signal: controller.signal,
      onProgress: () => setImmediate(() => controller.abort()),
    });
    expect(faulted(outcome)).toMatchObject({ fault: 'cancelled', retryable: false, partialText: 'ab', usage: null });
    const aborted = await model.generate(callOf('job_1/s2/plan/a1'), { signal: AbortSignal.abort() });
    expect(faulted(aborted)).toMatchObject({ fault: 'cancelled', partialText: '' });
  });
});

describe('memory', () => {
  it('forgets a job when told, and the idlest one when there are too many', async () => {
    const model = new ScriptedModel(bookOf(sequenceScript([says('one'), says('two')])), { jobsMax: 2, callsMax: 3 });
    await textOf(model, callOf('job_1/s1/plan/a1'));
    model.forgetJob('job_1');
    expect(await textOf(model, callOf('job_1/s1/plan/a1'))).toBe('one');
    expect(await textOf(model, callOf('job_2/s1/plan/a1'))).toBe('one');
    expect(await textOf(model, callOf('job_1/s2/plan/a1'))).toBe('two');
    expect(await textOf(model, callOf('job_3/s1/plan/a1'))).toBe('one');
    expect(await textOf(model, callOf('job_2/s2/plan/a1'))).toBe('one');
    expect(model.calls).toHaveLength(3);
    expect(model.callCount).toBe(6);
  });
});
