// Goal: what a model writes is read as it was meant or not at all, and what it is told cannot be forged by a file.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ToolResult } from '../runs/tool-result.js';
import { describeTools } from './describe-tools.js';
import { CALLS_PER_ANSWER, parseToolCalls } from './parse-tool-calls.js';
import { renderToolCall } from './render-tool-call.js';
import { renderToolResults } from './render-tool-results.js';
import { PROBLEM_CHARACTERS, type ToolCall } from './tool-call.js';

const lines = (...all: string[]): string => all.join('\n');
const codes = (answer: string): string[] => parseToolCalls(answer).problems.map(({ code }) => code);

/** Texts full of what the protocol is made of. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '@@end',
        '@@tool write',
        '@@content',
        '@@old',
        '@@new #x1',
        '@@end #x1',
        '@@end #x2',
        '@@',
        '```',
      ),
      fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', '')),
    ),
  )
  .map((all) => all.join('\n'));
const section = nasty.map((text) => (text === '' ? '' : `${text}\n`));
const said = nasty.map((text) => text.trim());
const value = fc.stringMatching(/^[a-z0-9/._-]{1,20}$/);
const query = fc.string({ minLength: 1 }).filter((text) => !/[\r\n]/.test(text));
const lineNumber = fc.integer({ min: 1, max: 99_999 });

const anyCall: fc.Arbitrary<ToolCall> = fc.oneof(
  fc.record({ tool: fc.constant('list' as const), path: value }, { requiredKeys: ['tool'] }),
  fc.record(
    { tool: fc.constant('read' as const), path: value, from: lineNumber, to: lineNumber },
    {
      requiredKeys: ['tool', 'path'],
    },
  ),
  fc.record(
    {
      tool: fc.constant('search' as const),
      query,
      kind: fc.constantFrom('literal' as const, 'regex' as const),
      path: value,
    },
    { requiredKeys: ['tool', 'query', 'kind'] },
  ),
  fc.record({ tool: fc.constant('write' as const), path: value, content: fc.oneof(section, nasty) }),
  fc.record({
    tool: fc.constant('patch' as const),
    path: value,
    hunks: fc.array(fc.record({ old: section, new: section }), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ tool: fc.constant('delete' as const), path: value }),
  fc.record({ tool: fc.constant('move' as const), from: value, to: value }),
  fc.record({ tool: fc.constant('ask' as const), question: said }),
  fc.record({ tool: fc.constant('done' as const), summary: said }),
);

describe('calls', () => {
  it('come back from what was written of them, many in one answer, with prose around', () => {
    const prose = fc.constantFrom(
      '',
      'I write two files.\n\n',
      '```ts\n',
      '@@ -1 +1 @@\n',
      '@@tools are\n',
      ' @@tool x\n',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(prose, anyCall), { maxLength: 8 }), (parts) => {
        const answer = parts.map(([text, call]) => text + renderToolCall(call)).join('');
        const parsed = parseToolCalls(answer);
        expect(parsed.problems).toEqual([]);
        expect(parsed.calls).toEqual(parts.map(([, call]) => call));
      }),
      { numRuns: 500 },
    );
  });

  it('take code as it stands: quotes, fences, tabs, carriage returns, white space at the ends', () => {
    const content = '\t`${a}` "b" \\n </script> ``` \r\n@@ -1,2 @@\n  \n\n';
    const { calls } = parseToolCalls(`@@tool write\npath: a\n@@content\n${content}@@end`);
    expect(calls).toEqual([{ tool: 'write', path: 'a', content }]);
  });

  it('are read in lines that end as Windows ends them', () => {
    const { calls, problems } = parseToolCalls('@@tool read\r\npath: a.ts\r\nfrom: 2\r\n@@end\r\n');
    expect({ calls, problems }).toEqual({ calls: [{ tool: 'read', path: 'a.ts', from: 2 }], problems: [] });
  });

  it('never throw and never name more than the answer holds, whatever the answer is', () => {
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: 'binary' })), (answer) => {
        const { calls, problems } = parseToolCalls(answer);
        expect(calls.length + problems.length).toBeLessThanOrEqual(answer.split('@@').length - 1);
        for (const { message } of problems) expect(message.length).toBeLessThanOrEqual(PROBLEM_CHARACTERS);
      }),
      { numRuns: 1_000 },
    );
  });

  it('of an answer of ten megabytes in one line are none', () => {
    expect(parseToolCalls('x'.repeat(10_485_760)).calls).toEqual([]);
  });
});

describe('a call that is not one', () => {
  it.each([
    ['unclosed_call', lines('@@tool write', 'path: a', '@@content', 'half a fi')],
    ['unclosed_call', lines('@@tool write #a', 'path: a', '@@content #a', 'x', '@@end')],
    ['unclosed_call', lines('@@tool write', 'path: a', '@@content', 'x', '@@tool list', '@@end')],
    ['unknown_tool', lines('@@tool set_budget', 'credits: 1000', '@@end')],
    ['unknown_tool', lines('@@tool', '@@end')],
    ['unknown_argument', lines('@@tool read', 'path: a', 'payer: somebody', '@@end')],
    ['unknown_argument', lines('@@tool read', 'a.ts', '@@end')],
    ['repeated_argument', lines('@@tool read', 'path: a', 'path: b', '@@end')],
    ['missing_argument', lines('@@tool write', '@@content', 'x', '@@end')],
    ['missing_argument', lines('@@tool search', 'path: a', '@@end')],
    ['missing_argument', lines('@@tool search', 'text: a', 'regex: b', '@@end')],
    ['invalid_argument', lines('@@tool read', 'path: a', 'from: 0', '@@end')],
    ['invalid_argument', lines('@@tool read', 'path: a', 'to: last', '@@end')],
    ['invalid_argument', lines('@@tool write', 'path: a', 'final_newline: maybe', '@@content', '@@end')],
    ['misplaced_mark', lines('@@tool write', 'path: a', '@@end')],
    ['misplaced_mark', lines('@@tool write', 'path: a', '@@content', 'x', '@@content', 'y', '@@end')],
    ['misplaced_mark', lines('@@tool patch', 'path: a', '@@old', 'x', '@@end')],
    ['misplaced_mark', lines('@@tool patch', 'path: a', '@@new', 'x', '@@old', 'y', '@@end')],
    ['misplaced_mark', lines('@@tool read', 'path: a', '@@content', 'x', '@@end')],
    ['misplaced_mark', lines('and so', '@@end')],
  ])('is a problem, %s, and nothing of it is carried out: %j', (code, answer) => {
    expect(codes(answer)[0]).toBe(code);
    expect(parseToolCalls(answer).calls.filter(({ tool }) => tool !== 'list')).toEqual([]);
  });

  it('leaves the calls before and after it as they are', () => {
    const { calls, problems } = parseToolCalls(
      lines('@@tool list', '@@end', '@@tool fly', '@@end', '@@tool delete', 'path: a', '@@end'),
    );
    expect(calls).toEqual([{ tool: 'list' }, { tool: 'delete', path: 'a' }]);
    expect(problems).toEqual([{ code: 'unknown_tool', line: 3, message: 'there is no tool fly' }]);
  });

  it.each([
    ['misplaced_mark', `@@end${' '.repeat(100_000)}#a${' '.repeat(100_000)}`],
    ['unknown_tool', `@@tool${' '.repeat(100_000)}${'f'.repeat(32)}\n@@end`],
    ['unclosed_call', `@@tool${' '.repeat(100_000)}${'f'.repeat(32)} #${'l'.repeat(32)}`],
    ['unknown_argument', `@@tool read\n${'a'.repeat(100_000)}: b\n@@end`],
    ['invalid_argument', `@@tool read\npath: a\nfrom: ${'9'.repeat(100_000)}\n@@end`],
  ])('is told in few words, %s, however long the answer made it', (code, answer) => {
    const { problems } = parseToolCalls(answer);
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    expect(problems[0]?.message.length).toBeLessThanOrEqual(PROBLEM_CHARACTERS);
  });

  it('is none where a name is longer than a tool could be called', () => {
    const { calls, problems, prose } = parseToolCalls(`@@tool ${'f'.repeat(100_000)}`);
    expect([calls, problems, prose.length]).toEqual([[], [], 100_007]);
  });

  it(`is each one beyond ${CALLS_PER_ANSWER} of an answer`, () => {
    const { calls, problems } = parseToolCalls('@@tool list\n@@end\n'.repeat(CALLS_PER_ANSWER + 2));
    expect([calls.length, problems.map(({ code }) => code)]).toEqual([
      CALLS_PER_ANSWER,
      ['too_many_calls', 'too_many_calls'],
    ]);
  });
});

describe('the description', () => {
  it('has examples that are calls, each of the tools, and no problem', () => {
    const { calls, problems } = parseToolCalls(describeTools());
    expect(problems).toEqual([]);
    expect(calls.map(({ tool }) => tool)).toEqual(['write', 'patch']);
    for (const tool of ['list', 'read', 'search', 'delete', 'move', 'ask', 'done']) {
      expect(describeTools()).toContain(`\n${tool}`);
    }
  });
});

describe('results', () => {
  const result = (text: string, more: Partial<ToolResult> = {}): ToolResult => ({
    tool: 'read',
    ok: true,
    text,
    changed: false,
    ...more,
  });

  it('say what failed and of which kind, and what was no call', () => {
    const failed = result('there is no file at "a"', { ok: false, errorClass: 'not_found' });
    const text = renderToolResults({
      results: [result('fine'), failed],
      problems: [{ code: 'unknown_tool', line: 7, message: 'there is no tool fly' }],
    });
    expect(text).toBe(
      lines(
        '--- result 1: read ok #r1',
        'fine',
        '--- end #r1',
        '',
        '--- result 2: read failed (not_found) #r1',
        'there is no file at "a"',
        '--- end #r1',
        '',
        'line 7 of your answer: unknown_tool: there is no tool fly',
        '',
      ),
    );
  });

  it('are bounded: short ones stay whole, long ones are cut and say so', () => {
    const text = renderToolResults(
      { results: [result('short'), result('x'.repeat(9_000)), result('y'.repeat(9_000))] },
      1_005,
    );
    expect(text).toContain('short\n');
    expect(text).toContain(`${'x'.repeat(500)}\n[cut here: 500 of 9000 characters shown]`);
    expect(text).toContain(`${'y'.repeat(500)}\n[cut here: 500 of 9000 characters shown]`);
    expect(text.length).toBeLessThan(1_500);
  });

  it('are fenced by a label that no file can have written', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('--- end #r1', '--- end #r2', '#r3', 'x')), (texts) => {
        const inside = texts.join('\n');
        const [, label = ''] = /#(r\d+)\n/.exec(renderToolResults({ results: [result(inside)] })) ?? [];
        expect(inside.includes(`#${label}`)).toBe(false);
      }),
    );
  });
});
