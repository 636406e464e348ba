// Test harness. Random orders of three jobs that share one account: what properties of the domain and of the tables are
// played with. Most find something to do, some are refused, and all of them are ones that a worker could give.
import type { MicroCredits } from '@fairmeter/domain';
import fc from 'fast-check';

const jobId = fc.constantFrom('job_1', 'job_2', 'job_3');
const ordinal = fc.integer({ min: 1, max: 3 });
const attempt = fc.integer({ min: 1, max: 4 });
const tokens = fc.record({
  input: fc.nat(4_000),
  cachedInput: fc.nat(500),
  output: fc.nat(12_000),
  reasoning: fc.nat(50),
});
const amount = (most: bigint, least = 1n): fc.Arbitrary<MicroCredits> =>
  fc.bigInt(least, most).map((value) => value as MicroCredits);
const wait = fc.nat(50);
const lives = fc.option(fc.integer({ min: 1, max: 200 }), { nil: null });

export const anyOrder = fc.oneof(
  fc.record({ verb: fc.constant('grant' as const), wait, amount: amount(9_000_000n), lives }),
  fc.record({ verb: fc.constant('admit' as const), wait, jobId, budget: amount(12_000_000n, 100_000n) }),
  fc.record({ verb: fc.constant('begin' as const), wait, jobId, ordinal, inputBytes: fc.nat(3_000) }),
  fc.record({ verb: fc.constant('end' as const), wait, jobId, ordinal, attempt, tokens }),
  fc.record({ verb: fc.constant('fail' as const), wait, jobId, ordinal, attempt }),
  fc.record({ verb: fc.constant('settle' as const), wait, jobId }),
);
export type RandomOrder = typeof anyOrder extends fc.Arbitrary<infer O> ? O : never;

/** A rich account and two jobs at work, so that the first random orders find something to do. */
export const OPENING: readonly RandomOrder[] = [
  { verb: 'grant', wait: 0, amount: 30_000_000n as MicroCredits, lives: null },
  ...(['job_1', 'job_2'] as const).flatMap((id): RandomOrder[] => [
    { verb: 'admit', wait: 0, jobId: id, budget: 6_000_000n as MicroCredits },
    { verb: 'begin', wait: 0, jobId: id, ordinal: 1, inputBytes: 400 },
  ]),
];
