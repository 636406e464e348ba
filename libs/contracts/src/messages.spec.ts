// Goal: what crosses Temporal is JSON, small, and free of texts. Method: one realistic message of every type, with the
// longest ids there are.
import { describe, expect, it } from '@jest/globals';
import { ALL_EXTRAS, END_REASONS, ENDED_JOB_STATES, STAGES, STEP_KINDS } from '@fairmeter/domain';
import type {
  AdmitAnswer,
  AdmitJobInput,
  AdmitJobResult,
  AdmitRequest,
  AdmittedJob,
  AiJobInput,
  AiJobResult,
  JobRequest,
  RunStepInput,
  RunStepResult,
  SettleJobInput,
  SettleJobResult,
} from './ai-job.js';
import { environmentOfCaller } from './ai-job.js';
import { packRefusal } from './failure-codec.js';
import { ACCOUNT_SUBSCRIPTION_WORKFLOW, END_USER_SUBSCRIPTION_WORKFLOW } from './subscriptions.js';
import { BACKGROUND_QUEUE, JOBS_QUEUE, queueOf, STEPS_QUEUE } from './task-queues.js';
import { admitAgainUpdateId, admitUpdateId, AI_JOB_WORKFLOW, jobWorkflowId } from './workflow-ids.js';

const HASH = 'f'.repeat(64);
const RUN_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const id = (prefix: string): string => `${prefix}_${'z'.repeat(26)}`;
const LARGEST = '9223372036854775807';
const NOW = 1_800_000_000_123;

const request: JobRequest = {
  accountId: id('acc'),
  botId: id('bot'),
  caller: { kind: 'bot', keyId: id('key'), environment: 'test' },
  requestKind: 'generate',
  model: 'vendor/some-large-model',
  maxIterations: 100,
  maxMicroCredits: LARGEST,
  promptRef: `txt_p_${HASH.slice(0, 56)}`,
  promptBytes: 1_048_576,
  contextRef: `txt_c_${HASH.slice(0, 56)}`,
  contextBytes: 10_485_760,
  contextTokens: 10_485_760,
  threadId: 'z'.repeat(120),
  deadline: NOW,
  extras: ALL_EXTRAS,
  reserve: 'rolling',
};
const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const refusal = packRefusal({ code: 'operation_mismatch', operationKey: `job/${HASH}:${RUN_ID}:admit`, field: 'body' });
const job: AdmittedJob = {
  jobId: id('job'),
  botType: 'coding',
  maxIterations: 100,
  deadline: NOW,
  extras: ALL_EXTRAS,
};

const stepInputs = STAGES.flatMap((stage) =>
  STEP_KINDS.map((kind): RunStepInput => ({
    jobId: id('job'),
    ordinal: 99_999,
    iteration: 1_000,
    stage,
    kind,
    asOf: NOW,
  })),
);
const stepResults: readonly RunStepResult[] = [
  { outcome: 'ended', verdict: 'changes_requested', chargeMicroCredits: LARGEST },
  { outcome: 'not_held', reason: 'credits_exhausted' },
  { outcome: 'not_held', reason: 'budget_reached' },
  { outcome: 'provider_refused' },
];

const start: AiJobInput = {
  keyHash: HASH,
  bodyHash: HASH,
  request,
  traceparent,
  resume: { job, progress: { ordinal: 7, last: { stage: 'review', iteration: 3, verdict: 'approved' } } },
};
const admitRequest: AdmitRequest = { bodyHash: HASH, admitBefore: NOW, requestId: id('req') };
const answers: readonly AdmitAnswer[] = [
  { outcome: 'admitted', jobId: id('job'), requestId: id('req') },
  { outcome: 'refused', refusal, requestId: id('req'), decidedAt: NOW, runId: RUN_ID },
];
const admitJob: AdmitJobInput = {
  workflowId: jobWorkflowId(HASH),
  runId: RUN_ID,
  keyHash: HASH,
  bodyHash: HASH,
  request,
  admitBefore: NOW,
  asOf: NOW,
  traceparent,
};
const admitResults: readonly AdmitJobResult[] = [
  { outcome: 'admitted', job },
  { outcome: 'job_of_another_run', jobId: id('job') },
  { outcome: 'refused', refusal, decidedAt: NOW },
];
const settle: SettleJobInput = {
  jobId: id('job'),
  accountId: id('acc'),
  workflowId: jobWorkflowId(HASH),
  state: 'completed_partial',
  reason: 'iterations_reached',
  asOf: NOW,
};
const settled: SettleJobResult = {
  chargeMicroCredits: LARGEST,
  ending: { state: 'completed_partial', reason: 'iterations_reached' },
};
const results: readonly AiJobResult[] = [
  { outcome: 'not_admitted', why: 'job_of_another_run' },
  ...ENDED_JOB_STATES.flatMap((state) =>
    END_REASONS.map((reason): AiJobResult => ({ outcome: 'ended', jobId: id('job'), state, reason })),
  ),
];

