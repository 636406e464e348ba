// Goal: a quote is written once, by its own tenant alone, and by nobody changed. Method: the roles log in as in
// production.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Instant } from '@fairmeter/domain';
import { instant, NO_EXTRAS } from '@fairmeter/domain';
import { newId, TenantDatabase, type Tenant } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../test/harness/ledger-database.js';
import { creditsOf, priceFor } from '../../../test/harness/orders.js';
import type { Quote } from './quotes.js';
import { askedHash, findQuote, findQuoteTerms, saveQuote, wasAskedBefore } from './quotes.js';
import { publishRateCard } from './rate-cards.js';
import { recordsEntities } from './rows/index.js';
import { saveText } from './texts.js';

const FROM = instant(Date.UTC(2060, 0, 1));
const CARDS = ['card_quotes_1', 'card_quotes_2'] as const;
const MINUTE = 60_000;

let db: LedgerDatabase;
let reader: TenantDatabase;

beforeAll(async () => {
  db = await LedgerDatabase.open();
  reader = await TenantDatabase.open({
    url: db.database.readerUrl,
    maxConnections: 1,
    entities: recordsEntities,
    applicationName: 'test-reader',
  });
  for (const [index, id] of CARDS.entries()) {
    const effectiveFrom = instant(FROM + index * 60 * MINUTE);
    const models = [{ ...priceFor(), source: 'a test' }];
    const card = { id, announcedAt: FROM, effectiveFrom, minimumCharge: creditsOf('0.1'), models, units: [] };
    await db.entities.transaction((tx) => publishRateCard(tx, card));
  }
}, 60_000);

afterAll(async () => {
  await reader.close();
  await db.close();
}, 60_000);

const tenant = (): Tenant => ({ accountId: newId('acc'), subject: newId('bot') });

function quoteOf({ accountId, subject }: Tenant, createdAt: Instant = instant(FROM + MINUTE)): Quote {
  return {
    id: newId('quo'),
    accountId,
    botId: subject,
    askedHash: askedHash('generate', 'Write a word counter'),
    askedBy: null,
    requestKind: 'generate',
    model: 'coder',
    program: 'workspace',
    extras: { ...NO_EXTRAS, tests: true },
    rateCardId: CARDS[0],
    maxIterations: 3,
    deadline: instant(createdAt + 60 * MINUTE),
    min: creditsOf('0.1'),
    expected: creditsOf('1'),
    max: creditsOf('9223372036854.775807'),
    createdAt,
    expiresAt: instant(createdAt + 15 * MINUTE),
  };
}

describe('a quote', () => {
  it('comes back as it was given, and as terms with its card', async () => {
    const ours = tenant();
    const quote = quoteOf(ours);
    await reader.asTenant(ours, (tx) => saveQuote(tx, quote));
    expect(await reader.asTenant(ours, (tx) => findQuote(tx, quote.id))).toEqual(quote);
    const terms = await findQuoteTerms(db.entities.manager, quote.id);
    const { id, max, expiresAt, program, extras, deadline } = quote;
    expect(terms).toMatchObject({ id, max, expiresAt, program, extras, deadline });
    expect(terms?.rateCard.id).toBe(CARDS[0]);
    expect(await findQuoteTerms(db.entities.manager, newId('quo'))).toBeNull();
  });

  it('is over from the start where its card was not the one in force', async () => {
    const quote = quoteOf(tenant(), instant(FROM + 61 * MINUTE));
    await saveQuote(db.entities.manager, quote);
    const terms = await findQuoteTerms(db.entities.manager, quote.id);
    expect(terms?.expiresAt).toBe(quote.createdAt);
  });

  it('is seen and written by its own tenant alone', async () => {
    const [ours, theirs] = [tenant(), tenant()];
    const quote = quoteOf(theirs);
    await reader.asTenant(theirs, (tx) => saveQuote(tx, quote));
    expect(await reader.asTenant(ours, (tx) => findQuote(tx, quote.id))).toBeNull();
    for (const foreign of [quoteOf(theirs), quoteOf({ ...ours, subject: theirs.subject })]) {
      await expect(reader.asTenant(ours, (tx) => saveQuote(tx, foreign))).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('is changed and taken away by no reader, and changed by no writer', async () => {
    const ours = tenant();
    const change = 'UPDATE records.quotes SET max_charge = 0';
    await expect(reader.asTenant(ours, (tx) => tx.query(change))).rejects.toMatchObject({ code: '42501' });
    await expect(reader.asTenant(ours, (tx) => tx.query('DELETE FROM records.quotes'))).rejects.toMatchObject({
      code: '42501',
    });
    await expect(db.entities.manager.query(change)).rejects.toMatchObject({ code: '42501' });
  });

  it('holds for a day at the most, and has its figures in order', async () => {
    const save = (wish: Partial<Quote>): Promise<void> =>
      saveQuote(db.entities.manager, { ...quoteOf(tenant()), ...wish });
    const { createdAt } = quoteOf(tenant());
    await expect(save({ expiresAt: instant(createdAt + 25 * 60 * MINUTE) })).rejects.toMatchObject({ code: '23514' });
    await expect(save({ expiresAt: createdAt })).rejects.toMatchObject({ code: '23514' });
    await expect(save({ min: creditsOf('2') })).rejects.toMatchObject({ code: '23514' });
    await expect(save({ max: creditsOf('0.5') })).rejects.toMatchObject({ code: '23514' });
  });

  it('[D15] is remembered, as a job’s prompt is, by the action and the content, for its bot alone', async () => {
    const [ours, theirs] = [tenant(), tenant()];
    const ask = (who: Tenant, kind: 'generate' | 'explain', text: string): Promise<boolean> =>
      reader.asTenant(who, (tx) =>
        wasAskedBefore(tx, { accountId: who.accountId, botId: who.subject, askedHash: askedHash(kind, text) }),
      );
    expect(await ask(ours, 'generate', 'Write a word counter')).toBe(false);
    await saveQuote(db.entities.manager, quoteOf(ours));
    expect(await ask(ours, 'generate', 'Write a word counter')).toBe(true);
    expect(await ask(ours, 'explain', 'Write a word counter')).toBe(false);
    expect(await ask(theirs, 'generate', 'Write a word counter')).toBe(false);
    const { accountId, subject } = ours;
    const prompt = { id: newId('txt'), accountId, subject, purpose: 'prompt' as const, body: 'Sort a list' };
    await saveText(db.entities.manager, { ...prompt, askedHash: askedHash('explain', 'Sort a list') });
    expect(await ask(ours, 'explain', 'Sort a list')).toBe(true);
  });

  it('[D15] is remembered by what one person asked for, where that alone is shown', async () => {
    const ours = tenant();
    const { accountId, subject: botId } = ours;
    const asked = { accountId, botId, askedHash: askedHash('generate', 'Write a word counter') };
    const [ann, ben] = [newId('usr'), newId('usr')];
    const ask = (person?: string): Promise<boolean> => reader.asTenant(ours, (tx) => wasAskedBefore(tx, asked, person));
    await saveQuote(db.entities.manager, { ...quoteOf(ours), askedBy: ann });
    expect([await ask(), await ask(ann), await ask(ben)]).toEqual([true, true, false]);
    const prompt = { id: newId('txt'), accountId, subject: ben, purpose: 'prompt' as const, body: 'Counting' };
    await saveText(db.entities.manager, { ...prompt, askedHash: asked.askedHash });
    expect(await ask(ben)).toBe(true);
  });
});
