// API room. The staff answer requests for custom plans. An offer is written here, in the account's own transaction;
// that it is published, or a request declined, is the workflow's.
import type { CustomPlanInput } from '@fairmeter/contracts';
import { CUSTOM_PLAN_WORKFLOW, customPlanWorkflowId } from '@fairmeter/contracts';
import type { CustomPlanFigures } from '@fairmeter/domain';
import {
  accountMay,
  customPlanOf,
  formatCredits,
  isOpenCustomPlan,
  isSecondPerson,
  wrongWithPlans,
} from '@fairmeter/domain';
import type { ApiConfig, Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { CustomPlanRequest } from '@fairmeter/records';
import {
  findCustomPlanRequestForStaff,
  keepReason,
  listPlansFor,
  offerCustomPlan,
  readAccount,
  readCustomPlanRequestsForStaff,
  sayOnCustomPlan,
  writeAudit,
} from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { StaffCaller } from '../callers/caller.js';
import { actorOf, inNoAccount, tenantOfStaff } from '../callers/caller.js';
import { admitForOthers } from '../callers/for-others.js';
import { hashOfAsked } from '../changes/asked-hash.js';
import { AdmissionClient, AdmissionUnknown } from '../jobs/admission-client.js';
import { ProblemError, validationFailed } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { againstTwins } from '../requests/against-twins.js';
import type { PageOf } from '../requests/newest-first.js';
import { newestFirst } from '../requests/newest-first.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';
import { hiddenOf } from '../visitors/hidden.js';
import type { staffCustomPlansQuery } from './custom-plan-body.js';
import { offerCustomPlanBody } from './custom-plan-body.js';
import { CustomPlanStart } from './custom-plan-start.js';
import { CUSTOM_PLAN_REQUESTS, noSuchRequest, requestDecided } from './custom-plan-desk.js';

export interface StaffWord {
  readonly staff: StaffCaller;
  /** Of HTTP: the audit names it. */
  readonly requestId: string;
  /** Of the custom plan. */
  readonly id: string;
  readonly reason: string;
}

const OFFER_ID_CHARACTERS = 26;

@Injectable()
export class StaffCustomPlanDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly temporal: AdmissionClient,
    private readonly start: CustomPlanStart,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async requests(
    staff: StaffCaller,
    query: z.output<typeof staffCustomPlansQuery>,
  ): Promise<PageOf<CustomPlanRequest>> {
    const { state = null } = query;
    return newestFirst(CUSTOM_PLAN_REQUESTS, query, async (page) =>
      this.database.asTenant(inNoAccount(staff), async (tx) => readCustomPlanRequestsForStaff(tx, { state, ...page })),
    );
  }

  /** Published at once where one person may; else it waits. The same offer by the same person again is one. */
  async offer(word: StaffWord, figures: CustomPlanFigures): Promise<CustomPlanRequest> {
    const { staff, id, reason } = word;
    const request = await this.find(word);
    const hash = hashOfAsked({ id, figures, reason, by: staff.userId });
    const offerId = `cpo_${hiddenOf(this.config, 'reason', hash).slice(0, OFFER_ID_CHARACTERS)}`;
    if (wasPublishedBy(request, staff, offerId)) return this.started(word, request);
    if (!isOpenCustomPlan(request.state)) throw requestDecided(request);
    const said = await this.keep(word, request, {
      ...publishing(offerId),
      with: async (tx, ref) => {
        if (request.offer?.id !== offerId) await writeOffer(tx, request, { ...word, offerId, figures, ref });
      },
    });
    return this.published(word, said);
  }

  async approve(word: StaffWord, offerId: string): Promise<CustomPlanRequest> {
    const { staff } = word;
    const request = await this.find(word);
    if (wasPublishedBy(request, staff, offerId)) return this.started(word, request);
    const { offer, state } = request;
    if (state !== 'offered' || offer?.id !== offerId) throw requestDecided(request);
    if (!isSecondPerson({ id: staff.userId, role: staff.role }, offer.offeredBy.id)) {
      throw refusalProblem({ code: 'second_person_needed' }, 0);
    }
    mustBeOfferable(offer.figures);
    const said = await this.keep(word, request, {
      ...publishing(offerId),
      with: async (tx) => mustPay(tx, request.accountId),
    });
    return this.published(word, said);
  }

  async decline(word: StaffWord): Promise<CustomPlanRequest> {
    const { staff } = word;
    const request = await this.find(word);
    if (isOpenCustomPlan(request.state)) {
      await this.say(await this.keep(word, request, { verdict: 'decline', offerId: null }));
    }
    const after = await this.find(word);
    if (after.state !== 'declined' || after.decidedBy !== staff.userId) throw requestDecided(after);
    return after;
  }

  private async published(word: StaffWord, said: CustomPlanInput): Promise<CustomPlanRequest> {
    await this.say(said);
    const request = await this.find(word);
    const waits = request.state === 'offered' && request.offer?.id === said.offerId;
    if (waits) return request;
    if (!wasPublishedBy(request, word.staff, said.offerId)) throw requestDecided(request);
    return this.started(word, request);
  }

  /** Said again where its answer was lost: the subscription hears it once. */
  private async started({ staff, requestId }: StaffWord, request: CustomPlanRequest): Promise<CustomPlanRequest> {
    const { offer } = request;
    if (offer !== null) await this.start.begin({ staff, requestId, request, offer });
    return request;
  }

  private async find({ staff, id }: Pick<StaffWord, 'staff' | 'id'>): Promise<CustomPlanRequest> {
    const request = await this.database.asTenant(inNoAccount(staff), async (tx) =>
      findCustomPlanRequestForStaff(tx, id),
    );
    if (request === null) throw noSuchRequest();
    return request;
  }

  /**
   * The word and its reason, in the account's own transaction, with what else is written for it: once they are kept it
   * is done, whoever goes away meanwhile.
   */
  private async keep(
    { staff, id, requestId, reason: text }: StaffWord,
    { accountId }: CustomPlanRequest,
    { verdict, offerId, with: work }: Kept,
  ): Promise<CustomPlanInput> {
    const tenant = tenantOfStaff(staff, accountId);
    return againstTwins(async () =>
      this.database.asTenant(tenant, async (tx) => {
        await admitForOthers(tx, accountId, staff.userId);
        const reasonRef = await keepReason(tx, accountId, { subject: tenant.subject, text });
        await work?.(tx, reasonRef);
        const by = { id: staff.userId, role: staff.role };
        const said = { customPlanRequestId: id, verdict, offerId, by, reasonRef, requestId };
        await sayOnCustomPlan(tx, { ...said, accountId });
        return said;
      }),
    );
  }

  private async say(input: CustomPlanInput): Promise<void> {
    try {
      await this.temporal.resultOf(CUSTOM_PLAN_WORKFLOW, {
        workflowId: customPlanWorkflowId(input),
        input,
        deadline: this.clock.now() + this.config.admitDeadlineMs,
      });
    } catch (error) {
      if (!(error instanceof AdmissionUnknown)) throw error;
      throw new ProblemError('service_unavailable', 'No answer came in time. Ask again: it is done once.', {
        members: { part: 'workflows' },
        cause: error,
      });
    }
  }
}

