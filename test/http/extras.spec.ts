// Extras through the whole stack: a model that does as it is told, and what its answers then cost.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ALL_EXTRAS, EXTRAS, NO_EXTRAS, type Extra } from '@fairmeter/domain';
import { bookOf, parseRequestRef, ScriptedModel, sequenceScript, type ModelPort } from '@fairmeter/providers';
import { describeExtras, renderToolCall } from '@fairmeter/providers/tools';
import { costBody } from '../../apps/api/src/jobs/cost-body.js';
import { quoteBody } from '../../apps/api/src/quotes/quote-body.js';
import { resultBody } from '../../apps/api/src/jobs/result-body.js';
import { BotClient } from '../harness/bot-client.js';
import { amount, openBot, type BotWish, type TestBot } from '../harness/people.js';
import { reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

const WRITTEN = ['explanation', 'tests', 'install_notes'] as const;
type Written = (typeof WRITTEN)[number];

const SAID = 'It cuts the text where there is white space, and counts the pieces.\n';
const CODE = ['src/index.ts', 'export const count = (text: string) => text.split(/[^a-z]+/).length;\n'] as const;
const FILES = {
  tests: ['src/index.test.ts', "export const cases = ['one', 'one two', 'one two three'];\n"],
  install_notes: ['INSTALL.md', 'Unpack the files, then run npm install and npm start.\n'],
} as const;

/** The words by which a prompt names each. */
const wordsFor = (extra: Extra): string => describeExtras({ ...NO_EXTRAS, [extra]: true }).askFor[0] ?? '';

/** What a system prompt asks for. One that neither asks for a part nor says to leave it out cannot be obeyed. */
function askedIn(system: string): readonly Written[] {
  const [beside = '', leftOut = ''] = [/^Beside the code, make .*$/m, /^Leave out: .*$/m].map(
    (line) => line.exec(system)?.[0] ?? '',
  );
  return WRITTEN.filter((extra) => {
    const [isWanted, isNot] = [beside, leftOut].map((line) => line.includes(wordsFor(extra)));
    if (isWanted === isNot) throw new Error(`${extra} is neither asked for nor left out: ${system}`);
    return isWanted;
  });
}

function written(asked: readonly Written[], hasTools: boolean): string {
  const files = [CODE, ...(['tests', 'install_notes'] as const).flatMap((x) => (asked.includes(x) ? [FILES[x]] : []))];
  const said = asked.includes('explanation') ? SAID : '';
  if (!hasTools) return said + files.map(([path, text]) => `=== ${path}\n${text}`).join('');
  const calls = files.map(([path, content]) => renderToolCall({ tool: 'write', path, content }));
  return calls.join('') + renderToolCall({ tool: 'done', summary: said });
}

/** Does as it is told, a token for each character. */
const obedient: ModelPort = {
  generate: async (request, options) => {
    const { system = '' } = request;
    const asked = askedIn(system);
    const stage = parseRequestRef(request.requestRef)?.stage;
    const code = written(asked, system.includes('@@tool'));
    const text = stage === 'review' ? 'APPROVED' : stage === 'plan' ? `${CODE[0]}, ${asked.join()}` : code;
    const script = sequenceScript([reply(text, { output: text.length })]);
    return new ScriptedModel(bookOf(script)).generate(request, options);
  },
};

describe('extras', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: obedient });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const off = (...extras: readonly Extra[]): Partial<Record<Extra, boolean>> =>
    Object.fromEntries(extras.map((extra) => [extra, false]));

  async function run(owner: TestBot, extras?: Partial<Record<Extra, boolean>>) {
    const bot = new BotClient(stack, owner);
    const body = { prompt: 'Write a word counter', ...(extras === undefined ? {} : { extras }) };
    const quote = quoteBody.parse((await bot.submit({ body: { ...body, dry_run: true } })).body);
    const submitted = await bot.submit({ key: JSON.stringify(extras ?? null), body });
    const path = `/v1/jobs/${String(submitted.body['id'])}`;
    expect((await bot.ended(String(submitted.body['id']))).body).toMatchObject({ state: 'completed' });
    const cost = costBody.parse((await bot.get(`${path}/cost`)).body);
    const { answer, files, artefact } = resultBody.parse((await bot.get(`${path}/result`)).body);
    const tokensOf = (part: string): number | undefined =>
      cost.totals.by_part.find((total) => total.part === part)?.output_tokens;
    return { cost, tokensOf, quote, text: answer?.text, paths: files?.list.map((file) => file.path) ?? [], artefact };
  }

  const open = async (wish: BotWish = {}): Promise<TestBot> => openBot(stack, { credits: '100', ...wish });

  describe('of one owner', () => {
    let owner: TestBot;
    let all: Awaited<ReturnType<typeof run>>;
    let none: typeof all;
    // The first jobs of all take the time they take.
    beforeAll(async () => {
      owner = await open();
      [all, none] = await Promise.all([run(owner), run(owner, off(...EXTRAS))]);
    }, 60_000);

    it('[A10] that are off are not written and not paid for, the prompt being the same', () => {
      expect(all.text).toBe(written(WRITTEN, false));
      expect(none.text).toBe(written([], false));
      for (const part of WRITTEN) {
        expect([part, (all.tokensOf(part) ?? 0) > 0, none.tokensOf(part)]).toEqual([part, true, 0]);
      }
      expect(none.tokensOf('code')).toBe(all.tokensOf('code'));
      expect(none.cost.tokens.input).toBe(all.cost.tokens.input);
      expect(none.cost.tokens.output).toBeLessThan(all.cost.tokens.output);
      expect(amount(none.cost.charge) < amount(all.cost.charge)).toBe(true);
      expect(amount(none.quote.expected) < amount(all.quote.expected)).toBe(true);
    });

    it.each(WRITTEN)('[A10] are switched one by one, by a request and by a bot: %s', async (extra) => {
      const sparing = await open();
      await stack.entities.manager.query('UPDATE records.bots SET extras = $2 WHERE id = $1', [
        sparing.botId,
        { ...ALL_EXTRAS, [extra]: false },
      ]);
      const [asked, usual, wanted] = await Promise.all([
        run(owner, off(extra)),
        run(sparing),
        run(sparing, { [extra]: true }),
      ]);
      const rest = WRITTEN.filter((other) => other !== extra);
      expect(asked.tokensOf(extra)).toBe(0);
      for (const other of rest) expect([other, asked.tokensOf(other)]).toEqual([other, all.tokensOf(other)]);
      expect(amount(asked.cost.charge) < amount(all.cost.charge)).toBe(true);
      expect(usual.cost.charge).toBe(asked.cost.charge);
      expect(wanted.cost.charge).toBe(all.cost.charge);
    });
  });

  it('[A10] that are off are no files of an agent in a workspace either, and no archive', async () => {
    const owner = await open({ program: 'workspace' });
    const [all, none] = [await run(owner), await run(owner, off(...EXTRAS))];
    expect(all.paths).toEqual(['INSTALL.md', 'src/index.test.ts', 'src/index.ts']);
    expect(none.paths).toEqual(['src/index.ts']);
    expect([all.artefact === null, none.artefact === null]).toEqual([false, true]);
    expect(none.cost.tokens.output).toBeLessThan(all.cost.tokens.output);
    expect(amount(none.cost.charge) < amount(all.cost.charge)).toBe(true);
  }, 30_000);
});
