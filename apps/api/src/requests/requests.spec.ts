// API room. Request ids, traces and bodies at the door.
import { describe, expect, it } from '@jest/globals';
import { MAX_INPUT_CHARACTERS, submitBody } from '../jobs/submit-body.js';
import { ProblemError } from '../problems/problem-error.js';
import { RouteBook } from '../problems/route-book.js';
import { readBody } from './body.js';
import { openContext } from './request-context.js';

function faults(body: unknown): unknown {
  try {
    readBody(submitBody, body);
    return [];
  } catch (error) {
    if (error instanceof ProblemError)
      return (error.members['errors'] as { pointer: string }[]).map((one) => one.pointer);
    throw error;
  }
}

describe('the body of a submit', () => {
  it('is read where it fits', () => {
    expect(faults({ prompt: 'p' })).toEqual([]);
    expect(faults({ prompt: 'p', request_kind: 'debug', model: 'm', max_credits: '0.5', max_iterations: 1 })).toEqual(
      [],
    );
  });

  it('names each place that does not fit by a JSON pointer', () => {
    expect(faults(undefined)).toEqual(['']);
    expect(faults([])).toEqual(['']);
    expect(faults({})).toEqual(['/prompt']);
    expect(faults({ prompt: 'p', 'max/credits~': '1' })).toEqual(['/max~1credits~0']);
    expect(faults({ prompt: '', max_iterations: 1.5 })).toEqual(['/prompt', '/max_iterations']);
  });

  it('takes amounts as decimal strings alone', () => {
    for (const wrong of [1, 1.5, '1,5', '-1', '1e3', '1.0000001', '', ' 1', '99999999999999', '9999999999999']) {
      expect([wrong, faults({ prompt: 'p', max_credits: wrong })]).toEqual([wrong, ['/max_credits']]);
    }
  });

  it('takes text that every room can hold', () => {
    for (const wrong of ['a\u0000b', '\ud800', 'a\udc00']) {
      expect(faults({ prompt: wrong })).toEqual(['/prompt']);
      expect(faults({ prompt: 'p', model: wrong })).toEqual(['/model']);
    }
    expect(faults({ prompt: 'line\nbreak 🔑' })).toEqual([]);
    expect(faults({ prompt: 'p', model: 'a\nb' })).toEqual(['/model']);
    expect(faults({ prompt: 'x'.repeat(MAX_INPUT_CHARACTERS) })).toEqual([]);
    expect(faults({ prompt: 'x'.repeat(MAX_INPUT_CHARACTERS + 1) })).toEqual(['/prompt']);
  });
});

describe('the context of a request', () => {
  it('takes a plain request id and a valid trace from the caller', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect(openContext({ 'x-request-id': 'order-17', traceparent })).toMatchObject({
      requestId: 'order-17',
      traceparent,
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    });
  });

  it('makes its own where the caller sent none that is usable', () => {
    for (const id of [undefined, '', 'with space', 'x'.repeat(129), 'a"b', '<script>']) {
      expect(openContext(id === undefined ? {} : { 'x-request-id': id }).requestId).toMatch(/^req_[0-9a-z]{26}$/);
    }
    expect(openContext({ traceparent: 'nonsense' }).traceId).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('the book of routes', () => {
  it('knows the methods of a path', () => {
    const book = new RouteBook();
    book.note('POST', '/v1/bots/:bot_id/jobs');
    book.note(['GET', 'HEAD'], '/a.b');
    expect(book.all()).toEqual(['GET /a.b', 'HEAD /a.b', 'POST /v1/bots/:bot_id/jobs']);
    expect(book.methodsOf('/v1/bots/bot_1/jobs?x=1')).toEqual(['POST']);
    expect(book.methodsOf('/a.b/')).toEqual(['GET', 'HEAD']);
    expect(book.methodsOf('/axb')).toEqual([]);
    expect(book.methodsOf('/v1/bots/a/b/jobs')).toEqual([]);
  });
});
