// Goal: what an owner compares is right at its edges. Method: figures worked out by hand.
import { describe, expect, it } from '@jest/globals';
import { microCredits, ZERO } from '../amounts/micro-credits.js';
import { NO_GUIDE } from '../bots/guide.js';
import type { EconomicJob } from './economics.js';
import { economicsOf } from './economics.js';

const job = (of: Partial<Omit<EconomicJob, 'charged' | 'refunded'>> & { charge?: bigint; refunded?: bigint } = {}) => {
  const { charge = 10n, refunded = 0n, ...rest } = of;
  return {
    state: 'completed',
    packed: false,
    repairs: 0,
    clarifications: 0,
    asked: null,
    versions: null,
    ...rest,
    charged: microCredits(charge),
    refunded: microCredits(refunded),
  } satisfies EconomicJob;
};

describe('the economics of a bot', () => {
  it('[A29] tell repeated requests from one-off ones, and leave out what was erased', () => {
    const asked = ['a', 'b', 'a', 'c', 'a', null].map((hash) => job({ asked: hash }));
    expect(economicsOf(asked, NO_GUIDE).requests).toEqual({ repeated: 3, oneOff: 2, unknown: 1, repeatShare: 0.6 });
    expect(economicsOf([job()], NO_GUIDE).requests).toMatchObject({ unknown: 1, repeatShare: null });
  });

  it('[A29] divide all that was paid by the results that were kept, half up', () => {
    const jobs = [job(), job({ charge: 7n }), job({ state: 'failed', charge: 4n }), job({ refunded: 2n })];
    expect(economicsOf(jobs, NO_GUIDE)).toMatchObject({ net: 29n, kept: 2, netPerKept: 15n });
    expect(economicsOf([job({ state: 'failed' })], NO_GUIDE)).toMatchObject({ net: 10n, kept: 0, netPerKept: null });
  });

  it('[A8] compare jobs with a ZIP to those without', () => {
    const { withZip, withoutZip } = economicsOf([job({ packed: true, charge: 30n }), job(), job({ charge: 11n })], {});
    expect(withZip).toEqual({ jobs: 1, net: 30n, repairs: 0, clarifications: 0 });
    expect(withoutZip).toMatchObject({ jobs: 2, net: 11n });
  });

  it('[A22][A23] compare jobs told the newest version to all before it, repairs and questions too', () => {
    const told = (profile: number | null) => ({ profile, style_guide: null, snippets: null });
    const jobs = [
      job({ charge: 40n, repairs: 2, clarifications: 1 }),
      job({ charge: 30n, repairs: 1, versions: told(1) }),
      job({ charge: 20n, versions: told(2) }),
    ];
    const guide = { profile: { version: 2, bytes: 9, tokens: 3 } };
    expect(economicsOf(jobs, guide).versions).toEqual([
      {
        kind: 'profile',
        version: 2,
        before: { jobs: 2, net: 35n, repairs: 1.5, clarifications: 0.5 },
        after: { jobs: 1, net: 20n, repairs: 0, clarifications: 0 },
      },
    ]);
  });

  it('are nothing of a bot without jobs', () => {
    expect(economicsOf([], { snippets: { version: 1, bytes: 1, tokens: 1 } })).toMatchObject({
      net: ZERO,
      netPerKept: null,
      all: { jobs: 0, net: null, repairs: null },
      versions: [{ before: { jobs: 0, net: null }, after: { jobs: 0, net: null } }],
    });
  });
});
