// API room. What a bot offers to its visitors. Until something is put on sale there is nothing, and nobody is told to
// buy what does not exist.
import type { MicroCredits } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import { Injectable } from '@nestjs/common';

export interface VisitorOffer {
  readonly id: string;
  readonly units: MicroCredits;
  readonly price: { readonly amount: string; readonly in: string };
}

@Injectable()
export class VisitorOffers {
  /** In the transaction of the visitor. */
  async read(_tx: EntityManager, _botId: string): Promise<readonly VisitorOffer[]> {
    return Promise.resolve([]);
  }
}
