// API room. What a bot offers to its visitors. Where it offers nothing, nobody is told to buy what does not exist.
import type { BotTerms, Instant, MicroCredits, PlanVersion } from '@fairmeter/domain';
import { whyNoPack, ZERO } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import type { Pack, Price } from '@fairmeter/records';
import { readPacksOfBot, readPlansOfBot } from '@fairmeter/records';

export interface VisitorOffer {
  readonly id: string;
  readonly name: string;
  /** At this bot. */
  readonly units: MicroCredits;
  /** What comes along, each usable there alone. */
  readonly elsewhere: readonly { readonly botId: string; readonly units: MicroCredits }[];
  readonly price: Price;
}

/** In the transaction of the visitor. */
export async function offersOfBot(
  tx: EntityManager,
  botId: string,
  bot: BotTerms | null,
): Promise<readonly VisitorOffer[]> {
  if (whyNoPack(bot) !== null) return [];
  return (await readPacksOfBot(tx, botId)).map((pack) => offerAt(pack, botId));
}

/** Likewise: those that the bot's owner has opted in. */
export async function plansOfBot(
  tx: EntityManager,
  bot: BotTerms | null,
  at: Instant,
): Promise<readonly PlanVersion[]> {
  return bot === null || whyNoPack(bot) !== null ? [] : readPlansOfBot(tx, bot.botId, at);
}

function offerAt({ id, name, allowances, price }: Pack, botId: string): VisitorOffer {
  return {
    id,
    name,
    units: allowances.find((allowance) => allowance.botId === botId)?.credits ?? ZERO,
    elsewhere: allowances
      .filter((allowance) => allowance.botId !== botId)
      .map((allowance) => ({ botId: allowance.botId, units: allowance.credits })),
    price,
  };
}
