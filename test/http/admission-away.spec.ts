// Admission while a part is away: Temporal stopped, no worker running, a worker back too late, retention passed. Each
// has its answer, and the ledger is unmoved or moved once.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jobWorkflowId } from '@fairmeter/contracts';
import { keyHash } from '../../apps/api/src/jobs/admission-hashes.js';
import type { Answer } from '../harness/bot-client.js';
import { BotClient } from '../harness/bot-client.js';
import { openBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { ledgerOf } from './counts.js';

const PATIENCE = { ADMIT_DEADLINE_MS: '1000' };

/** A port where nobody answers: bound once, so that it was free, and let go. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function gone(look: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await look().then(
      () => true,
      () => false,
    );
    if (!found) return;
    await new Promise((resume) => setTimeout(resume, 100));
  }
  throw new Error('it is still there');
}

describe('admission while something is away', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.open({ models: threeSteps().port });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const unknown = ({ status, body, headers }: Answer): unknown[] => [status, body['code'], headers.get('retry-after')];

  it('[F24] refuses cleanly without Temporal, holds nothing, and knows the jobs that were', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const worker = await stack.startWorker();
    await stack.startApi(PATIENCE);
    const job = await bot.submit({ key: 'before' });
    await bot.ended(String(job.body['id']));
    await worker.stop();
    const held = await ledgerOf(stack, owner);

    await stack.startApi({ ...PATIENCE, TEMPORAL_ADDRESS: `127.0.0.1:${await deadPort()}` });
    expect(unknown(await bot.submit({ key: 'during' }))).toEqual([503, 'admission_unknown', '2']);
    expect(await ledgerOf(stack, owner)).toEqual(held);
    // Answered from the ledger alone.
    const again = await bot.submit({ key: 'before' });
    expect([again.status, again.body['id'], again.body['state']]).toEqual([202, job.body['id'], 'completed']);
    const ready = await bot.get('/health/ready');
    expect(ready.status).toBe(503);
    expect(ready.body['missing']).toContain('temporal');
  });

  it('[F24] knows a job after Temporal has forgotten its workflow', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const worker = await stack.startWorker();
    await stack.startApi(PATIENCE);
    const first = await bot.submit();
    const ended = await bot.ended(String(first.body['id']));
    const workflowId = jobWorkflowId(keyHash(owner, Buffer.from('key-1')));
    const { client } = stack.temporal;
    await client.workflow.getHandle(workflowId).result();
    await client.workflowService.deleteWorkflowExecution({
      namespace: stack.namespace,
      workflowExecution: { workflowId },
    });
    await gone(async () => client.workflow.getHandle(workflowId).describe());
    const again = await bot.submit();
    expect(again.body).toMatchObject({ ...ended.body, replayed: true });
    expect(await ledgerOf(stack, owner)).toEqual({ jobs: 1, holds: 1 });
    await expect(client.workflow.getHandle(workflowId).describe()).rejects.toThrow();
    await worker.stop();
    // The server deletes in the background, some seconds after it was told to.
  }, 30_000);

  it('[F24] holds once when the worker comes back after the client gave up', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    await stack.startApi({ ...PATIENCE, ADMIT_WITHIN_MS: '60000' });
    expect(unknown(await bot.submit())).toEqual([503, 'admission_unknown', '2']);
    expect(await ledgerOf(stack, owner)).toEqual({ jobs: 0, holds: 0 });
    const worker = await stack.startWorker();
    const answer = await bot.submit();
    expect(answer.status).toBe(202);
    await bot.ended(String(answer.body['id']));
    expect(await ledgerOf(stack, owner)).toEqual({ jobs: 1, holds: 1 });
    await worker.stop();
  });

  it('[F24] holds nothing for a request that waited too long, and decides the next one anew', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    await stack.startApi({ ...PATIENCE, ADMIT_WITHIN_MS: '100' });
    expect(unknown(await bot.submit())).toEqual([503, 'admission_unknown', '2']);
    const worker = await stack.startWorker();
    const { workflow } = stack.temporal.client;
    const late: unknown = await workflow.getHandle(jobWorkflowId(keyHash(owner, Buffer.from('key-1')))).result();
    expect(late).toEqual({ outcome: 'not_admitted', why: 'refused' });
    expect(await ledgerOf(stack, owner)).toEqual({ jobs: 0, holds: 0 });
    await stack.startApi(PATIENCE);
    const answer = await bot.submit();
    expect(answer.status).toBe(202);
    await bot.ended(String(answer.body['id']));
    await worker.stop();
  });
});
