// Simulation. The ledger as a world: accounts that share their credits among many callers, several writing processes,
// and the judge of what they left behind.
import { accountScope, endUserScope, instant, type MicroCredits } from '@fairmeter/domain';
import type { WriterDatabase } from '@fairmeter/platform/database';
import { pause } from '../../harness/until.js';
import type { Action, Fault, Turn, World } from '../world.js';
import { Caller, type SimulatedAccount } from './caller.js';
import type { Desk } from './desk.js';
import { endJob, runJob, type OpenJob, type ReadRefundable } from './job-stories.js';
import type { LedgerJudge } from './judge.js';
import { askForTheImpossible, endLots, fillToTheBrim, grantLots, keepPeriods, takeBack } from './lot-stories.js';
import { scopeOf } from './request.js';
import { askForImpossibleTerms, changeLimits, changeTerms } from './terms-stories.js';

/** What callers of an account leave for one another. */
interface Estate extends SimulatedAccount {
  readonly bundles: string[];
  readonly openJobs: OpenJob[];
}

type Story = (caller: Caller, estate: Estate) => Promise<void>;

export interface LedgerStage {
  readonly desk: Desk;
  readonly judge: LedgerJudge;
  /** Past every wire, for what is only looked at. */
  readonly reading: WriterDatabase;
  readonly faults: readonly Fault[];
  /** When the simulation began, by the clock: some accounts live from there on, others ahead of it. */
  readonly began: Date;
}

/** After so many rounds callers move on to new accounts, so that a long run stays as quick as a short one. */
const ROUNDS_OF_A_GENERATION = 10;
const ACCOUNTS = 6;
/** Clocks in New York and Berlin are put forward in the days after it. */
const AHEAD = Date.UTC(2040, 2, 24);
/** A round takes hours, so that days end between rounds and, for some caller, within one. */
const MINUTE_MS = 600_000;
/** Of accounts that live with the clock, so that lots end while a round runs. */
const QUICK_MINUTE_MS = 30;
const LEAPS_AHEAD = 2;
/** Who asks for an end user at a bot of the account: such a scope pays for its own jobs. */
const OF_END_USERS = 25;

export class LedgerWorld implements World {
  readonly faults: readonly Fault[];
  readonly actions: readonly Action[];
  private readonly estates = new Map<string, Estate>();
  private generation = 0;

  constructor(private readonly stage: LedgerStage) {
    this.faults = stage.faults;
    this.actions = [
      this.scopeAction('runs a job', 10, async (caller, estate) => {
        const open = await runJob(caller, this.readRefundable);
        if (open !== undefined) estate.openJobs.push(open);
      }),
      this.scopeAction('ends a job that was left open', 3, async (caller, estate) => {
        const open = estate.openJobs.shift();
        if (open !== undefined) await endJob(caller, open, this.readRefundable);
      }),
      this.scopeAction('is granted lots', 5, grantLots),
      this.scopeAction('ends lots', 1, endLots),
      this.scopeAction('takes a purchase back', 1, takeBack),
      this.scopeAction('keeps its periods', 3, keepPeriods),
      this.scopeAction('asks for the impossible', 2, askForTheImpossible),
      this.scopeAction('changes its zone or allowance', 2, changeTerms),
      this.scopeAction('changes its limits', 2, changeLimits),
      this.scopeAction('asks for impossible terms', 1, askForImpossibleTerms),
      this.action('is granted all there can be', 1, fillToTheBrim),
    ];
  }

  async judge(): Promise<readonly string[]> {
    return this.stage.judge.differences('at_rest');
  }

  tell(): string {
    const { asked, applied, replayed, refused, unknown } = this.stage.desk.receipts.counts;
    const { rowsAudited, stoodUntold } = this.stage.judge;
    return [
      `${asked} asked, ${applied} applied, ${replayed} replayed, ${refused} refused`,
      `${unknown} ends unknown at first${stoodUntold === 0 ? '' : `, ${stoodUntold} found to stand after a kill`}`,
      `${rowsAudited} rows audited`,
    ].join(', ');
  }

  private action(name: string, weight: number, story: Story): Action {
    return { name, weight, run: (turn) => this.tellOf(this.estateFor(turn), story, turn) };
  }

  /** Of an account, or of one of its end users. */
  private scopeAction(name: string, weight: number, story: Story): Action {
    return {
      name,
      weight,
      run: (turn) => {
        const estate = this.estateFor(turn);
        const isOfEndUser = turn.chance.of('payer').happens(OF_END_USERS);
        return this.tellOf(isOfEndUser ? this.endUserOf(estate) : estate, story, turn);
      },
    };
  }

  private tellOf(estate: Estate, story: Story, turn: Turn): Promise<void> {
    return story(new Caller(this.stage.desk, estate, turn), estate);
  }

  private endUserOf(estate: Estate): Estate {
    const { accountId } = estate.owner;
    const scopeId = endUserScope(`bot_of_${accountId}`, accountId.replace('acc', 'usr'));
    const known = this.estates.get(scopeId);
    if (known !== undefined) return known;
    const endUser: Estate = { ...estate, owner: { accountId, scopeId }, bundles: [], openJobs: [] };
    this.estates.set(scopeId, endUser);
    return endUser;
  }

  private estateFor({ round, chance }: Turn): Estate {
    const generation = Math.floor((round - 1) / ROUNDS_OF_A_GENERATION);
    if (generation !== this.generation) {
      this.generation = generation;
      this.estates.clear();
      // What was judged with every round so far stands; what comes is judged by itself. The audit is always whole.
      this.stage.desk.receipts.forget((request) => !scopeOf(request).includes(`_g${generation}_`));
    }
    // Half of all callers share one account: where the queue is longest, most goes wrong.
    const draw = chance.of('account');
    const number = draw.happens(50) ? 0 : draw.whole(1, ACCOUNTS - 1);
    const accountId = `acc_g${generation}_${number}`;
    const known = this.estates.get(accountId);
    if (known !== undefined) return known;
    const isAhead = number % 2 === 0;
    const estate: Estate = {
      owner: { accountId, scopeId: accountScope(accountId) },
      begins: instant(isAhead ? AHEAD : this.stage.began.getTime()),
      minuteMs: isAhead ? MINUTE_MS : QUICK_MINUTE_MS,
      leaps: isAhead ? LEAPS_AHEAD : 0,
      bundles: [],
      openJobs: [],
    };
    this.estates.set(accountId, estate);
    return estate;
  }

  private readonly readRefundable: ReadRefundable = async (jobId) => {
    const text = `SELECT l.lot_id AS "lotId", l.captured - l.reversed AS amount FROM ledger.hold_lines l
      JOIN ledger.holds h ON h.id = l.hold_id WHERE h.job_id = $1 ORDER BY l.line_no`;
    for (;;) {
      try {
        return await this.stage.reading.query<{ lotId: string; amount: MicroCredits }>({ text, values: [jobId] });
      } catch {
        // Postgres is away just now; who only looks may look again.
        await pause(20);
      }
    }
  };
}
