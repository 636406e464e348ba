// Bench room, subscriptions. People who wish something of their plan while those of thousands of others renew: each has
// an account of their own, and in turn ends the plan and takes that back, over HTTP, signed in as its owner.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { credits, instant, MONTHLY, ZERO, type PlanVersion } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { publishPlan } from '@fairmeter/records';
import { openEntities } from '../../apps/cli/src/database/provision.js';
import type { TestIssuer } from '../../test/harness/signed-in.js';
import type { Side, Submitted } from '../measure/side.js';
import { HttpClient, type HttpAnswer } from '../submit/http-client.js';

/** So many that nobody wishes anything while an earlier wish is waited for, however late that is answered. */
const WISHERS = 120;
/** Whoever gets no answer in time asks again under the same key; and so long, all in all. */
const WAITS_MS = 600_000;
const SUBSCRIPTION = '/v1/account/subscription';
const DONE = Promise.resolve();

/** Billed, so that there is something to end, and free of charge, so that nobody has to pay. */
const PLAN: PlanVersion = {
  planId: 'plan_bench_wishes',
  version: 1,
  name: 'bench, wishes',
  effectiveFrom: instant(0),
  scope: 'account',
  tier: 1,
  custom: false,
  periodAllowance: credits(100n),
  dailyAllowance: ZERO,
  creditPeriod: MONTHLY,
  billingPeriod: MONTHLY,
  price: null,
  teamSeats: 1,
  features: [],
  limits: {
    maxIterations: 5,
    maxConcurrentJobs: 1,
    maxContextTokens: 32_000,
    maxCredits: credits(10n),
    maxDeadlineMs: 3_600_000,
    models: { tiers: ['standard'], names: [] },
    artefacts: { allowed: false, maxFiles: 0, maxBytes: 0 },
  },
};

interface Wisher {
  readonly sub: string;
  readonly ends: boolean;
}

export class Wishers implements Side {
  readonly name = 'wishes';
  private readonly http: HttpClient;
  private free: Wisher[] = [];

  private constructor(
    apiUrl: string,
    private readonly issuer: Pick<TestIssuer, 'token'>,
  ) {
    this.http = new HttpClient(apiUrl);
  }

  /** All of them, each on the plan. */
  static async begin(stack: BegunStack, issuer: Pick<TestIssuer, 'token' | 'url'>): Promise<Wishers> {
    const subs = Array.from({ length: WISHERS }, (_, number) => `wisher-${number}`);
    await seed(stack.urls.writerUrl, issuer.url, subs);
    const wishers = new Wishers(stack.apiUrl, issuer);
    for (const sub of subs) {
      const { status, body } = await wishers.untilAnswered(() => wishers.http.get(SUBSCRIPTION, wishers.headers(sub)));
      if (status !== 200) throw new Error(`no subscription: ${status} ${body}`);
      wishers.free.push({ sub, ends: true });
    }
    return wishers;
  }

  /** One wish, until it is answered. */
  async submit(): Promise<Submitted> {
    const wisher = this.free.shift();
    if (wisher === undefined) throw new Error('everybody who could wish something waits for an answer');
    const { sub, ends } = wisher;
    const key = randomUUID();
    const asked = performance.now();
    const answer = await this.untilAnswered(() => {
      const headers = { ...this.headers(sub), 'idempotency-key': key };
      return this.http.post(`${SUBSCRIPTION}/${ends ? 'cancel' : 'undo'}`, headers, '{}');
    });
    const admittedMs = performance.now() - asked;
    const { state } = JSON.parse(answer.body) as { readonly state?: unknown };
    if (answer.status !== 200 || state !== (ends ? 'cancel_scheduled' : 'active')) {
      throw new Error(`a wish was answered ${answer.status}: ${answer.body}`);
    }
    this.free.push({ sub, ends: !ends });
    return { admittedMs, done: DONE };
  }

  close(): void {
    this.http.close();
  }

  /** A token of its own each time: none lives as long as a bench. */
  private headers(sub: string): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${this.issuer.token({ sub })}` };
  }

  private async untilAnswered(ask: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
    const deadline = performance.now() + WAITS_MS;
    for (;;) {
      const answer = await ask();
      if (answer.status !== 503 || performance.now() > deadline) return answer;
      await sleep(answer.retryAfterMs);
    }
  }
}

interface BegunStack {
  readonly apiUrl: string;
  readonly urls: { readonly writerUrl: string };
}

/** Accounts whose subscription is still to be begun, as they are after a first sign-in. */
async function seed(writerUrl: string, issuer: string, subs: readonly string[]): Promise<void> {
  const entities = await openEntities(writerUrl);
  try {
    await entities.transaction(async (tx) => {
      await publishPlan(tx, PLAN);
      for (const sub of subs) {
        const [accountId, userId] = [newId('acc'), newId('usr')];
        await tx.query(
          `INSERT INTO records.accounts (id, name, status, time_zone, plan_id, plan_version, subscription)
           VALUES ($1, 'Bench account', 'active', 'UTC', $2, 1, 'awaited')`,
          [accountId, PLAN.planId],
        );
        await tx.query(
          `INSERT INTO records.users (id, issuer, subject, email, name) VALUES ($1, $2, $3, $4, 'Bench owner')`,
          [userId, issuer, sub, `${sub}@bench.example`],
        );
        await tx.query(`INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, 'owner')`, [
          accountId,
          userId,
        ]);
      }
    });
  } finally {
    await entities.close();
  }
}
