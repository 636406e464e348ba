// Domain room. Whether a bot pays off: how often the same is asked again, what a result costs that was kept, and what
// jobs cost before and after a change of what the bot is told, and with and without a ZIP.
import { halfUpDiv } from '../amounts/division.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, microCredits, ZERO } from '../amounts/micro-credits.js';
import type { BotGuide, GuideKind, GuideVersions } from '../bots/guide.js';
import { GUIDE_KINDS } from '../bots/guide.js';
import { netOf } from './usage.js';

/** A job that has ended. */
export interface EconomicJob {
  readonly state: string;
  readonly charged: MicroCredits;
  readonly refunded: MicroCredits;
  readonly packed: boolean;
  readonly repairs: number;
  readonly clarifications: number;
  /** The same for the same action on the same content; null where the text was erased. */
  readonly asked: string | null;
  /** Null: the bot was told nothing. */
  readonly versions: GuideVersions | null;
}

/** To compare with only: averages by job, rounded half up. Null where there was none. */
export interface AverageJob {
  readonly jobs: number;
  readonly net: MicroCredits | null;
  readonly repairs: number | null;
  readonly clarifications: number | null;
}

export interface Requests {
  /** Asked at least twice. */
  readonly repeated: number;
  readonly oneOff: number;
  /** Nobody can tell any more: their texts were erased. */
  readonly unknown: number;
  /** Repeated among those that can be told, 0 to 1 in steps of a ten-thousandth. */
  readonly repeatShare: number | null;
}

export interface VersionEffect {
  readonly kind: GuideKind;
  /** The newest one. */
  readonly version: number;
  readonly before: AverageJob;
  readonly after: AverageJob;
}

export interface Economics {
  readonly net: MicroCredits;
  readonly requests: Requests;
  /** Completed, and nothing of it given back. */
  readonly kept: number;
  /** All that the jobs cost, by result that was kept: what failed is paid for by what did not. */
  readonly netPerKept: MicroCredits | null;
  readonly all: AverageJob;
  readonly withZip: AverageJob;
  readonly withoutZip: AverageJob;
  readonly versions: readonly VersionEffect[];
}

export function economicsOf(jobs: readonly EconomicJob[], guide: BotGuide): Economics {
  const net = add(ZERO, ...jobs.map(netOf));
  const kept = jobs.filter(({ state, refunded }) => state === 'completed' && refunded === ZERO).length;
  return {
    net,
    requests: requestsOf(jobs),
    kept,
    netPerKept: perOne(net, kept),
    all: averageJob(jobs),
    withZip: averageJob(jobs.filter(({ packed }) => packed)),
    withoutZip: averageJob(jobs.filter(({ packed }) => !packed)),
    versions: GUIDE_KINDS.flatMap((kind) => {
      const version = guide[kind]?.version;
      return version === undefined ? [] : [effectOf(jobs, kind, version)];
    }),
  };
}

function requestsOf(jobs: readonly EconomicJob[]): Requests {
  const times = new Map<string, number>();
  for (const { asked } of jobs) if (asked !== null) times.set(asked, (times.get(asked) ?? 0) + 1);
  const oneOff = [...times.values()].filter((count) => count === 1).length;
  const known = jobs.filter(({ asked }) => asked !== null).length;
  const repeated = known - oneOff;
  return { repeated, oneOff, unknown: jobs.length - known, repeatShare: ratio(repeated, known, 10_000) };
}

function effectOf(jobs: readonly EconomicJob[], kind: GuideKind, version: number): VersionEffect {
  const isAfter = ({ versions }: EconomicJob): boolean => versions?.[kind] === version;
  return {
    kind,
    version,
    before: averageJob(jobs.filter((job) => !isAfter(job))),
    after: averageJob(jobs.filter(isAfter)),
  };
}

function averageJob(jobs: readonly EconomicJob[]): AverageJob {
  const count = (of: (job: EconomicJob) => number): number => jobs.reduce((sum, job) => sum + of(job), 0);
  return {
    jobs: jobs.length,
    net: perOne(add(ZERO, ...jobs.map(netOf)), jobs.length),
    repairs: ratio(
      count(({ repairs }) => repairs),
      jobs.length,
      100,
    ),
    clarifications: ratio(
      count(({ clarifications }) => clarifications),
      jobs.length,
      100,
    ),
  };
}

function perOne(net: MicroCredits, count: number): MicroCredits | null {
  return count === 0 ? null : microCredits(halfUpDiv(net, BigInt(count)));
}

function ratio(part: number, whole: number, steps: number): number | null {
  return whole === 0 ? null : Math.round((steps * part) / whole) / steps;
}
