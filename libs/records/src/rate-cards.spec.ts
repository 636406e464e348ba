// Goal: a published price never changes, and every job finds the card of its instant.
import { describe, expect, it } from '@jest/globals';
import type { Instant, RateCard } from '@fairmeter/domain';
import { ALL_EXTRAS, instant, NO_BOT_LIMITS } from '@fairmeter/domain';
import { newId, withClient } from '@fairmeter/platform/database';
import type { LedgerDatabase } from '../../../test/harness/ledger-database.js';
import { creditsOf, priceFor, unitPriceFor } from '../../../test/harness/orders.js';
import { allOnOneLedger } from '../../../test/harness/own-account.js';
import { readBotForAdmission } from './bots.js';
import type { PublishedCard } from './rate-cards-body.js';
import { currentRateCardId, publishRateCard, readRateCard } from './rate-cards.js';

let db: LedgerDatabase;

allOnOneLedger((opened) => {
  db = opened;
});

function cardOf(id: string, effectiveFrom: Instant, input = '300'): PublishedCard {
  const price = priceFor({ model: 'demo-chat' });
  const rates = { ...price.rates, input: creditsOf(input) };
  return {
    id,
    announcedAt: effectiveFrom,
    effectiveFrom,
    minimumCharge: creditsOf('0.1'),
    models: [{ ...price, rates, source: 'a test' }],
    units: [{ ...unitPriceFor(), source: 'a test' }],
  };
}

const publish = (card: PublishedCard): Promise<string> => db.entities.transaction((tx) => publishRateCard(tx, card));
const withoutSource = ({ models, units, ...card }: PublishedCard): RateCard => ({
  ...card,
  models: models.map(({ source: _, ...price }) => price),
  units: units.map(({ source: _, ...price }) => price),
});

describe('a rate card', () => {
  it('price.pinned: [C11] is published once; the same figures again are nothing, others are refused', async () => {
    const card = cardOf(`card_${newId('txt')}`, instant(Date.UTC(2030, 0, 1)));
    expect(await publish(card)).toBe('published');
    expect(await publish(card)).toBe('known');
    await expect(publish(cardOf(card.id, card.effectiveFrom, '301'))).rejects.toThrow(/other figures/);
    expect(await db.entities.transaction((tx) => readRateCard(tx, card.id))).toEqual(withoutSource(card));
  });

  it('[C11] is refused where it takes effect before it is announced, by us and by the table', async () => {
    const effectiveFrom = instant(Date.UTC(2032, 0, 1));
    const late = { ...cardOf(`card_${newId('txt')}`, effectiveFrom), announcedAt: instant(effectiveFrom + 1) };
    await expect(publish(late)).rejects.toThrow(/before it is announced/);
    const insert = `INSERT INTO records.rate_cards (id, announced_at, effective_from, minimum_charge, body_sha256)
      VALUES ($1, $2, $3, 0, '')`;
    const values = [late.id, new Date(late.announcedAt), new Date(effectiveFrom)];
    await expect(db.entities.manager.query(insert, values)).rejects.toThrow(/rate_cards_announced_before/);
    expect(await publish({ ...late, announcedAt: effectiveFrom })).toBe('published');
  });

  it('price.pinned: keeps the largest rate to the last digit', async () => {
    const card = cardOf(`card_${newId('txt')}`, instant(Date.UTC(2031, 0, 1)), '9223372036854.775807');
    await publish(card);
    const read = await db.entities.transaction((tx) => readRateCard(tx, card.id));
    expect(read.models[0]?.rates.input).toBe(9_223_372_036_854_775_807n);
  });

  it('price.pinned: cannot be changed or taken away by the writer', async () => {
    await withClient(db.database.writerUrl, async (client) => {
      expect((await client.query('SELECT current_user')).rows).toEqual([{ current_user: 'fm_writer' }]);
      for (const sql of [
        'UPDATE records.rate_cards SET minimum_charge = 0',
        'UPDATE records.model_prices SET input_rate = 0',
        'UPDATE records.unit_prices SET call_rate = 0',
        'DELETE FROM records.unit_prices',
        'DELETE FROM records.model_prices',
        'DELETE FROM records.rate_cards',
        'TRUNCATE records.model_prices',
      ]) {
        await expect(client.query(sql)).rejects.toMatchObject({ code: '42501' });
      }
    });
  });

  it('[edge 42] holds from its instant on, and leaves the jobs before it their own', async () => {
    const from = instant(Date.UTC(2040, 0, 1));
    const before = await db.entities.transaction((tx) => currentRateCardId(tx, instant(from - 1)));
    const card = cardOf(`card_${newId('txt')}`, from, '999');
    await publish(card);
    const at = (asOf: Instant): Promise<string | null> => db.entities.transaction((tx) => currentRateCardId(tx, asOf));
    expect([await at(instant(from - 1)), await at(from)]).toEqual([before, card.id]);
    expect(await at(instant(0))).toBeNull();
  });
});

describe('a bot for admission', () => {
  it('comes with its account, its plan and the card of the instant', async () => {
    const [accountId, botId] = [newId('acc'), newId('bot')];
    const { manager } = db.entities;
    await manager.query(
      `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
       VALUES ($1, 'A', 'past_due', 'UTC', 'plan_free')`,
      [accountId],
    );
    await manager.query(
      `INSERT INTO records.bots (id, account_id, type, name, default_model, default_max_iterations, default_max_credits,
        archived_at) VALUES ($1, $2, 'coding', 'B', 'demo-chat', 3, $3, now())`,
      [botId, accountId, creditsOf('9223372036854.775807').toString()],
    );
    const from = instant(Date.UTC(2050, 0, 1));
    const card = cardOf(`card_${newId('txt')}`, from);
    await publish(card);
    expect(await readBotForAdmission(manager, botId, from)).toEqual({
      botId,
      accountId,
      accountStatus: 'past_due',
      type: 'coding',
      archived: true,
      defaultModel: 'demo-chat',
      defaultMaxIterations: 3,
      defaultMaxCredits: 9_223_372_036_854_775_807n,
      program: 'review',
      visibility: 'private',
      guide: {},
      extras: ALL_EXTRAS,
      funding: { salesMode: 'platform_sells', fundingMode: 'owner_pool', publicMayUseBonus: false },
      plan: {
        id: 'plan_free',
        name: 'free',
        maxIterations: 5,
        maxConcurrentJobs: 1,
        maxContextTokens: 32_000,
        maxCredits: creditsOf('10'),
        maxDeadlineMs: 3_600_000,
        models: { tiers: ['standard'], names: [] },
        artefacts: { allowed: false, maxFiles: 0, maxBytes: 0 },
      },
      limits: NO_BOT_LIMITS,
      rateCard: withoutSource(card),
    });
    expect(await readBotForAdmission(manager, newId('bot'), from)).toBeNull();
  });
});
