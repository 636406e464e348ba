// Goal: a plan has places for so many people, and no more of them draw on its credits. Method: people who sign in, are
// asked and join, also at one moment.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../harness/bot-client.js';
import { putOnPlan } from '../harness/people.js';
import { SignedIn, TestIssuer, subscriptionStands } from '../harness/signed-in.js';
import { TestStack } from '../harness/test-stack.js';

describe('the seats of a plan', () => {
  let issuer: TestIssuer;
  let stack: TestStack;
  beforeAll(async () => {
    issuer = await TestIssuer.open();
    stack = await TestStack.open({ api: { OIDC_ISSUERS: issuer.setting } });
    await stack.startApi();
    // Whoever signs in for the first time waits for the first credits.
    await stack.startWorker();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await issuer.close();
  }, 60_000);

  const addressOf = (sub: string): string => `${sub}@example.test`;
  const person = (sub: string): SignedIn =>
    new SignedIn(stack.apiUrl, issuer.token({ sub, email: addressOf(sub), email_verified: true }));
  const told = ({ status, body }: Answer): unknown[] => [status, body['code']];
  const TAKEN = [409, 'seats_taken'];

  class Team {
    private constructor(
      readonly owner: SignedIn,
      readonly accountId: string,
    ) {}

    static async open(name: string, planId: string): Promise<Team> {
      const owner = person(`owner-${name}`);
      const accountId = String((await owner.get('/v1/account')).body['account_id']);
      // Its own plan stands before it is put on another.
      await subscriptionStands(owner);
      await putOnPlan(stack, accountId, planId);
      return new Team(owner, accountId);
    }

    async ask(sub: string): Promise<Answer> {
      return this.owner.call('POST', '/v1/account/members', { email: addressOf(sub) });
    }

    async askAll(...subs: readonly string[]): Promise<readonly Answer[]> {
      const asked: Answer[] = [];
      for (const sub of subs) asked.push(await this.ask(sub));
      return asked;
    }
  }

  const accept = async (sub: string, invited: Answer | undefined): Promise<Answer> =>
    person(sub).call('POST', '/v1/invitations/accept', { token: String(invited?.body['token']) });

  it('[E24] are as many as the plan says, the owner among them', async () => {
    const alone = await Team.open('alone', 'plan_free');
    const refused = await alone.ask('a-friend');
    expect([...told(refused), refused.body['seats']]).toEqual([...TAKEN, 1]);
    const team = await Team.open('team', 'plan_premium');
    const asked = await team.askAll('one', 'two', 'three', 'four', 'five');
    expect(asked.map(({ status }) => status)).toEqual([201, 201, 201, 201, 409]);
    expect((await accept('one', asked[0])).status).toBe(200);
    expect(told(await team.ask('five'))).toEqual(TAKEN);
    // Whoever is asked again takes no other seat; whoever is asked no more gives one back, and so does who leaves.
    const again = await team.ask('two');
    expect(again.status).toBe(201);
    await team.owner.call('DELETE', `/v1/account/invitations/${String(again.body['id'])}`);
    expect((await team.ask('five')).status).toBe(201);
    const { members } = (await team.owner.get('/v1/account/members')).body as {
      members: { user_id: string; role: string }[];
    };
    const joined = members.find(({ role }) => role === 'member')?.user_id ?? '';
    await team.owner.call('DELETE', `/v1/account/members/${joined}`);
    expect((await team.ask('six')).status).toBe(201);
  });

  it('[E24] are not taken twice by two who are asked at one moment', async () => {
    const team = await Team.open('race', 'plan_premium');
    await team.askAll('r-one', 'r-two', 'r-three');
    const both = await Promise.all(['r-four', 'r-five'].map(async (sub) => team.ask(sub)));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  it('[E24] of a smaller plan put nobody out and let nobody more in, also of two who come at one moment', async () => {
    const team = await Team.open('shrunk', 'plan_business');
    const subs = ['s-one', 's-two', 's-three', 's-four', 's-five'];
    const asked = await team.askAll(...subs);
    for (const place of [0, 1, 2]) expect((await accept(String(subs[place]), asked[place])).status).toBe(200);
    await putOnPlan(stack, team.accountId, 'plan_premium');
    const both = await Promise.all([3, 4].map(async (place) => accept(String(subs[place]), asked[place])));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    await putOnPlan(stack, team.accountId, 'plan_free');
    const inside = (await team.owner.get('/v1/account/members')).body['members'];
    expect(inside).toHaveLength(5);
    expect((await person('s-one').inAccount(team.accountId).get('/v1/account/credits')).status).toBe(200);
  });
});
