// Activities room. The rules of grants as an operator has set them, over the rule's own defaults.
import { credits, GRANTS_ALONE } from '@fairmeter/domain';
import type { GrantSettings } from '@fairmeter/platform';
import type { GrantRules } from './grant.activities.js';

export function grantRulesOf({ aloneSupport, aloneAdmin, decideMs, warnMs }: GrantSettings): GrantRules {
  return {
    alone: {
      support: aloneSupport === undefined ? GRANTS_ALONE.support : credits(BigInt(aloneSupport)),
      admin: aloneAdmin === undefined ? GRANTS_ALONE.admin : credits(BigInt(aloneAdmin)),
    },
    decideMs,
    warnMs,
  };
}
