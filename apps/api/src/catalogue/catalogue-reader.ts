// API room. Reads what everybody may know: the rate cards, and the models of the one in force.
import type { Instant, PlanModels, PlanScope, PlanVersion, RateCard } from '@fairmeter/domain';
import { instant, plansInForce } from '@fairmeter/domain';
import type { Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { RateCardHead } from '@fairmeter/records';
import {
  currentRateCardId,
  findRateCard,
  listPlans,
  listPlansFor,
  listRateCards,
  readRateCard,
} from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { ProblemError } from '../problems/problem-error.js';
import { badCursor, cursorNumber, readCursor, writeCursor } from '../requests/cursor.js';
import type { pageQuery } from '../requests/page.js';
import { pageSize } from '../requests/page.js';
import { API_CLOCK } from '../tokens.js';

export interface ModelsAnswer {
  readonly card: RateCard;
  readonly plans: readonly PlanModels[];
  readonly models: RateCard['models'];
  readonly nextCursor: string | null;
}

export interface CardsAnswer {
  readonly cards: readonly RateCardHead[];
  readonly currentId: string | null;
  readonly nextCursor: string | null;
}

type Page = z.output<typeof pageQuery>;

const MODELS = 'models';
const CARDS = 'rate-cards';

@Injectable()
export class CatalogueReader {
  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  /** All pages are of the card that the first one was read from, whatever takes effect in between. */
  async models(caller: Caller, { limit, cursor }: Page): Promise<ModelsAnswer> {
    const [pinned, skip] = cursor === undefined ? [] : readCursor(MODELS, cursor);
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const card = pinned === undefined ? await this.cardInForce(tx) : await findRateCard(tx, pinned);
      // A cursor can be made up.
      if (card === null) throw badCursor();
      const from = skip === undefined ? 0 : Number(cursorNumber(skip));
      const until = from + pageSize(limit);
      return {
        card,
        plans: await this.plansWithModels(tx),
        models: card.models.slice(from, until),
        nextCursor: until < card.models.length ? writeCursor(MODELS, [card.id, String(until)]) : null,
      };
    });
  }

  /** As they are sold today. What was agreed with one account is nobody else's business: null is whoever asks. */
  async plans(caller: Caller | null, scope: PlanScope | undefined): Promise<readonly PlanVersion[]> {
    const offered =
      caller === null
        ? await this.database.beforeTenant(async (tx) => listPlansFor(tx, null))
        : await this.database.asTenant(tenantOf(caller), async (tx) => listPlansFor(tx, caller.accountId));
    return plansInForce(offered, this.now()).filter((plan) => scope === undefined || plan.scope === scope);
  }

  async cards(caller: Caller, { limit, cursor }: Page): Promise<CardsAnswer> {
    const [before] = cursor === undefined ? [] : readCursor(CARDS, cursor);
    const size = pageSize(limit);
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const found = await listRateCards(tx, {
        before: before === undefined ? null : instant(Number(cursorNumber(before))),
        // One more than asked for tells whether there is a next page.
        limit: size + 1,
      });
      const cards = found.slice(0, size);
      const last = cards.at(-1);
      const more = found.length > size && last !== undefined;
      return {
        cards,
        currentId: await currentRateCardId(tx, this.now()),
        nextCursor: more ? writeCursor(CARDS, [String(last.effectiveFrom)]) : null,
      };
    });
  }

  async rateCard(caller: Caller, id: string): Promise<{ readonly card: RateCard; readonly current: boolean }> {
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const card = await findRateCard(tx, id);
      if (card === null) throw new ProblemError('not_found', 'There is no such rate card.');
      return { card, current: card.id === (await currentRateCardId(tx, this.now())) };
    });
  }

  private async plansWithModels(tx: EntityManager): Promise<readonly PlanModels[]> {
    return plansInForce(await listPlans(tx), this.now())
      .filter(({ scope }) => scope === 'account')
      .map(({ name, limits: { models } }) => ({ name, models }));
  }

  private now(): Instant {
    return instant(this.clock.now());
  }

  private async cardInForce(tx: EntityManager): Promise<RateCard> {
    const id = await currentRateCardId(tx, this.now());
    if (id === null) throw new ProblemError('not_found', 'No rate card is in force.');
    return readRateCard(tx, id);
  }
}
