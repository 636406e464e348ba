// Test harness. Admission past the door: the workflow id of a key, and the call the door would make, made by hand.
import type { AdmitAnswer, AiJobInput } from '@fairmeter/contracts';
import { admitUpdateId, jobWorkflowId } from '@fairmeter/contracts';
import { parseApiConfig } from '@fairmeter/platform';
import { promptRef, saveText } from '@fairmeter/records';
import { AdmissionClient, AdmissionUnknown } from '../../apps/api/src/jobs/admission-client.js';
import { bodyHash, keyHash } from '../../apps/api/src/jobs/admission-hashes.js';
import { submitBody } from '../../apps/api/src/jobs/submit-body.js';
import type { TestBot } from './people.js';
import { testServers } from './test-servers.js';
import type { TestStack } from './test-stack.js';
import { until } from './until.js';

export const DEFAULT_KEY = 'key-1';
export const DEFAULT_BODY = { prompt: 'Write a word counter' };

export function workflowIdOf(bot: TestBot, key = DEFAULT_KEY): string {
  return jobWorkflowId(keyHash(bot, Buffer.from(key)));
}

/** What the door would start a run with, its prompt on record. */
export async function jobInputOf(stack: TestStack, bot: TestBot, key = DEFAULT_KEY): Promise<AiJobInput> {
  const hashes = { key: keyHash(bot, Buffer.from(key)), body: bodyHash(submitBody.parse(DEFAULT_BODY)) };
  const ref = promptRef(hashes.key, hashes.body);
  const { accountId, botId } = bot;
  const text = { id: ref, accountId, subject: botId, purpose: 'prompt', body: DEFAULT_BODY.prompt } as const;
  await saveText(stack.entities.manager, text);
  return {
    keyHash: hashes.key,
    bodyHash: hashes.body,
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    request: {
      accountId,
      botId,
      caller: { kind: 'bot', keyId: 'key_any' },
      requestKind: 'generate',
      model: null,
      maxIterations: null,
      maxMicroCredits: null,
      promptRef: ref,
      promptBytes: Buffer.byteLength(DEFAULT_BODY.prompt),
    },
  };
}

/** As long as whoever asks has patience, which one question to Temporal has not. */
const ASKED_FOR_MS = 30_000;

/**
 * Update-with-start as the door sends it, without the door's look at the jobs before. Whoever gets no answer in time
 * asks the same again, as a client of the door does: many at once may wait longer than one question may.
 */
export async function admitPastTheDoor(stack: TestStack, input: AiJobInput): Promise<AdmitAnswer> {
  const client = AdmissionClient.open(
    parseApiConfig({
      DATABASE_READER_URL: stack.database.readerUrl,
      TEMPORAL_ADDRESS: testServers().temporalAddress,
      TEMPORAL_NAMESPACE: stack.namespace,
    }).temporal,
  );
  try {
    const answer = await until(
      async () => asked(client, input),
      (known) => known !== null,
      ASKED_FOR_MS,
    );
    if (answer === null) throw new Error('nobody knows what became of it');
    return answer;
  } finally {
    await client.close();
  }
}

/** Null where nobody knows yet. */
async function asked(client: AdmissionClient, input: AiJobInput): Promise<AdmitAnswer | null> {
  try {
    return await client.admit({
      input,
      updateId: admitUpdateId(input.bodyHash),
      deadline: Date.now() + 5_000,
      fairnessKey: 'any',
      request: { bodyHash: input.bodyHash, admitBefore: Date.now() + 10_000, requestId: 'by-hand' },
    });
  } catch (error) {
    if (error instanceof AdmissionUnknown) return null;
    throw error;
  }
}
