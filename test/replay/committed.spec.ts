// Committed histories against the compiled workflows: what ran under an earlier release goes on under this one.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { eventNames, textOf } from '../harness/histories.js';
import { readHistories, replay, replayHistories } from '../harness/replay.js';
import { WORKFLOW_BUNDLE } from '../harness/test-stack.js';

const FOLDER = fileURLToPath(new URL('histories', import.meta.url));
const STORIES = [
  'cancelled',
  'deadline',
  'expired',
  'failing-provider',
  'late',
  'loop-refund',
  'normal',
  'raised',
  'refused',
  'reported-resumed',
  'reported',
  'stopped',
  'waiting',
  'workspace',
];

describe('committed histories', () => {
  const committed = readHistories(FOLDER);

  it('are there for every story', () => {
    expect(readdirSync(`${FOLDER}/aiJob`).filter((file) => file.startsWith('0-'))).toEqual(
      STORIES.map((story) => `0-${story}.json`),
    );
  });

  it('[F22] replay as they were recorded', async () => {
    expect(await replayHistories(FOLDER)).toEqual(committed.map(({ name }) => ({ name, difference: null })));
  });

  it('read back from JSON with their events and payloads, which two copies of protobufjs would prevent', () => {
    for (const { history } of committed) {
      expect(eventNames(history)[0]).toBe('WORKFLOW_EXECUTION_STARTED');
      expect(eventNames(history)).not.toContain('UNKNOWN');
      expect(history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data).toBeInstanceOf(
        Uint8Array,
      );
    }
  });

  it('name no machine and no path', () => {
    for (const { name, history } of committed) {
      const text = textOf(history);
      expect([name, /\d+@[\w.-]+"|file:\/\/|node_modules|\/dist\//.exec(text)?.[0]]).toEqual([name, undefined]);
      const identities = [...text.matchAll(/"identity": "([^"]*)"/g)].map(([, identity]) => identity);
      expect(new Set(identities)).toEqual(new Set(['fairmeter']));
    }
  });
});

describe('a change that running workflows would not survive', () => {
  const normal = readHistories(FOLDER).filter(({ name }) => name.endsWith('0-normal.json'));

  it('is found where the code does something before the steps', async () => {
    const code = readFileSync(WORKFLOW_BUNDLE, 'utf8');
    const steps = 'const { ending: sought, stoppedBy } = await (reported';
    expect(code.split(steps)).toHaveLength(2);
    // A timer before the first step is another order of commands.
    const changed = code.replace(steps, `await new Promise((resume) => setTimeout(resume, 1));\n    ${steps}`);
    const [replayed] = await replay(normal, { code: changed });
    expect(replayed?.difference).toMatch(/nondeterminism/i);
  });

  it('is found where a job of before packing at a deadline is taken for one of after', async () => {
    const code = readFileSync(WORKFLOW_BUNDLE, 'utf8');
    const changed = code.replaceAll(/\(0,\s?\w+\.patched\)\(\w+\.PACK_BEFORE_ENDING\)/g, 'true');
    expect(changed).not.toBe(code);
    const late = readHistories(FOLDER).filter(({ name }) => name.endsWith('0-late.json'));
    const [replayed] = await replay(late, { code: changed });
    expect(replayed?.difference).toMatch(/nondeterminism/i);
  });

  it('is found where a step has another name', async () => {
    const code = readFileSync(WORKFLOW_BUNDLE, 'utf8');
    const changed = code.replaceAll('runStep', 'runStage');
    expect(changed).not.toBe(code);
    const [replayed] = await replay(normal, { code: changed });
    expect(replayed?.difference).toMatch(/nondeterminism/i);
  });
});
