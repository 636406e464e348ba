// Goal: a visitor reads every problem in the visitor's own language, from the catalogues; everybody else reads it as it
// was thrown. Method: the running API, one problem of each place that problems come from, asked for in each language.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ProblemCode } from '@fairmeter/contracts';
import { PROBLEMS } from '@fairmeter/contracts';
import type { Language } from '../../apps/api/src/wording/catalogue.js';
import { FAULTS } from '../../apps/api/src/wording/fault-words.js';
import { sayProblem } from '../../apps/api/src/wording/problem-words.js';
import { openBot, type TestBot } from '../harness/people.js';
import { TestStack } from '../harness/test-stack.js';
import { claimsOf, forge, holding, visit, type Visitor, VISITOR_ENV } from '../harness/visitors.js';

interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const JSON_BODY = { 'content-type': 'application/json' } as const;
const KEY = { 'idempotency-key': 'one' } as const;

let stack: TestStack;
let bot: TestBot;
let ann: Visitor;
beforeAll(async () => {
  stack = await TestStack.open({ api: { ...VISITOR_ENV } });
  await stack.startApi();
  bot = await openBot(stack, { type: 'coding' });
  ann = await visit(stack, bot, 'ann');
}, 60_000);
afterAll(async () => {
  await stack.stop();
}, 60_000);

async function told(credential: string, { path, ...ask }: Ask, language?: string) {
  const headers = { ...ask.headers, ...(language === undefined ? {} : { 'accept-language': language }) };
  const answer = await holding(stack, bot, credential).fetch(path.replace(':bot', bot.botId), { ...ask, headers });
  const { status, headers: sent } = answer;
  return { status, in: sent.get('content-language'), body: (await answer.json()) as Record<string, unknown> };
}

const submit = (body: string, headers: Ask['headers'] = KEY): Ask => ({
  ...{ method: 'POST', path: '/v1/bots/:bot/jobs', body },
  headers: { ...JSON_BODY, ...headers },
});

/** Before the caller is known, by the framework, by the guard, by a reader, by the ledger's decision. */
const ASKED: readonly (readonly [ProblemCode, Ask])[] = [
  ['not_found', { path: '/v1/nowhere' }],
  ['method_not_allowed', { method: 'DELETE', path: '/v1/jobs' }],
  ['malformed_json', submit('{')],
  ['unsupported_media_type', submit('<a/>', { 'content-type': 'text/xml' })],
  ['validation_failed', submit('{"prompt": 7}')],
  ['idempotency_key_missing', submit('{"prompt": "p"}', {})],
  ['forbidden', { path: '/v1/account' }],
  ['forbidden', submit('{"prompt": "p", "reserve": "full"}')],
  ['bot_not_found', { ...submit('{"prompt": "p"}'), path: '/v1/bots/bot_other/jobs' }],
  ['job_not_found', { path: '/v1/jobs/job_none' }],
  ['review_not_found', { path: '/v1/reviews/rvw_none' }],
  ['thread_not_found', { path: '/v1/threads/none' }],
  ['purchase_not_found', { path: '/v1/purchases/pur_none' }],
];

interface Fault {
  readonly pointer?: string;
  readonly message: string;
}

function faultsOf(body: Readonly<Record<string, unknown>>): readonly Fault[] {
  return (body['errors'] ?? []) as readonly Fault[];
}

function words(language: Language, { body }: Awaited<ReturnType<typeof told>>): unknown {
  return sayProblem(language, body['code'] as ProblemCode, body);
}

describe('a problem of a visitor', () => {
  it.each(ASKED)('[B5] is told in the language of the visitor: %s', async (code, ask) => {
    const answers = {
      de: await told(ann.token, ask, 'de-AT, en;q=0.5'),
      en: await told(ann.token, ask, 'en'),
      usual: await told(ann.token, ask),
    };
    const { de, en, usual } = answers;
    for (const answer of [de, en, usual])
      expect([answer.status, answer.body['code']]).toEqual([PROBLEMS[code].status, code]);
    expect([de.in, en.in, usual.in]).toEqual(['de', 'en', 'en']);
    expect({ title: de.body['title'], detail: de.body['detail'] }).toEqual(words('de', de));
    expect({ title: en.body['title'], detail: en.body['detail'] }).toEqual(words('en', en));
    expect(usual.body['detail']).toEqual(en.body['detail']);
    // What programs read is the same in every language.
    const plain = ({ body }: typeof de): unknown => ({
      ...body,
      ...{ title: null, detail: null, instance: null, request_id: null, trace_id: null },
      errors: faultsOf(body).map(({ message: _, ...place }) => place),
    });
    expect(plain(de)).toEqual(plain(en));
  });

  it('[B5] names each place that does not fit in that language too, and to others as its schema says it', async () => {
    const files = [{ path: 'a', text: 'b', selection: { from: 2, to: 9 } }];
    const ask = submit(JSON.stringify({ context: files, max_credits: 5, quote_id: 'q', extras: { zip: 'yes' }, x: 1 }));
    const said = async (credential: string, language: string): Promise<unknown> => {
      const { body } = await told(credential, ask, language);
      return Object.fromEntries(faultsOf(body).map(({ pointer = '', message }) => [pointer, message]));
    };
    expect(await said(ann.token, 'de')).toEqual({
      '/prompt': 'fehlt',
      '/context/0': 'die Auswahl muss in der Datei liegen',
      '/max_credits': 'muss ein Text sein',
      '/quote_id': 'muss die Id eines Angebots für eine Anfrage sein',
      '/extras/zip': 'muss true oder false sein',
      '/x': 'Das ist hier nicht bekannt.',
    });
    const inEnglish = { '/prompt': 'is missing', '/max_credits': 'must be a text', '/quote_id': FAULTS.quote_id };
    expect(await said(ann.token, 'en')).toMatchObject(inEnglish);
    const thrown = { '/prompt': 'Invalid input: expected string, received undefined', '/quote_id': FAULTS.quote_id };
    expect(await said(bot.key, 'de')).toMatchObject(thrown);
  });

  it('[B5] is told in that language also where the token does not hold any more, or never did', async () => {
    const over = Math.floor(Date.now() / 1_000) - 600;
    const ended = await forge({ ...claimsOf(ann), exp: over });
    const forged = await forge(claimsOf(ann), { key: Buffer.alloc(32, 9) });
    for (const [token, code] of [
      [ended, 'visitor_token_expired'],
      [forged, 'visitor_token_invalid'],
    ] as const) {
      const answer = await told(token, { path: '/v1/me/usage-units' }, 'de');
      expect([answer.status, answer.body['code'], answer.in]).toEqual([401, code, 'de']);
      expect({ title: answer.body['title'], detail: answer.body['detail'] }).toEqual(words('de', answer));
    }
  });

  it('is told to the key of a bot as it was thrown, whatever language its program asks for', async () => {
    const answer = await told(bot.key, { path: '/v1/jobs/job_none' }, 'de');
    expect([answer.status, answer.in]).toEqual([404, null]);
    expect([answer.body['title'], answer.body['detail']]).toEqual([
      PROBLEMS.job_not_found.title,
      'There is no such job for this API key.',
    ]);
  });
});
