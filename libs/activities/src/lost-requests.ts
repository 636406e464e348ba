// Activities room. What staff asked for while nobody could begin it, begun now: compensations, previews of them and
// grants.
import type { LostCompensation, LostRequest } from '@fairmeter/records';
import { putOffLook, takeLostCompensation, takeLostGrant } from '@fairmeter/records';
import type { LostIn, LostKind } from './begin-lost.js';
import { beginFirst } from './begin-lost.js';

type Begin<Lost> = (lost: Lost) => Promise<void>;

const COMPENSATIONS: LostKind<LostCompensation> = {
  take: takeLostCompensation,
  putOff: async (tx, { id }) => putOffLook(tx, 'compensations', id),
};

const GRANTS: LostKind<LostRequest> = {
  take: takeLostGrant,
  putOff: async (tx, { id }) => putOffLook(tx, 'grants', id),
};

/** Each has one of them begun whose runs may be lost, and says how many: none when nothing is left. */
export class LostRequests {
  constructor(private readonly entities: LostIn) {}

  async beginCompensation(begin: Begin<LostCompensation>): Promise<number> {
    return beginFirst(this.entities, COMPENSATIONS, begin);
  }

  async beginGrant(begin: Begin<LostRequest>): Promise<number> {
    return beginFirst(this.entities, GRANTS, begin);
  }
}
