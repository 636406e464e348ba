// Goal: the test environment is answered whatever it asks, each call at the same size, and a script that was given has
// the first word. Method: calls of many stages at the port that test keys reach.
import { describe, expect, it } from '@jest/globals';
import { modelRequest, neverAborted } from '../testing/model-call.js';
import { createModelPort } from '../model-registry.js';
import { bookOf, stageScript } from './script.js';
import { ScriptedModel } from './scripted-model.js';
import { TEST_PROVIDER, testScript } from './test-script.js';

const signal = neverAborted();
const call = (stage: string, attempt = 1) =>
  modelRequest({ provider: TEST_PROVIDER, model: 'gpt-5', requestRef: `job_1/s1/${stage}/a${attempt}` });

describe('the script of the test environment', () => {
  it('answers every stage, as often as it is asked and whatever model is named', async () => {
    const port = createModelPort({ test: new ScriptedModel(testScript(null)) });
    for (const stage of ['plan', 'generate', 'review', 'repair', 'answer', 'clarify', 'generate', 'generate']) {
      expect(await port.generate(call(stage), { signal })).toMatchObject({
        kind: 'answered',
        usage: { input: 200, output: 100 },
      });
    }
    expect(await port.generate(call('review'), { signal })).toMatchObject({ text: 'APPROVED' });
  });

  it('lets a script that was given speak first', async () => {
    const given = bookOf(stageScript({ answer: [{ text: 'from the file', usage: null }] }));
    const port = createModelPort({ test: new ScriptedModel(testScript(given)) });
    expect(await port.generate(call('answer'), { signal })).toMatchObject({ text: 'from the file' });
  });

  it('answers nobody who asks under the name of a real provider, nor opens a scripted one', async () => {
    const port = createModelPort({ test: new ScriptedModel(testScript(null)) });
    for (const provider of ['openai', 'scripted']) {
      expect(await port.generate({ ...call('answer'), provider }, { signal })).toMatchObject({ fault: 'bad_request' });
    }
  });
});
