// Goal: an owner asks for a plan, the staff agree to it or decline, and what is agreed is that account's alone, in
// figures that never change. Method: the running stack with an owner and staff who are signed in.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CUSTOM_PLAN_WORKFLOW, customPlanWorkflowId } from '@fairmeter/contracts';
import { newId } from '@fairmeter/platform/database';
import { hashOfAsked } from '../../apps/api/src/changes/asked-hash.js';
import { askCustomPlanBody } from '../../apps/api/src/custom-plans/custom-plan-body.js';
import type { Answer } from '../harness/bot-client.js';
import { answer, LARGE_OFFER, OFFER, PlanSeeker, WISH } from '../harness/custom-planning.js';
import { keepStory } from '../harness/kept-stories.js';
import { TestIssuer } from '../harness/signed-in.js';
import { StaffClient } from '../harness/staff.js';
import { TestStack } from '../harness/test-stack.js';

let issuer: TestIssuer;
let stack: TestStack;
let support: StaffClient;
let admin: StaffClient;
let otherAdmin: StaffClient;

beforeAll(async () => {
  issuer = await TestIssuer.open();
  stack = await TestStack.open({ api: { OIDC_ISSUERS: issuer.setting } });
  await stack.startWorker();
  await stack.startApi();
  support = StaffClient.of(stack, issuer, 'support');
  admin = StaffClient.of(stack, issuer, 'admin');
  otherAdmin = StaffClient.of(stack, issuer, 'admin');
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await issuer.close();
}, 60_000);

const told = ({ status, body }: Answer): unknown[] => [status, body['code']];
const DECIDED = [409, 'custom_plan_request_decided'];

