// Activities room. What staff asked for while nobody could begin it, begun now: compensations, previews of them,
// grants, and what they said to requests for custom plans.
import type { CustomPlanInput } from '@fairmeter/contracts';
import type { LostCompensation, LostRequest, LostWord, UntoldPlan } from '@fairmeter/records';
import { putOffLook, readUntoldPlan, takeLostCompensation, takeLostGrant, takeLostWord } from '@fairmeter/records';
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

const WORDS: LostKind<LostWord> = {
  take: takeLostWord,
  putOff: async (tx, { id }) => putOffLook(tx, 'custom_plan_words', id),
};

export interface CustomPlanBeginning {
  /** Has decided what was said, and waits for it. */
  readonly decide: (said: CustomPlanInput) => Promise<void>;
  /** Has the account's subscription go over to what was agreed by it. */
  readonly change: (agreed: UntoldPlan, said: CustomPlanInput) => Promise<void>;
}

/** Each has one of them begun whose runs may be lost, and says how many: none when nothing is left. */
export class LostRequests {
  constructor(private readonly entities: LostIn) {}

  async beginCompensation(begin: Begin<LostCompensation>): Promise<number> {
    return beginFirst(this.entities, COMPENSATIONS, begin);
  }

  async beginGrant(begin: Begin<LostRequest>): Promise<number> {
    return beginFirst(this.entities, GRANTS, begin);
  }

  async beginCustomPlan({ decide, change }: CustomPlanBeginning): Promise<number> {
    return beginFirst(this.entities, WORDS, async ({ said, isOpen, isSuperseded }) => {
      if (isOpen && !isSuperseded) await decide(said);
      const untold = await readUntoldPlan(this.entities.manager, said.customPlanRequestId);
      if (untold !== null) await change(untold, said);
    });
  }
}
