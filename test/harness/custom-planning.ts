// Test harness. An owner who asks for a custom plan, and the staff who answer: each by a token of the tests' issuer.
import { newId } from '@fairmeter/platform/database';
import type { Answer } from './bot-client.js';
import { SignedIn, type TestIssuer } from './signed-in.js';
import type { StaffClient } from './staff.js';
import type { TestStack } from './test-stack.js';

export const WISH = {
  monthly_credits: '900',
  team_size: 12,
  model_needs: 'Long context for reviews, small models for the rest',
  budget: { amount_minor: '40000', iso_4217: 'eur' },
};

/** 600 credits a month and 10 a day: 910 in the longest month, so that one admin may agree to it alone. */
export const OFFER = {
  reason: 'As agreed by telephone',
  credits: { per_period: '600', period: 'P1M', per_day: '10' },
  billing: { period: 'P1M', price: { amount_minor: '39900', iso_4217: 'eur' } },
  team_seats: 12,
  features: ['team', 'by_agreement'],
  limits: {
    max_iterations: 300,
    max_concurrent_jobs: 30,
    max_context_tokens: 1_000_000,
    max_credits: '500',
    max_deadline_minutes: 1_440,
    models: { tiers: ['standard', 'premium'] },
    artefacts: { allowed: true, max_files: 100, max_bytes: 1_000_000 },
  },
};

export const LARGE_OFFER = { ...OFFER, credits: { ...OFFER.credits, per_period: '5000' } };

export class PlanSeeker {
  private asked = 0;

  private constructor(
    private readonly stack: TestStack,
    readonly owner: SignedIn,
    readonly accountId: string,
  ) {}

  static async open(stack: TestStack, issuer: TestIssuer): Promise<PlanSeeker> {
    const sub = `seeker-${newId('usr')}`;
    const owner = new SignedIn(stack.apiUrl, issuer.token({ sub, email: `${sub}@example.test`, email_verified: true }));
    return new PlanSeeker(stack, owner, String((await owner.get('/v1/account')).body['account_id']));
  }

  async ask(wish: object = WISH, key = `ask-${(this.asked += 1)}`): Promise<Answer> {
    const response = await fetch(`${this.stack.apiUrl}/v1/account/custom-plan-requests`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.owner.token}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify(wish),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
  }

  /** Open, and the id of it. */
  async request(): Promise<string> {
    return String((await this.ask()).body['id']);
  }

  async list(path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.owner.get(path)).body['data'] as Readonly<Record<string, unknown>>[];
  }

  /** As they are told to somebody of the account. */
  async planIds(): Promise<readonly unknown[]> {
    return (await this.list('/v1/plans?scope=account')).map(({ id }) => id);
  }
}

/** `place` is a request and what is done to it. */
export async function answer(by: StaffClient, place: `${string}/${string}`, body: object): Promise<Answer> {
  return by.call('POST', `/v1/staff/custom-plan-requests/${place}`, { body });
}
