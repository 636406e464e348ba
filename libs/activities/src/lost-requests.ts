// Activities room. What staff asked for while nobody could begin it, begun now: compensations and grants.
import type { EntityDatabase, EntityManager } from '@fairmeter/platform/database';
import type { LostRequest } from '@fairmeter/records';
import { takeLostCompensation, takeLostGrant } from '@fairmeter/records';

type Begin = (lost: LostRequest) => Promise<void>;

/** Each has one of them begun whose runs may be lost, and says how many: none when nothing is left. */
export class LostRequests {
  constructor(private readonly entities: Pick<EntityDatabase, 'transaction'>) {}

  async beginCompensation(begin: Begin): Promise<number> {
    return this.beginOne(takeLostCompensation, begin);
  }

  async beginGrant(begin: Begin): Promise<number> {
    return this.beginOne(takeLostGrant, begin);
  }

  /** What cannot be begun is taken back with the transaction, and is due again at the next turn. */
  private async beginOne(take: (tx: EntityManager) => Promise<LostRequest | null>, begin: Begin): Promise<number> {
    return this.entities.transaction(async (tx) => {
      const lost = await take(tx);
      if (lost === null) return 0;
      await begin(lost);
      return 1;
    });
  }
}