interface Kept extends Pick<CustomPlanInput, 'verdict' | 'offerId'> {
  readonly with?: (tx: EntityManager, reasonRef: string) => Promise<void>;
}

function publishing(offerId: string): Pick<CustomPlanInput, 'verdict' | 'offerId'> {
  return { verdict: 'publish', offerId };
}

interface Offered extends StaffWord {
  readonly offerId: string;
  readonly figures: CustomPlanFigures;
  readonly ref: string;
}

async function writeOffer(tx: EntityManager, request: CustomPlanRequest, offered: Offered): Promise<void> {
  const { id, accountId, state, offer: before } = request;
  const { staff, offerId, figures, ref, requestId } = offered;
  await mustPay(tx, accountId);
  const wrong = wrongWithPlans([...(await listPlansFor(tx, accountId)), customPlanOf(request, figures)]);
  if (wrong !== null) throw validationFailed([{ pointer: '', message: wrong }]);
  const offeredBy = { id: staff.userId, role: staff.role };
  if (!(await offerCustomPlan(tx, id, { id: offerId, figures, offeredBy }))) throw requestDecided(request);
  await writeAudit(tx, {
    accountId,
    actor: actorOf(staff),
    action: 'custom_plan.offered',
    targetId: id,
    before: { state, offer_id: before?.id ?? null },
    after: {
      state: 'offered',
      offer_id: offerId,
      period_allowance: formatCredits(figures.periodAllowance),
      daily_allowance: formatCredits(figures.dailyAllowance),
      price_minor: figures.price?.minor.toString() ?? null,
      team_seats: figures.teamSeats,
    },
    reason: { ref },
    requestId,
  });
}

/** One that was kept before offers were looked at like this can be no version of a plan. */
function mustBeOfferable({ limits: { models, artefacts } }: CustomPlanFigures): void {
  const { shape } = offerCustomPlanBody.shape.limits;
  const { allowed, maxFiles, maxBytes } = artefacts;
  const looks = [
    shape.models.safeParse(models),
    shape.artefacts.safeParse({ allowed, max_files: maxFiles, max_bytes: maxBytes }),
  ];
  const wrong = looks.flatMap(({ error }) => error?.issues ?? []);
  if (wrong.length > 0) throw validationFailed(wrong.map(({ message }) => ({ pointer: '/offer_id', message })));
}

async function mustPay(tx: EntityManager, accountId: string): Promise<void> {
  const account = await readAccount(tx, accountId);
  if (account === null) throw new ProblemError('account_not_found', 'There is no such account.');
  const { status } = account;
  if (!accountMay(status, 'pay')) throw refusalProblem({ code: 'account_not_active', status }, 0);
}

function wasPublishedBy(request: CustomPlanRequest, { userId }: StaffCaller, offerId: string | null): boolean {
  const { state, offer, decidedBy } = request;
  return state === 'published' && offer?.id === offerId && decidedBy === userId;
}
