// Committed histories against the compiled workflows: what ran under an earlier release goes on under this one.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { eventNames, textOf } from '../harness/histories.js';
import { readHistories, replay } from '../harness/replay.js';
import { WORKFLOW_BUNDLE } from '../harness/test-stack.js';

const FOLDER = fileURLToPath(new URL('histories', import.meta.url));
/** By the type of the workflow, at the patch level they were first played at. */
const STORIES: Readonly<Record<string, readonly string[]>> = {
  accountSubscription: ['1-cancelled', '1-closed', '3-renewed', '6-continued'],
  accountTerms: ['1-limits', '1-refused'],
  aiJob: [
    '0-cancelled',
    '0-deadline',
    '0-expired',
    '0-failing-provider',
    '0-late',
    '0-loop-refund',
    '0-normal',
    '0-raised',
    '0-refused',
    '0-reported-resumed',
    '0-reported',
    '0-stopped',
    '0-waiting',
    '0-workspace',
    '1-late',
  ],
  autoTopUp: ['3-bought', '3-declined', '3-late'],
  compensation: ['3-approved', '3-incident', '3-previewed'],
  compensationCorrection: ['3-taken-back'],
  customPlan: ['1-published'],
  endUserSubscription: ['1-renewed'],
  grant: ['1-alone', '1-approved', '1-dated', '1-not-decided'],
  paymentEvent: ['1-paid', '1-sent-back', '1-unknown'],
  personErasure: ['1-erased', '1-last-owner'],
  purchase: ['1-at-once', '1-ended', '1-looked-at', '3-slow'],
  purchaseReversal: ['1-approved', '1-refused', '1-reversed', '1-stands', '1-waits'],
  reconcile: ['2-passes'],
  usageReview: ['3-restored', '4-continued', '4-lapsed', '4-paused', '5-under-way', '6-under-way', '8-joined-later'],
  visitorErasure: ['1-erased'],
  webhookDelivery: ['2-caught-up', '2-disabled'],
};

/** A server replays them one after the other: so many are one test. */
const AT_ONCE = 3;
const PARTS = Object.entries(STORIES).flatMap(([workflow, stories]) =>
  Array.from({ length: Math.ceil(stories.length / AT_ONCE) }, (_, part) => ({
    workflow,
    stories: stories.slice(part * AT_ONCE, (part + 1) * AT_ONCE),
  })),
);

describe('committed histories', () => {
  const committed = readHistories(FOLDER);

  it('are there for every story', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(STORIES));
    for (const [workflow, stories] of Object.entries(STORIES)) {
      expect(readdirSync(`${FOLDER}/${workflow}`)).toEqual(stories.map((story) => `${story}.json`));
    }
  });

  // A few by themselves: there are more with every release.
  it.each(PARTS)('[F22] of $workflow replay as they were recorded: $stories', async ({ workflow, stories }) => {
    const names = stories.map((story) => `${workflow}/${story}.json`);
    const own = committed.filter(({ name }) => names.includes(name));
    expect(await replay(own)).toEqual(names.map((name) => ({ name, difference: null })));
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

  it.each([
    ['ANALYSE_UNDER_WAY', '4-paused'],
    ['JOIN_ANALYSIS', '5-under-way'],
  ])('is found where a review of before %s is taken for one of after', async (patch, story) => {
    const code = readFileSync(WORKFLOW_BUNDLE, 'utf8');
    const changed = code.replaceAll(new RegExp(`\\(0,\\s?\\w+\\.patched\\)\\(\\w+\\.${patch}\\)`, 'g'), 'true');
    expect(changed).not.toBe(code);
    const before = readHistories(FOLDER).filter(({ name }) => name === `usageReview/${story}.json`);
    const [replayed] = await replay(before, { code: changed });
    expect(replayed?.difference).toMatch(/nondeterminism/i);
  });

  it('is found where a step has another name', async () => {
    const code = readFileSync(WORKFLOW_BUNDLE, 'utf8');
    const changed = code.replaceAll('runStep', 'runStage');
    expect(changed).not.toBe(code);
    const [replayed] = await replay(normal, { code: changed });
    expect(replayed?.difference).toMatch(/nondeterminism/i);
  });

  it('is found where money is sent back by another name', async () => {
    const code = readFileSync(WORKFLOW_BUNDLE, 'utf8').replaceAll('payBack', 'refundAll');
    const back = readHistories(FOLDER).filter(({ name }) => /(sent-back|reversed|refused)\.json$/.test(name));
    const changed = (await replay(back, { code })).filter(({ difference }) => difference !== null);
    const names = ['paymentEvent/1-sent-back', 'purchaseReversal/1-refused', 'purchaseReversal/1-reversed'];
    expect(changed.map(({ name }) => name)).toEqual(names.map((name) => `${name}.json`));
  });
});