describe('a request for a custom plan', () => {
  it('[E23] names each detail that is missing; the team\u2019s size may be', async () => {
    const seeker = await PlanSeeker.open(stack, issuer);
    const nothing = await seeker.ask({});
    expect(told(nothing)).toEqual([422, 'validation_failed']);
    const missing = (nothing.body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer);
    expect(missing.sort()).toEqual(['/budget', '/model_needs', '/monthly_credits']);
    const { budget, monthly_credits: monthlyCredits, model_needs: modelNeeds } = WISH;
    const noCurrency = await seeker.ask({ ...WISH, budget: { amount_minor: '100' } });
    expect(noCurrency.body['errors']).toMatchObject([{ pointer: '/budget/iso_4217' }]);
    const alone = await seeker.ask({ monthly_credits: monthlyCredits, model_needs: modelNeeds, budget });
    expect([alone.status, alone.body]).toMatchObject([201, { team_size: null, state: 'requested', plan_id: null }]);
  });

  it('[E23] is one however often it is sent, one at a time, and its owner\u2019s to see and take back', async () => {
    const seeker = await PlanSeeker.open(stack, issuer);
    const both = await Promise.all([seeker.ask(WISH, 'once'), seeker.ask(WISH, 'once')]);
    const id = String(both[0].body['id']);
    expect(both.map(({ status, body }) => [status, body['id']])).toEqual([
      [201, id],
      [201, id],
    ]);
    expect(told(await seeker.ask({ ...WISH, team_size: 3 }, 'once'))).toEqual([409, 'idempotency_mismatch']);
    expect(told(await seeker.ask())).toEqual([409, 'custom_plan_request_open']);
    const other = await PlanSeeker.open(stack, issuer);
    expect(await other.list('/v1/account/custom-plan-requests')).toEqual([]);
    const path = `/v1/account/custom-plan-requests/${id}/withdraw`;
    expect(told(await other.owner.call('POST', path))).toEqual([404, 'custom_plan_request_not_found']);
    expect((await seeker.owner.call('POST', path)).body).toMatchObject({ id, state: 'withdrawn' });
    expect((await seeker.owner.call('POST', path)).body).toMatchObject({ id, state: 'withdrawn' });
    expect(told(await answer(admin, `${id}/offer`, OFFER))).toEqual(DECIDED);
    expect(told(await answer(admin, `${id}/decline`, { reason: 'Late' }))).toEqual(DECIDED);
    const anew = await seeker.ask();
    expect(anew.status).toBe(201);
    const mine = await seeker.list('/v1/account/custom-plan-requests');
    expect(mine).toMatchObject([
      { id: anew.body['id'], state: 'requested', model_needs: WISH.model_needs, monthly_credits: '900.000000' },
      { id, state: 'withdrawn', budget: WISH.budget },
    ]);
  });

  it('leaves nothing beside its words by which a guess at them could be confirmed', async () => {
    const seeker = await PlanSeeker.open(stack, issuer);
    expect((await seeker.ask(WISH, 'once')).status).toBe(201);
    const others = await seeker.ask({ ...WISH, model_needs: 'Other words' }, 'once');
    expect(told(others)).toEqual([409, 'idempotency_mismatch']);
    const kept = 'SELECT body_hash FROM records.replies WHERE account_id = $1';
    const hashes = await stack.entities.manager.query<unknown[]>(kept, [seeker.accountId]);
    expect(hashes).toHaveLength(1);
    expect(hashes).not.toContainEqual({ body_hash: hashOfAsked(askCustomPlanBody.parse(WISH)) });
  });

  it('[E22] becomes a plan that its account alone sees, in the figures that were agreed', async () => {
    const [seeker, other] = [await PlanSeeker.open(stack, issuer), await PlanSeeker.open(stack, issuer)];
    const id = await seeker.request();
    expect((await support.call('GET', '/v1/staff/custom-plan-requests?state=requested')).body).toMatchObject({
      data: expect.arrayContaining([
        expect.objectContaining({ id, account_id: seeker.accountId, model_needs: WISH.model_needs, offer: null }),
      ]),
    });
    expect(told(await answer(support, `${id}/offer`, OFFER))).toEqual([403, 'forbidden']);
    const published = await answer(admin, `${id}/offer`, OFFER);
    expect([published.status, published.body]).toMatchObject([200, { state: 'published', plan_id: `plan_${id}` }]);
    expect((await answer(admin, `${id}/offer`, OFFER)).body).toEqual(published.body);
    expect(told(await answer(otherAdmin, `${id}/offer`, OFFER))).toEqual(DECIDED);
    const own = (await seeker.list('/v1/plans?scope=account')).find((plan) => plan['id'] === `plan_${id}`);
    expect(own).toMatchObject({
      name: 'custom',
      version: 1,
      credits: { per_period: '600.000000', period: 'P1M', per_day: '10.000000' },
      billing: { period: 'P1M', price: { amount_minor: '39900', iso_4217: 'eur' } },
      team_seats: 12,
      limits: { max_iterations: 300, max_concurrent_jobs: 30, models: { tiers: ['standard', 'premium'], names: [] } },
    });
    const strangers = [
      await other.planIds(),
      ((await (await fetch(`${stack.apiUrl}/v1/plans`)).json()) as { data: { id: string }[] }).data.map(
        (plan) => plan.id,
      ),
    ];
    for (const seen of strangers) {
      expect(seen).toContain('plan_free');
      expect(seen).not.toContain(`plan_${id}`);
      expect(seen).not.toContain('plan_custom');
    }
    await expect(
      stack.entities.manager.query('UPDATE records.plans SET period_allowance = 1 WHERE id = $1', [`plan_${id}`]),
    ).rejects.toThrow('published');
    expect((await seeker.list('/v1/account/custom-plan-requests'))[0]).toMatchObject({
      state: 'published',
      plan_id: `plan_${id}`,
      decision: OFFER.reason,
    });
  });

  it('[E22] takes effect at once where nothing is paid yet, else with the renewal of what is', async () => {
    const free = await PlanSeeker.open(stack, issuer);
    const id = await free.request();
    for (const _ of [1, 2]) await answer(admin, `${id}/offer`, OFFER);
    const { body: begun } = await free.owner.get('/v1/account/subscription');
    expect(begun).toMatchObject({
      state: 'active',
      plan: { id: `plan_${id}` },
      scheduled: null,
      next_renewal: { credits: '600.000000', price: { amount_minor: '39900', iso_4217: 'eur' } },
    });
    const { body: credits } = await free.owner.get('/v1/account/credits');
    expect(credits).toMatchObject({ subscription: { available: '600.000000' }, daily: { available: '10.000000' } });
    const paying = await PlanSeeker.open(stack, issuer);
    const standard = { plan_id: 'plan_standard' };
    const preview = await paying.owner.call('POST', '/v1/account/subscription/preview', standard);
    const change = { ...standard, previewed_period: preview.body['period_start'] };
    expect((await paying.owner.once('/v1/account/subscription/change', { body: change })).status).toBe(200);
    const second = await paying.request();
    await answer(admin, `${second}/offer`, OFFER);
    expect((await paying.owner.get('/v1/account/subscription')).body).toMatchObject({
      plan: { id: 'plan_standard' },
      scheduled: { to: 'plan', plan_id: `plan_${second}` },
      next_renewal: { plan: { id: `plan_${second}` }, credits: '600.000000' },
    });
    const changes = await free.list('/v1/audit?action=subscription.plan_changed');
    expect(changes).toMatchObject([{ actor: { role: 'admin', id: await admin.userId() } }]);
  });

  it('[E22] of many credits waits for another admin, who approves the offer that was looked at', async () => {
    const seeker = await PlanSeeker.open(stack, issuer);
    const id = await seeker.request();
    const first = await answer(admin, `${id}/offer`, LARGE_OFFER);
    expect([first.status, first.body]).toMatchObject([200, { state: 'offered', plan_id: null }]);
    const offerOf = ({ body }: Answer): string => String((body['offer'] as { id: string }).id);
    const approve = async (by: StaffClient, of: Answer): Promise<Answer> =>
      answer(by, `${id}/approve`, { offer_id: offerOf(of), reason: 'Looked at it' });
    expect(told(await approve(admin, first))).toEqual([403, 'second_person_needed']);
    expect(await seeker.planIds()).not.toContain(`plan_${id}`);
    const second = await answer(admin, `${id}/offer`, { ...LARGE_OFFER, team_seats: 20 });
    expect(told(await approve(otherAdmin, first))).toEqual(DECIDED);
    const approved = await approve(otherAdmin, second);
    expect(approved.body).toMatchObject({
      state: 'published',
      decided_by: await otherAdmin.userId(),
      offer: { offered_by: { id: await admin.userId(), role: 'admin' }, plan: { team_seats: 20 } },
    });
    expect((await approve(otherAdmin, second)).body).toEqual(approved.body);
    const by = { id: await otherAdmin.userId(), role: 'admin' } as const;
    const said = { customPlanRequestId: id, verdict: 'publish', offerId: offerOf(second), by } as const;
    await keepStory(stack, 'published', { workflow: CUSTOM_PLAN_WORKFLOW, workflowId: customPlanWorkflowId(said) });
    expect(await seeker.planIds()).toContain(`plan_${id}`);
  });

  it('[E22] is not approved with figures that no plan may have, as offers of before could', async () => {
    const seeker = await PlanSeeker.open(stack, issuer);
    const id = await seeker.request();
    const { body } = await answer(admin, `${id}/offer`, LARGE_OFFER);
    const approval = { offer_id: (body['offer'] as { id: string }).id, reason: 'Looked at it' };
    const wrong = [
      { models: { tiers: [], names: [] } },
      { models: { tiers: ['standard'], names: [] }, artefacts: { allowed: true, maxFiles: 0, maxBytes: 0 } },
    ];
    for (const limits of wrong) {
      await stack.entities.manager.query(
        `UPDATE records.custom_plan_requests
         SET offer = jsonb_set(offer, '{limits}', (offer -> 'limits') || $2::jsonb) WHERE id = $1`,
        [id, JSON.stringify(limits)],
      );
      expect(told(await answer(otherAdmin, `${id}/approve`, approval))).toEqual([422, 'validation_failed']);
    }
  });

  it('[E22] counts every day of the period: 990 credits a month and one a day wait as well', async () => {
    const seeker = await PlanSeeker.open(stack, issuer);
    const credits = { per_period: '990', period: 'P1M', per_day: '1' };
    const offered = await answer(admin, `${await seeker.request()}/offer`, { ...OFFER, credits });
    expect(offered.body['state']).toBe('offered');
  });

  it('decided by two at one moment is decided once', async () => {
    const seeker = await PlanSeeker.open(stack, issuer);
    const id = await seeker.request();
    const offered = await answer(admin, `${id}/offer`, LARGE_OFFER);
    const offerId = (offered.body['offer'] as { id: string }).id;
    const all = await Promise.all([
      answer(otherAdmin, `${id}/approve`, { offer_id: offerId, reason: 'Yes' }),
      answer(admin, `${id}/decline`, { reason: 'No' }),
      seeker.owner.call('POST', `/v1/account/custom-plan-requests/${id}/withdraw`),
    ]);
    expect(all.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    const [mine] = await seeker.list('/v1/account/custom-plan-requests');
    expect((await seeker.planIds()).includes(`plan_${id}`)).toBe(mine?.['state'] === 'published');
  });

  it('[F26] that is declined says why, to its owner too; every word of it stands in the audit', async () => {
    const seeker = await PlanSeeker.open(stack, issuer);
    const id = await seeker.request();
    await answer(admin, `${id}/offer`, LARGE_OFFER);
    const declined = await answer(otherAdmin, `${id}/decline`, { reason: 'The business plan fits' });
    expect(declined.body).toMatchObject({ state: 'declined', decision: 'The business plan fits' });
    expect((await answer(otherAdmin, `${id}/decline`, { reason: 'Again' })).body).toEqual(declined.body);
    expect((await seeker.list('/v1/account/custom-plan-requests'))[0]).toMatchObject({
      state: 'declined',
      decision: 'The business plan fits',
    });
    expect(await seeker.list(`/v1/audit?target_id=${id}`)).toMatchObject([
      {
        action: 'custom_plan.declined',
        actor: { role: 'admin', id: await otherAdmin.userId() },
        reason: 'The business plan fits',
        before: { state: 'offered' },
        after: { state: 'declined' },
      },
      {
        action: 'custom_plan.offered',
        actor: { role: 'admin', id: await admin.userId() },
        reason: OFFER.reason,
        before: { state: 'requested', offer_id: null },
        after: { state: 'offered', period_allowance: '5000.000000', team_seats: 12 },
      },
      { action: 'custom_plan.requested', actor: { role: 'owner' }, before: null, after: { team_size: 12 } },
    ]);
  });

  it('is offered nothing that nobody could reckon with, and nothing to staff\u2019s own account', async () => {
    const seeker = await PlanSeeker.open(stack, issuer);
    const id = await seeker.request();
    const bad = [
      { ...OFFER, billing: { period: 'P1M', price: { amount_minor: '100', iso_4217: 'usd' } } },
      { ...OFFER, credits: { ...OFFER.credits, period: 'P1Y' } },
      { ...OFFER, team_seats: 0 },
      { ...OFFER, limits: { ...OFFER.limits, models: { tiers: [] } } },
      { ...OFFER, limits: { ...OFFER.limits, artefacts: { allowed: true, max_files: 0, max_bytes: 0 } } },
      { ...OFFER, credits: { per_period: '0', period: 'P1M' } },
    ];
    for (const offer of bad) {
      expect(told(await answer(admin, `${id}/offer`, offer))).toEqual([422, 'validation_failed']);
    }
    await stack.entities.manager.query(
      `INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, 'member')`,
      [seeker.accountId, await otherAdmin.userId()],
    );
    expect(told(await answer(otherAdmin, `${id}/offer`, OFFER))).toEqual([403, 'forbidden']);
    expect(told(await answer(admin, `${newId('cpr')}/offer`, OFFER))).toEqual([404, 'custom_plan_request_not_found']);
  });
});
