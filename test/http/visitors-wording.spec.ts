// Every sentence a visitor can read and every field a visitor's client sees, read for words that speak of money where
// usage is meant. Where such a word comes in, this fails and names the place.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import type { ProblemCode } from '@fairmeter/contracts';
import { PROBLEMS } from '@fairmeter/contracts';
import { endUserScope, instant } from '@fairmeter/domain';
import { RIGHTS } from '../../apps/api/src/callers/rights.js';
import { problemBody } from '../../apps/api/src/problems/problem-body.js';
import { CATALOGUES, LANGUAGES } from '../../apps/api/src/wording/catalogue.js';
import { FAULT_CATALOGUES } from '../../apps/api/src/wording/fault-words.js';
import { PROBLEM_CATALOGUES } from '../../apps/api/src/wording/problem-words.js';
import { FOR_OTHERS } from '../../apps/api/src/wording/visitor-problems.js';
import { CHECKOUT } from '../harness/checkout.js';
import type { TestBot } from '../harness/people.js';
import { amount, openBot } from '../harness/people.js';
import { TestStack } from '../harness/test-stack.js';
import { visit, VISITOR_ENV } from '../harness/visitors.js';

const AT_THE_BEGINNING = [
  ...['wallet', 'balance', 'account[ _-]?money', 'withdraw', 'cash[ _-]?out', 'e[ _-]?money', 'currency'],
  'e[ _-]?geld',
];
/** German puts words together: these count wherever they stand in one, but for what is granted or proves itself. */
const ANYWHERE = ['guthaben', 'geldbörse', 'kontostand', 'auszahlen[ _-]lassen', 'abheben', '(?<!ge|be)währung'];
const ANY = new RegExp(`(?<![a-zäöüß])(?:${AT_THE_BEGINNING.join('|')})|${ANYWHERE.join('|')}`, 'iu');

/** Rooms in which owners and staff alone are spoken to, and what is under way among them can be withdrawn. */
const NOT_FOR_VISITORS = /^apps\/api\/src\/(?:bots\/(?:pack|transfer)|people\/member|custom-plans\/|openapi\/)/;
/** Wherever a sentence is written that may reach a visitor. What is new is read unless it is named above. */
const ROOMS = ['apps/api/src', 'libs/contracts/src'];

/** Names of the texts in which such a word stands. */
function hits(texts: Readonly<Record<string, string>>): string[] {
  return Object.entries(texts)
    .filter(([, text]) => ANY.test(text))
    .map(([name, text]) => `${name}: ${text}`);
}

function sourcesOf(room: string): readonly string[] {
  return readdirSync(join(CHECKOUT, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .map((file) => `${room}/${file}`)
    .filter((file) => !NOT_FOR_VISITORS.test(file));
}

/** Every string of a program that is no name of a file, and every piece of a template. */
function stringsIn(file: string, text = readFileSync(join(CHECKOUT, file), 'utf8')): Readonly<Record<string, string>> {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Record<string, string> = {};
  const look = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      found[`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}:${node.pos}`] = node.text;
    }
    ts.forEachChild(node, look);
  };
  look(source);
  return found;
}

type Json = Readonly<Record<string, unknown>>;
interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation & Json>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

