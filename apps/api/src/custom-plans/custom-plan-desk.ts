// API room. An owner asks for a plan of their own, sees what became of it, and takes the request back while it is open.
// What they write in their own words is kept as texts, where it can be erased.
import { formatCredits } from '@fairmeter/domain';
import type { ApiConfig } from '@fairmeter/platform';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { CustomPlanRequest } from '@fairmeter/records';
import {
  askForCustomPlan,
  findCustomPlanRequest,
  keepReason,
  readCustomPlanRequests,
  withdrawCustomPlanRequest,
} from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import type { Asked, Changing } from '../changes/changes.js';
import { Changes, ending, note } from '../changes/changes.js';
import { ProblemError } from '../problems/problem-error.js';
import type { PageOf } from '../requests/newest-first.js';
import { newestFirst } from '../requests/newest-first.js';
import type { pageQuery } from '../requests/page.js';
import { API_CONFIG } from '../tokens.js';
import { hiddenOf } from '../visitors/hidden.js';
import type { AskCustomPlan } from './custom-plan-body.js';

export const CUSTOM_PLAN_REQUESTS = 'custom-plan-requests';

@Injectable()
export class CustomPlanDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly changes: Changes,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  /** The same key and body again find the request as it is now. */
  async ask(asked: Asked, idempotencyKey: Uint8Array, body: AskCustomPlan): Promise<CustomPlanRequest> {
    // What is kept of the body outlives the words: by it no guess at them can be confirmed.
    const kept = { ...body, model_needs: hiddenOf(this.config, 'reason', body.model_needs) };
    const once = { place: CUSTOM_PLAN_REQUESTS, idempotencyKey, body: kept };
    const { answer } = await this.changes.makeOnce(asked, once, async (changing) => {
      const made = { id: await write(changing, body) };
      return { answer: made, kept: made };
    });
    return this.find(asked.caller, answer.id);
  }

  async requests(caller: Caller, query: z.output<typeof pageQuery>): Promise<PageOf<CustomPlanRequest>> {
    return newestFirst(CUSTOM_PLAN_REQUESTS, query, async (page) =>
      this.database.asTenant(tenantOf(caller), async (tx) => readCustomPlanRequests(tx, caller.accountId, page)),
    );
  }

  async withdraw(asked: Asked, id: string): Promise<CustomPlanRequest> {
    const before = await this.find(asked.caller, id);
    if (before.state === 'withdrawn') return before;
    await this.changes.make(ending(asked), async (changing) => {
      if (!(await withdrawCustomPlanRequest(changing.tx, id))) return;
      const { state } = before;
      const line = { action: 'custom_plan.withdrawn', targetId: id, before: { state }, after: { state: 'withdrawn' } };
      await note(changing, line);
    });
    const after = await this.find(asked.caller, id);
    if (after.state !== 'withdrawn') throw requestDecided(after);
    return after;
  }

  private async find(caller: Caller, id: string): Promise<CustomPlanRequest> {
    const found = await this.database.asTenant(tenantOf(caller), async (tx) => findCustomPlanRequest(tx, id));
    if (found === null) throw noSuchRequest();
    return found;
  }
}

async function write(changing: Changing, wish: AskCustomPlan): Promise<string> {
  const { tx, caller } = changing;
  const { accountId, subject } = tenantOf(caller);
  const { monthly_credits: monthlyCredits, team_size: teamSize, budget } = wish;
  const id = newId('cpr');
  const modelNeedsRef = await keepReason(tx, accountId, { subject, text: wish.model_needs });
  const request = { id, accountId, askedBy: subject, monthlyCredits, teamSize, budget, modelNeedsRef };
  if (!(await askForCustomPlan(tx, request))) {
    throw new ProblemError('custom_plan_request_open', 'A request of this account is open. Withdraw it to ask anew.');
  }
  await note(changing, {
    action: 'custom_plan.requested',
    targetId: id,
    before: null,
    after: {
      monthly_credits: formatCredits(monthlyCredits),
      team_size: teamSize,
      budget_minor: budget.minor.toString(),
      iso_4217: budget.currency,
    },
  });
  return id;
}

export function noSuchRequest(): ProblemError {
  return new ProblemError('custom_plan_request_not_found', 'There is no such request.');
}

export function requestDecided({ state }: CustomPlanRequest): ProblemError {
  return new ProblemError('custom_plan_request_decided', 'The request does not wait for this any more.', {
    members: { state },
  });
}
