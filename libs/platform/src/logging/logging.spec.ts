// Platform room. Lines hold facts and no secrets.
import { describe, expect, it } from '@jest/globals';
import { nestLogger, temporalLogger } from './foreign-loggers.js';
import { createLogger } from './logger.js';
import { prettyLine } from './pretty-stream.js';

function recording() {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({
    service: 'test',
    level: 'trace',
    version: '1.2.3',
    destination: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  return { lines, logger };
}

describe('the logger', () => {
  it('writes facts as fields beside a constant message', () => {
    const { lines, logger } = recording();
    logger.child({ requestId: 'req_1', traceId: 'abc' }).info({ workflowId: 'job/1' }, 'job admitted');
    expect(lines[0]).toMatchObject({
      level: 'info',
      service: 'test',
      version: '1.2.3',
      requestId: 'req_1',
      traceId: 'abc',
      workflowId: 'job/1',
      msg: 'job admitted',
    });
  });

  it('strikes keys, headers and prompts', () => {
    const { lines, logger } = recording();
    logger.info(
      { authorization: 'Bearer hunter2', request: { prompt: 'hunter2', headers: { authorization: 'hunter2' } } },
      'a request',
    );
    logger.info({ provider: { apiKey: 'hunter2' }, prompt: 'hunter2' }, 'a call');
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('keeps the values of a failed statement out of an error', () => {
    const { lines, logger } = recording();
    const failure = Object.assign(new Error('it failed', { cause: new Error('below') }), {
      code: '23505',
      parameters: ['hunter2'],
      query: 'hunter2',
    });
    logger.error({ err: failure }, 'a statement failed');
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(lines[0]).toMatchObject({ err: { message: 'it failed', code: '23505', cause: { message: 'below' } } });
  });

  it('speaks for NestJS and the Temporal SDK', () => {
    const { lines, logger } = recording();
    nestLogger(logger).warn('an old option', 'Router');
    temporalLogger(logger).log('ERROR', 'activity failed', {
      workflowId: 'job/1',
      attempt: 2n,
      error: new Error('no answer'),
    });
    expect(lines[0]).toMatchObject({ level: 'warn', part: 'Router', msg: 'an old option' });
    expect(lines[1]).toMatchObject({
      level: 'error',
      workflowId: 'job/1',
      attempt: '2',
      err: { message: 'no answer' },
    });
  });

  it('has a short form for people', () => {
    const line = JSON.stringify({
      time: '2026-01-02T03:04:05.678Z',
      level: 'info',
      service: 'api',
      msg: 'ready',
      a: 1,
    });
    expect(prettyLine(line)).toBe('03:04:05.678 INFO  [api] ready a=1\n');
    expect(prettyLine('no json')).toBe('no json');
  });
});