const messages = {
  'start of a job': [start],
  'request to admit': [admitRequest],
  'answer to it': answers,
  'input of admitJob': [admitJob],
  'result of admitJob': admitResults,
  'input of runStep': stepInputs,
  'result of runStep': stepResults,
  'input of settleJob': [settle],
  'result of settleJob': [settled],
  'result of a job': results,
} satisfies Record<string, readonly object[]>;

/** Every value inside, with the path to it. */
function* leaves(value: unknown, path = ''): Generator<[string, unknown]> {
  if (value === null || typeof value !== 'object') yield [path, value];
  else for (const [key, inner] of Object.entries(value)) yield* leaves(inner, `${path}.${key}`);
}

describe('messages', () => {
  it.each(Object.entries(messages))('%s is JSON: it comes back as it was', (_, examples) => {
    for (const message of examples) expect(JSON.parse(JSON.stringify(message))).toEqual(message);
  });

  it.each(Object.entries(messages))(
    '%s carries amounts as decimal strings and everything else as plain values',
    (_, examples) => {
      for (const [path, value] of [...leaves(examples)]) {
        expect([path, typeof value]).toEqual([path, expect.stringMatching(/^(string|number|boolean|object)$/)]);
        if (/Credits$/.test(path)) expect(value).toMatch(/^(0|[1-9]\d*)$/);
        if (typeof value === 'number') expect(Number.isSafeInteger(value)).toBe(true);
      }
    },
  );

  it.each([
    ['input', stepInputs],
    ['result', stepResults],
  ] as const)('the %s of a step stays under 512 bytes, with the longest ids and words', (_, examples) => {
    const sizes = examples.map((message) => Buffer.byteLength(JSON.stringify(message)));
    expect(Math.max(...sizes)).toBeLessThan(512);
  });

  it('carries prompts by reference: no message has a field for a text', () => {
    const names = Object.values(messages).flatMap((examples) => [...leaves(examples)].map(([path]) => path));
    expect(names.filter((path) => /\.(prompt|text|body|messages?|answer|system)$/i.test(path))).toEqual([]);
  });
});

describe('ids that the server stores', () => {
  it('a wave of renewals does not stand in the queue of the jobs', () => {
    expect([AI_JOB_WORKFLOW, ACCOUNT_SUBSCRIPTION_WORKFLOW, END_USER_SUBSCRIPTION_WORKFLOW].map(queueOf)).toEqual([
      JOBS_QUEUE,
      BACKGROUND_QUEUE,
      BACKGROUND_QUEUE,
    ]);
  });

  it('are spelled as they always were: a changed id would meet no earlier run', () => {
    expect({
      workflow: AI_JOB_WORKFLOW,
      queues: [JOBS_QUEUE, STEPS_QUEUE, BACKGROUND_QUEUE],
      job: jobWorkflowId('KEY'),
      admit: admitUpdateId('BODY'),
      again: admitAgainUpdateId('BODY', 'RUN'),
    }).toEqual({
      workflow: 'aiJob',
      queues: ['fairmeter-jobs', 'fairmeter-steps', 'fairmeter-background'],
      job: 'job/KEY',
      admit: 'admit/BODY',
      again: 'admit/BODY/RUN',
    });
  });

  it('stay within the 255 bytes that the server takes', () => {
    const ids = [jobWorkflowId(HASH), admitUpdateId(HASH), admitAgainUpdateId(HASH, RUN_ID)];
    for (const one of ids) expect(Buffer.byteLength(one)).toBeLessThanOrEqual(255);
  });

  it('[F1] differ where the caller, the key or the body differ, and only there', () => {
    const other = 'e'.repeat(64);
    expect(jobWorkflowId(HASH)).toBe(jobWorkflowId(HASH));
    expect(jobWorkflowId(HASH)).not.toBe(jobWorkflowId(other));
    expect(admitUpdateId(HASH)).not.toBe(admitUpdateId(other));
    expect(admitAgainUpdateId(HASH, RUN_ID)).not.toBe(admitUpdateId(HASH));
  });
});

describe('the environment of a caller', () => {
  it('is live in every message of before there was another, and of whoever is no key', () => {
    const callers = [
      { kind: 'bot', keyId: id('key') },
      { kind: 'account', keyId: id('key') },
      { kind: 'person', userId: id('usr') },
      { kind: 'visitor', visitorId: id('vis') },
      { kind: 'account', keyId: id('key'), environment: 'test' },
    ] as const;
    expect(callers.map(environmentOfCaller)).toEqual(['live', 'live', 'live', 'live', 'test']);
  });
});
