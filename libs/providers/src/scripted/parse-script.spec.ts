// Goal: a script file means exactly one thing, or is refused with every problem in it.
import { describe, expect, it } from '@jest/globals';
import { parseScript } from './parse-script.js';
import { ScriptInvalid } from './script-errors.js';

const USAGE = { input: 10, cachedInput: 0, cacheWrite: 0, output: 5, reasoning: 0 };

function problemsOf(value: unknown): readonly string[] {
  try {
    parseScript(typeof value === 'string' ? value : JSON.stringify(value));
  } catch (error) {
    if (error instanceof ScriptInvalid) {
      return error.problems;
    }
    throw error;
  }
  return [];
}

function bookWith(reply: unknown): unknown {
  return { version: 1, scripts: [{ name: 'one', sequence: [reply] }] };
}

describe('parseScript', () => {
  it('reads scripts of every kind', () => {
    const book = parseScript(
      JSON.stringify({
        version: 1,
        scripts: [
          {
            name: 'demo',
            when: { model: 'demo-large', jobPrefix: 'job_', promptIncludes: '[script:demo]' },
            stages: {
              plan: [
                { fault: 'rate_limited', status: 429, retryAfterMs: 10 },
                { text: 'p', usage: USAGE, delayMs: 5 },
              ],
              generate: [{ text: 'g', usage: null, chunks: 4, chunkDelayMs: 1, stopReason: 'max_tokens' }],
            },
          },
          { name: 'steps', steps: { 1: [{ text: 'x', usage: USAGE, expect: { promptIncludes: ['y'] } }] } },
          { name: 'rest', sequence: [{ fault: 'broken_stream', text: 'half', usage: USAGE }] },
        ],
      }),
    );
    expect(book.entries.map(({ name, script }) => [name, script.kind])).toEqual([
      ['demo', 'stages'],
      ['steps', 'steps'],
      ['rest', 'sequence'],
    ]);
    const [demo] = book.entries;
    expect(demo?.when).toEqual({ model: 'demo-large', jobPrefix: 'job_', promptIncludes: '[script:demo]' });
    expect(demo?.script).toMatchObject({
      stages: new Map([
        ['plan', expect.anything()],
        ['generate', expect.anything()],
      ]),
    });
  });

  it('reads where our own tools crash, and says nothing of tools in a book that names none', () => {
    const tools = [{ tool: 'check', whenFileIncludes: 'crash here', fault: 'tool_crashed' }];
    const book = { version: 1, scripts: [{ name: 'one', sequence: [] }] };
    expect(parseScript(JSON.stringify({ ...book, tools })).tools).toEqual(tools);
    expect(parseScript(JSON.stringify(book))).not.toHaveProperty('tools');
  });

  it.each([
    ['nope', ['$: not JSON']],
    [
      [],
      [
        '$: must be an object',
        '$.version: is missing',
        '$.scripts: is missing',
        '$.scripts: must be a list of at least 1',
      ],
    ],
    [{ version: 2, scripts: [{ name: 'a', sequence: [] }] }, ['$.version: must be one of 1']],
    [
      { version: 1, scripts: [{ name: 'a' }] },
      ['$.scripts[0]: needs exactly one of sequence, stages and steps', '$.scripts[0].sequence: must be a list'],
    ],
    [
      { version: 1, scripts: [{ name: 'a', stages: { Plan: [] } }] },
      ['$.scripts[0].stages.Plan: is not a valid name here'],
    ],
    [
      { version: 1, scripts: [{ name: 'a', steps: { one: [] } }] },
      ['$.scripts[0].steps.one: is not a valid name here'],
    ],
    [bookWith({ text: 'x' }), ['$.scripts[0].sequence[0].usage: is missing']],
    [bookWith({ text: 'x', usage: null, usgae: null }), ['$.scripts[0].sequence[0].usgae: is not known']],
    [
      bookWith({ text: 'x', usage: null, delayMs: -1 }),
      ['$.scripts[0].sequence[0].delayMs: must be a whole number from 0 to 9007199254740991'],
    ],
    [
      bookWith({ text: 'x', usage: { ...USAGE, output: 1.5 } }),
      ['$.scripts[0].sequence[0].usage.output: must be a whole number from 0 to 9007199254740991'],
    ],
    [
      bookWith({ fault: 'odd' }),
      [
        '$.scripts[0].sequence[0].fault: must be one of rate_limited, unavailable, broken_stream, timed_out, ' +
          'bad_request, unauthorized, cancelled, protocol',
      ],
    ],
    [
      {
        version: 1,
        scripts: [{ name: 'a', sequence: [] }],
        tools: [{ tool: 'read', whenFileIncludes: '', fault: 'tool_crashed', often: 2 }],
      },
      [
        '$.tools[0].tool: must be one of check, build',
        '$.tools[0].whenFileIncludes: must be a non-empty string',
        '$.tools[0].often: is not known',
      ],
    ],
    [{ version: 1, scripts: [{ name: 'a', sequence: [] }], tools: [] }, ['$.tools: must be a list of at least 1']],
    [
      bookWith({ text: 'x', usage: null, expect: { modle: 'x' } }),
      ['$.scripts[0].sequence[0].expect.modle: is not known'],
    ],
  ])('refuses %j', (value, problems) => {
    expect(problemsOf(value)).toEqual(problems);
  });

  it('refuses two scripts of one name, and reports all problems of a file at once', () => {
    const twice = { name: 'a', sequence: [{ text: 1 }] };
    expect(problemsOf({ version: 1, scripts: [twice, twice] })).toEqual([
      '$.scripts[0].sequence[0].usage: is missing',
      '$.scripts[0].sequence[0].text: must be a string',
      '$.scripts[1].sequence[0].usage: is missing',
      '$.scripts[1].sequence[0].text: must be a string',
      '$.scripts: two scripts have the same name',
    ]);
  });
});
