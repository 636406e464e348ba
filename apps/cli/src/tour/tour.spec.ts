// What the tour shows, from data to text; and reading a stream that breaks, from a real HTTP server.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { toArtefactFacts, toCostBreakdown, toExplanation } from './cost-fields.js';
import { costTable } from './cost-table.js';
import { advance, eventLine, isToldToTheEnd, isWaiting, noProgress, progressBar } from './event-lines.js';
import { followEvents, SseParser } from './event-stream.js';
import { toAcceptedJob, toJobEvent } from './fields.js';

const ended = toJobEvent(
  '7',
  'step.ended',
  JSON.stringify({
    iteration: 2,
    max_iterations: 5,
    step: 3,
    stage: 'generate',
    charge: '0.5',
    charged_so_far: '1.25',
  }),
);

const told = (type: string, fields: object) => toJobEvent('8', type, JSON.stringify(fields));

const repair = { step: 14, iteration: 3, stage: 'repair', charge: '0.4', charged_so_far: '2.1' };
const judged = (fields: object) => eventLine(told('step.ended', { ...repair, stage: 'check', ...fields }));
const waits = {
  step: 14,
  reason: 'credits_exhausted',
  required: '1.908375',
  available: '1.045381',
  shortfall: '0.862994',
  released: '0.119888',
  waits_until: '2026-11-22T17:14:16.999Z',
};
const loop = { signal: 'equal_errors', cause: 'platform_fault', action: 'refunded', step: 11, steps: [5, 8, 11] };
const refund = { amount: '1.525440', refunded: '1.525440', charge: '2.769173', available: '18.756267' };

describe('event lines', () => {
  it('name the step, what it cost and the sum so far', () => {
    expect(eventLine(ended)).toBe('step  3  iteration 2  generate ended      0.5 credits, 1.25 credits so far');
  });

  it('say what a check of ours came to, and when it was our fault', () => {
    expect(judged({ verdict: 'changes_requested' })).toContain('check    red        0.4 credits');
    expect(judged({ verdict: 'approved' })).toContain('check    green      0.4 credits');
    expect(judged({ verdict: 'changes_requested', charge_class: 'platform_fault' })).toContain(
      'check    our fault  0.4',
    );
    // A turn that asks for changes is no red build.
    expect(judged({ stage: 'review', verdict: 'changes_requested' })).toContain('review   ended      0.4');
  });

  it.each([
    ['step.cancelled', repair, 'step 14  iteration 3  repair   cancelled  0.4 credits, 2.1 credits so far'],
    [
      'job.awaiting_credits',
      waits,
      'job waits  step 14 needs 1.908375 credits, has 1.045381, lacks 0.862994 (credits_exhausted)',
    ],
    ['job.budget_changed', { max_credits: '9', before: '5' }, 'budget     at most 9 credits from now on, 5 before'],
    ['loop.found', loop, 'loop found equal_errors at step 11, cause platform_fault: refunded'],
    ['job.refunded', refund, 'refunded   1.525440 credits of 2.769173 charged; 18.756267 available again'],
  ])('name what matters of %s, within 100 columns', (type, fields, line) => {
    expect(eventLine(told(type, fields))).toBe(line);
    expect(`  ${line}`.length).toBeLessThanOrEqual(100);
    expect(eventLine(told(type, {}))).not.toContain('undefined');
  });

  it('say how a job ended and why', () => {
    const event = toJobEvent('9', 'job.ended', '{"state":"completed","end_reason":"approved"}');
    expect(eventLine(event)).toBe('job ended  completed (approved)');
  });

  it('show an event they do not know, and one whose data is broken', () => {
    expect(eventLine(toJobEvent('9', 'job.paused', '{"state":"waiting_credits"}'))).toBe('job.paused  waiting_credits');
    expect(eventLine(toJobEvent('9', 'job.ended', '{broken'))).toBe('job ended  unknown');
  });
});

describe('progress bar', () => {
  it('stands where the iterations stand', () => {
    const progress = advance(noProgress, ended);
    expect(progressBar(progress)).toBe('[##########..............] iteration 2/5  1 step  1.25 credits  generate');
  });

  it('is full when the job has ended, however few iterations it took', () => {
    const progress = advance(advance(noProgress, ended), toJobEvent('9', 'job.ended', '{}'));
    expect(progressBar(progress)).toBe('[########################] iteration 2/5  1 step  1.25 credits');
  });

  it('waits until a step begins again', () => {
    const waiting = advance(advance(noProgress, ended), told('job.awaiting_credits', waits));
    expect(isWaiting(waiting)).toBe(true);
    expect(progressBar(waiting)).toContain('1 step  1.25 credits  waiting for credits');
    expect(isWaiting(advance(waiting, told('step.started', repair)))).toBe(false);
    expect(isWaiting(advance(waiting, told('job.ended', {})))).toBe(false);
  });

  it('of a looping job is told to the end once its loop is, and what that gave back', () => {
    const stopped = advance(noProgress, told('job.ended', { state: 'stopped_loop' }));
    const found = advance(stopped, told('loop.found', loop));
    expect([stopped, found].map(isToldToTheEnd)).toEqual([false, false]);
    expect(isToldToTheEnd(advance(found, told('job.refunded', refund)))).toBe(true);
    expect(isToldToTheEnd(advance(stopped, told('loop.found', { ...loop, action: 'stopped' })))).toBe(true);
    expect(isToldToTheEnd(advance(noProgress, told('job.ended', { state: 'completed' })))).toBe(true);
    expect(isToldToTheEnd(noProgress)).toBe(false);
  });

  it('does not divide by an unknown number of iterations', () => {
    expect(progressBar(noProgress)).toBe('[........................] iteration 0/?  0 steps  0.000000 credits');
  });
});

