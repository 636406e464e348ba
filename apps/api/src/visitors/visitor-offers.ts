// API room. What a bot offers to its visitors. Where it offers nothing, nobody is told to buy what does not exist.
import type { MicroCredits } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import { readOffers } from '@fairmeter/records';

export interface VisitorOffer {
  readonly id: string;
  readonly units: MicroCredits;
  readonly price: { readonly amount_minor: string; readonly iso_4217: string };
}

/** In the transaction of the visitor. */
export async function offersOfBot(tx: EntityManager, botId: string): Promise<readonly VisitorOffer[]> {
  const products = await readOffers(tx, botId);
  return products.map(({ id, credits, price: { minor, currency } }) => ({
    id,
    units: credits,
    price: { amount_minor: minor.toString(), iso_4217: currency },
  }));
}
