// What the tour shows, from data to text; and reading a stream that breaks, from a real HTTP server.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { costTable } from './cost-table.js';
import { advance, eventLine, noProgress, progressBar } from './event-lines.js';
import { followEvents, SseParser } from './event-stream.js';
import { toCostBreakdown, toJobEvent } from './fields.js';

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

describe('event lines', () => {
  it('name the step, what it cost and the sum so far', () => {
    expect(eventLine(ended)).toBe('step  3  iteration 2  generate ended      0.5 credits, 1.25 credits so far');
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
      loops: [{ signal: 'equal_errors', cause: 'platform_fault', action: 'refunded' }],
      refunds: [{ lane: 'auto', amount: '0.100000' }],
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
      'loop found: equal_errors, cause platform_fault, refunded',
      'refunded: 0.100000 credits (auto)',
    ]);
  });

  it('shows gaps where fields are missing', () => {
    expect(costTable(toCostBreakdown({})).at(-1)).toMatch(/total\s+-$/);
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