describe('what visitors read', () => {
  let stack: TestStack;
  let bot: TestBot;
  let document: Document;
  beforeAll(async () => {
    stack = await TestStack.open({ api: { ...VISITOR_ENV } });
    await stack.startApi();
    bot = await openBot(stack, { type: 'coding' });
    document = (await (await fetch(`${stack.apiUrl}/openapi.json`)).json()) as Document;
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const visitorOperations = (): [string, Operation & Json][] =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods)
        .filter(({ operationId }) => {
          const right = Object.entries(RIGHTS).find(([name]) => name === operationId)?.[1];
          return (right?.roles as readonly string[] | undefined)?.includes('visitor') === true;
        })
        .map((operation): [string, Operation & Json] => [path, operation]),
    );

  const codesOfVisitors = (): ProblemCode[] => {
    const said = visitorOperations().flatMap(
      ([, { responses }]) => JSON.stringify(responses).match(/`[a-z_]+`/g) ?? [],
    );
    return (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => said.includes(`\`${code}\``));
  };

  /** Every name of a field and every description that can be reached from there. */
  const namesIn = (part: unknown, seen: Set<string>, names: Set<string>): void => {
    if (Array.isArray(part)) for (const one of part) namesIn(one, seen, names);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return;
    for (const [key, value] of Object.entries(part)) {
      if (key === '$ref' && typeof value === 'string') {
        const name = value.split('/').at(-1) ?? '';
        if (seen.has(name)) continue;
        seen.add(name);
        namesIn(document.components.schemas[name], seen, names);
      } else if (key === 'properties') for (const field of Object.keys(value as Json)) names.add(field);
      else if (typeof value === 'string' && ['description', 'summary', 'title', 'name'].includes(key)) names.add(value);
      namesIn(value, seen, names);
    }
  };

  it('[B5] the test itself knows the words when it sees them', () => {
    const words = ['your wallet', 'account_money', 'Ihr Kontostand', 'auszahlen lassen', 'Cash-out', 'E-Geld'];
    for (const word of words) expect([word, ANY.test(word)]).toEqual([word, true]);
    for (const word of ['Restguthaben', 'Kontoguthaben', 'Fremdwährung', 'Bargeldabheben', 'in Fremdwährungen']) {
      expect([word, ANY.test(word)]).toEqual([word, true]);
    }
    const harmless = ['not payable out', 'nicht auszahlbar', 'a balanced diet of facts'.slice(11), 'unbalanced'];
    for (const word of [...harmless, 'Gewährung', 'Bewährung', 'Pflegegeld']) {
      expect([word, ANY.test(word)]).toEqual([word, false]);
    }
  });

  it('[B5] speaks of usage in every sentence of every language', () => {
    for (const [language, sentences] of Object.entries(CATALOGUES))
      expect([language, hits(sentences)]).toEqual([language, []]);
    for (const language of LANGUAGES) {
      const problems = Object.entries(PROBLEM_CATALOGUES[language]);
      expect(problems.length).toBeGreaterThan(50);
      expect([language, hits(FAULT_CATALOGUES[language])]).toEqual([language, []]);
      const said = Object.fromEntries(problems.map(([code, words]) => [code, JSON.stringify(words)]));
      expect([language, hits(said)]).toEqual([language, []]);
    }
  });

  it('[B5] reads every string, whole or in pieces, wherever it stands in a program', () => {
    const program =
      "import a from 'wallet'; const b = x ? 'a' : `your ${c} Restguthaben`; f('E-Geld', { d: 'Wallet' });";
    const texts = Object.values(stringsIn('a.ts', program));
    expect(texts).toEqual(['a', 'your ', ' Restguthaben', 'E-Geld', 'Wallet']);
    expect(hits(Object.fromEntries(texts.map((text) => [text, text])))).toHaveLength(3);
  });

  it('[B5] speaks of usage in every sentence that is written beside them, in whichever file', () => {
    const files = ROOMS.flatMap(sourcesOf);
    const spoken = ['jobs/told-refusal', 'purchases/order', 'visitors/my-plan-desk', 'reviews/review-desk'];
    const speakers = [...spoken, 'callers/visitor-tokens', 'bots/public-bots.controller', 'changes/account-gate'];
    expect(files).toEqual(expect.arrayContaining(speakers.map((name) => `apps/api/src/${name}.ts`)));
    expect(files.flatMap((file) => hits(stringsIn(file)))).toEqual([]);
  });

  it('[B5, B6] names no field and no route of a visitor otherwise', () => {
    const operations = visitorOperations();
    expect(operations.length).toBeGreaterThan(8);
    const names = new Set<string>();
    for (const [path, operation] of operations) {
      names.add(path);
      namesIn(operation, new Set(), names);
    }
    expect(['remaining', 'used', 'allowance'].every((name) => names.has(name))).toBe(true);
    expect(hits(Object.fromEntries([...names].map((name) => [name, name])))).toEqual([]);
  });

  it('[B5] has words of its own for every problem that a route of a visitor names', () => {
    const codes = codesOfVisitors();
    const others = codes.filter((code) => (FOR_OTHERS as readonly string[]).includes(code));
    // A token is no key, and how the owner stands with us reaches a visitor under another code.
    const toKeys = ['unauthenticated', 'key_invalid', 'key_misplaced', 'key_revoked', 'key_expired', 'role_changed'];
    expect([...others].sort()).toEqual([...toKeys, 'account_not_active'].sort());
  });

  it('[B5] answers no problem in other words, on its page as well', () => {
    const codes = codesOfVisitors();
    expect(codes).toContain('rate_limited');
    expect(codes).toContain('credits_exhausted');
    const speakers = readFileSync(join(CHECKOUT, 'apps/api/src/problems/refusal-problem.ts'), 'utf8');
    const texts = Object.fromEntries(
      codes.map((code) => [
        code,
        `${PROBLEMS[code].title} ${readFileSync(join(CHECKOUT, `docs/problems/${code}.md`), 'utf8')}`,
      ]),
    );
    expect(hits({ ...texts, speakers })).toEqual([]);
  });

  it('[B18] says the three things on the panel and before anything is bought, in both languages', async () => {
    const ann = await visit(stack, bot, 'told');
    for (const path of ['/v1/me/usage-units', '/v1/me/offers']) {
      for (const [header, language] of [
        ['de-DE,de;q=0.9', 'de'],
        ['en', 'en'],
      ] as const) {
        const answer = await ann.client.fetch(path, { headers: { 'accept-language': header } });
        expect(answer.headers.get('content-language')).toBe(language);
        const { told } = (await answer.json()) as { told: readonly { code: string; text: string }[] };
        const { purpose, not_payable_out, at_zero, starting_point } = CATALOGUES[language];
        expect(told.map(({ text }) => text)).toEqual([purpose, not_payable_out, at_zero, starting_point]);
      }
    }
  });

  it('[B19] offers waiting only where an allowance comes again, with its date', async () => {
    const [none, plan] = [await visit(stack, bot, 'no-plan'), await visit(stack, bot, 'with-plan')];
    const until = Date.now() + 3 * 86_400_000;
    const scopeId = endUserScope(bot.botId, plan.id);
    await stack.grants.grant({ scopeId, accountId: bot.accountId }, instant(0), {
      kind: 'eu_allowance',
      amount: amount('5'),
      validFrom: instant(0),
      expiresAt: instant(until),
      sourceRef: 'period-1',
    });
    const options = async (client: typeof none.client): Promise<unknown> => {
      const { at_zero: found } = (await client.get('/v1/me/usage-units')).body;
      return (found as readonly Json[]).map(({ code, until: at }) => [code, at]);
    };
    expect(await options(none.client)).toEqual([['ask_owner', null]]);
    expect(await options(plan.client)).toEqual([['wait', new Date(until).toISOString()]]);
    expect((await plan.client.get('/v1/me/usage-units')).body).toMatchObject({
      remaining: '5.000000',
      allowance: { size: '5.000000', used: '0.000000', remaining: '5.000000', ends_at: new Date(until).toISOString() },
      next_refill_at: new Date(until).toISOString(),
    });
  });

  it('[B18, B19] says the three things and what is open to this visitor when nothing remains', async () => {
    const ann = await visit(stack, bot, 'at-zero');
    const refused = await ann.client.fetch(`/v1/bots/${bot.botId}/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'zero', 'accept-language': 'de' },
      body: JSON.stringify({ prompt: 'p' }),
    });
    const body = (await refused.json()) as Json;
    expect([refused.status, body['code']]).toEqual([402, 'free_usage_exhausted']);
    expect(body['told']).toHaveLength(4);
    expect(body['options']).toEqual([{ code: 'ask_owner', text: CATALOGUES.de.option_ask_owner, until: null }]);
    const { title, detail } = PROBLEM_CATALOGUES.de.free_usage_exhausted;
    expect([body['title'], body['detail']]).toEqual([title, detail]);
    expect(refused.headers.get('content-language')).toBe('de');
    // As it is described.
    expect(problemBody.parse(body)).toEqual(body);
    // What the owner has left is the owner's.
    expect([body['available'], body['limit_source'], body['resets_at']]).toEqual([undefined, undefined, undefined]);
    expect(hits({ body: JSON.stringify(body) })).toEqual([]);
  });
});