describe('cost table', () => {
  it('shows every line the ledger charged, the lots that paid and the total as given', () => {
    const tokens = { input: 800, cached_input: 90, cache_write: 10, output: 20, reasoning: 10 };
    const attempts = [
      { attempt: 1, charge_class: 'platform_fault', tokens },
      { attempt: 2, charge_class: 'normal', tokens },
    ];
    const step = { step: 1, stage: 'plan', model: 'm', attempts, charge: '0.120000' };
    const tool = { step: 2, stage: 'check', model: null, tool: 'tool.check', attempts: [], charge: '0.000000' };
    const lots = [{ kind: 'daily', amount: '0.500000' }];
    const cost = toCostBreakdown({
      steps: [step, tool],
      not_charged: [{ step: 1, attempt: 1, reason: 'platform_fault', amount: '0.120000' }],
      loops: [
        {
          ...{ signal: 'equal_errors', subject: 'check', cause: 'platform_fault', action: 'refunded' },
          ...{ found_at_step: 7, fingerprint: '0123456789abcdef', threshold: 3, amount: '0.100000' },
          steps: [{ step: 3 }, { step: 5 }, { step: 7 }],
          first_honest_step: { step: 3 },
          refunded_steps: [{ step: 4 }, { step: 6 }],
        },
      ],
      refunds: [{ lane: 'auto', amount: '0.100000', to_lots: [{ kind: 'daily' }, { kind: 'daily' }] }],
      net: '0.400000',
      minimum: { amount: '0.380000' },
      paid_from: lots,
      charge: '0.500000',
    });
    expect(costTable(cost)).toEqual([
      'step  stage           model or tool  tokens in  tokens out   credits',
      '--------------------------------------------------------------------',
      '1     plan            m                    900          30  0.120000',
      '2     check           tool.check             0           0  0.000000',
      '      minimum charge                                        0.380000',
      '--------------------------------------------------------------------',
      '      total                                                 0.500000',
      'paid from daily: 0.500000 credits',
      'not charged at step 1: 0.120000 credits (platform_fault)',
      'loop found at step 7: equal_errors, cause platform_fault, refunded',
      '  evidence: check said the same 0123456789ab at steps 3, 5, 7 (threshold 3)',
      '  charged whatever the cause: step 3; given back: steps 4, 6, 0.100000 credits',
      'refunded: 0.100000 credits (auto) to daily',
      'net: 0.400000 credits',
    ]);
  });

  it('shows gaps where fields are missing', () => {
    expect(costTable(toCostBreakdown({})).at(-1)).toMatch(/total\s+-$/);
  });
});

describe('what is read of a job', () => {
  it('leads to its cost, how that is explained, and its ZIP', () => {
    const job = toAcceptedJob({ id: 'job_1', state: 'running', links: { cost: '/c', events: '/e' } });
    expect(job).toMatchObject({ cost: '/c', explain: '/c/explain', events: '/e', artefact: '/v1/jobs/job_1/artefact' });
  });

  it('takes a cost for explained only where the API says so', () => {
    const amounts = { recomputed: '1.0', charge: '1.0', captured: '1.0' };
    expect(toExplanation({ ...amounts, matches: true })).toEqual({ ...amounts, matches: true });
    expect(toExplanation(amounts).matches).toBe(false);
  });

  it('knows a job without a ZIP', () => {
    const artefact = { files: 9, bytes: 2388, sha256: 'ab', expires_at: 'later' };
    expect(toArtefactFacts({ artefact })).toEqual({ files: '9', bytes: '2388', sha256: 'ab', expiresAt: 'later' });
    expect(toArtefactFacts({ artefact: null })).toBeNull();
  });
});

describe('event stream', () => {
  it('is read alike however it is cut into pieces', () => {
    const text = ': hello\n\nid: 1\nevent: a\ndata: {"x":\ndata: 1}\n\nid: 2\r\nevent: b\r\ndata: é\r\n\r\n';
    const whole = new SseParser().push(text);
    expect(whole).toEqual([
      { id: '1', type: 'a', data: '{"x":\n1}' },
      { id: '2', type: 'b', data: 'é' },
    ]);
    const parser = new SseParser();
    expect([...text].flatMap((piece) => parser.push(piece))).toEqual(whole);
  });

  it('is taken up again after the last event seen', async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request: IncomingMessage, response: ServerResponse) => {
      asked.push(request.headers['last-event-id']?.toString());
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(asked.length === 1 ? 'id: 4\nevent: a\ndata: {}\n\n' : 'id: 5\nevent: b\ndata: {}\n\n');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const seen: string[] = [];
    await followEvents({
      url,
      headers: {},
      onEvent: ({ type }) => {
        seen.push(type);
        return type === 'b' ? 'done' : 'go on';
      },
    });
    server.closeAllConnections();
    server.close();
    expect(seen).toEqual(['a', 'b']);
    expect(asked).toEqual([undefined, '4']);
  });
});
