// API room. What every error body carries.
import { existsSync, readdirSync } from 'node:fs';
import type { ProblemCode } from '@fairmeter/contracts';
import { PROBLEMS } from '@fairmeter/contracts';
import type { MicroCredits } from '@fairmeter/domain';
import { instant } from '@fairmeter/domain';
import { describe, expect, it } from '@jest/globals';
import { foreignProblem, isDatabaseAway } from './foreign-errors.js';
import { problemAnswer } from './problem-document.js';
import { ProblemError, validationFailed } from './problem-error.js';
import { problemPage, toHtml } from './problem-pages.js';
import { refusalProblem } from './refusal-problem.js';

const about = { requestId: 'req_1', traceId: '4bf92f3577b34da6a3ce929d0e0e4736' };
const NOW = Date.UTC(2026, 0, 1);

function exhausted(resetsAt: number | null, options: readonly ('wait' | 'tell_owner' | 'buy_bundle')[]): ProblemError {
  return refusalProblem(
    {
      code: 'credits_exhausted',
      limitSource: 'account_credits',
      required: 420_000n as MicroCredits,
      available: 60_000n as MicroCredits,
      resetsAt: resetsAt === null ? null : instant(resetsAt),
      options,
    },
    NOW,
  );
}

describe('a problem document', () => {
  it('carries code, ids and typed details', () => {
    const answer = problemAnswer(exhausted(NOW + 90_500, ['wait']), about, 'https://api.example.com');
    expect(answer.status).toBe(402);
    expect(answer.document).toEqual({
      type: 'https://api.example.com/problems/credits_exhausted',
      title: 'Not enough credits',
      status: 402,
      detail: 'The account has fewer credits than the next step may cost.',
      instance: 'urn:fairmeter:request:req_1',
      code: 'credits_exhausted',
      request_id: 'req_1',
      trace_id: about.traceId,
      limit_source: 'account_credits',
      required: '0.420000',
      available: '0.060000',
      resets_at: '2026-01-01T00:01:30.500Z',
      options: ['wait'],
    });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'x-request-id': 'req_1',
      'retry-after': '91',
    });
  });

  it('names a time to try again only where waiting alone helps', () => {
    expect(problemAnswer(exhausted(NOW + 1_000, ['tell_owner']), about, undefined).headers).not.toHaveProperty(
      'retry-after',
    );
    expect(problemAnswer(exhausted(null, ['wait']), about, undefined).headers).not.toHaveProperty('retry-after');
    expect(problemAnswer(new ProblemError('admission_unknown', '.'), about, undefined).headers).toHaveProperty(
      'retry-after',
    );
    expect(problemAnswer(new ProblemError('key_invalid', '.'), about, undefined).headers).toMatchObject({
      'www-authenticate': 'Bearer realm="fairmeter"',
    });
  });

  it('cannot be given another code or status by its details', () => {
    const sly = new ProblemError('validation_failed', '.', { members: { status: 200, code: 'fine', type: 'x' } });
    expect(problemAnswer(sly, about, undefined).document).toMatchObject({
      status: 422,
      code: 'validation_failed',
      type: '/problems/validation_failed',
    });
  });

  it('lists what is wrong with the input', () => {
    const { document } = problemAnswer(validationFailed([{ pointer: '/a~1b', message: 'no' }]), about, undefined);
    expect(document['errors']).toEqual([{ pointer: '/a~1b', message: 'no' }]);
  });
});

describe('every code', () => {
  const codes = Object.keys(PROBLEMS) as ProblemCode[];

  it('has a page that says what it means, when it comes and what to do', () => {
    for (const code of codes) {
      const page = problemPage(code);
      for (const part of [code, 'What it means', 'When it comes', 'What to do', PROBLEMS[code].title]) {
        expect(page).toContain(part);
      }
      expect(page).toContain(`"status": ${PROBLEMS[code].status}`);
      expect(toHtml(code, page)).toContain('<h2>What to do</h2>');
    }
  });

  it('has a page, and no page lacks its code', () => {
    const folder = new URL('../../../../docs/problems/', import.meta.url);
    expect(existsSync(folder)).toBe(true);
    const pages = readdirSync(folder).map((file) => file.replace(/\.md$/, ''));
    expect(pages.sort()).toEqual([...codes].sort());
  });
});

describe('what others throw', () => {
  const coded = (code: string): Error => Object.assign(new Error('anything'), { code });

  it('is read by its code', () => {
    expect(foreignProblem(coded('FST_ERR_CTP_BODY_TOO_LARGE'))?.code).toBe('body_too_large');
    expect(foreignProblem(coded('FST_ERR_CTP_INVALID_JSON_BODY'))?.code).toBe('malformed_json');
    expect(foreignProblem(Object.assign(new SyntaxError('x'), { statusCode: 400 }))?.code).toBe('malformed_json');
    expect(foreignProblem(new Error('a bug'))).toBeUndefined();
    expect(foreignProblem('not even an error')).toBeUndefined();
    expect(foreignProblem(undefined)).toBeUndefined();
  });

  it('means that the database is away where its driver says so, however deep', () => {
    for (const code of ['ECONNREFUSED', '57P01', '08006']) {
      expect(isDatabaseAway(coded(code))).toBe(true);
      expect(isDatabaseAway(Object.assign(new Error('query failed'), { driverError: coded(code) }))).toBe(true);
      expect(isDatabaseAway(new Error('outer', { cause: coded(code) }))).toBe(true);
    }
    expect(isDatabaseAway(coded('23505'))).toBe(false);
    expect(foreignProblem(coded('57P01'))?.code).toBe('service_unavailable');
  });
});
