// Goal: whoever asks may do what the table of rights says, and nothing else; what is somebody else's is not there.
// Method: every operation of the documents, asked by somebody of every role, in the own account and in another one; by
// members also of own jobs and of those that others of their account asked for.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
import { ROLES, type Role } from '../../apps/api/src/callers/caller.js';
import type { OperationId } from '../../apps/api/src/callers/rights.js';
import { RIGHTS, rightOf } from '../../apps/api/src/callers/rights.js';
import { EveryRole, type Someone } from '../harness/every-role.js';
import { threeSteps } from '../harness/scripts.js';
import { TestIssuer } from '../harness/signed-in.js';
import { TestStack } from '../harness/test-stack.js';
import type { Documents } from '../harness/valid-bodies.js';
import { ValidBodies } from '../harness/valid-bodies.js';
import { VISITOR_ENV } from '../harness/visitors.js';

interface Route {
  readonly operation: OperationId;
  readonly method: string;
  readonly path: string;
}

interface Heard {
  readonly status: number;
  readonly code: string | undefined;
  /** Of a stream nothing. */
  readonly text: string;
}

const OPERATIONS = Object.keys(RIGHTS) as OperationId[];
/** They end whoever asks for them: shown where accounts and visitors end. */
const LAST_WORDS: ReadonlySet<OperationId> = new Set(['closeAccount', 'deleteMe']);
/** With the bot that visitors are at, their tokens would end. */
const botFor = (operation: OperationId, things: EveryRole['things']): string =>
  things[operation === 'archiveBot' ? 'spare_bot_id' : 'bot_id'] ?? '';
/** A member removes nobody but that member, whoever else is named. */
const OF_ONESELF = (operation: OperationId, role: Role): boolean => operation === 'removeMember' && role === 'member';

let stack: TestStack;
let issuer: TestIssuer;
let own: EveryRole;
let other: EveryRole;
let bodies: ValidBodies;
const routes = new Map<string, Route>();

beforeAll(async () => {
  issuer = await TestIssuer.open();
  stack = await TestStack.open({
    models: threeSteps().port,
    api: {
      ...VISITOR_ENV,
      OIDC_ISSUERS: issuer.setting,
      VISITOR_JOBS_PER_MINUTE: '1000',
      ADDRESS_JOBS_PER_MINUTE: '1000',
    },
  });
  await stack.startWorker();
  await stack.startApi();
  own = await EveryRole.open(stack, issuer);
  other = await EveryRole.open(stack, issuer);
  const document = (await (await fetch(`${stack.apiUrl}/openapi.json`)).json()) as Documents;
  bodies = new ValidBodies(document);
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { operationId }] of Object.entries(methods)) {
      routes.set(operationId, { operation: operationId as OperationId, method: method.toUpperCase(), path });
    }
  }
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await issuer.close();
}, 60_000);

function routeOf(operation: OperationId): Route {
  const route = routes.get(operation);
  if (route === undefined) throw new Error(`no route does ${operation}`);
  return route;
}

/** Nothing is sent along: what gets past the door is told what it lacks, and changes nothing. */
async function ask(operation: OperationId, by: Someone, things: EveryRole['things']): Promise<Heard> {
  return send(operation, by, { things, body: {} });
}

/** With a body of the form that it takes: what is told is not of the form. */
async function askInForm(operation: OperationId, by: Someone, things: EveryRole['things']): Promise<Heard> {
  return send(operation, by, { things, body: bodies.of(operation) ?? {} });
}

interface Sent {
  readonly things: EveryRole['things'];
  readonly body: unknown;
}

async function send(operation: OperationId, by: Someone, { things, body }: Sent): Promise<Heard> {
  const { method, path } = routeOf(operation);
  const place = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => things[name] ?? 'nothing');
  const leaving = new AbortController();
  const response = await fetch(`${stack.apiUrl}${place}`, {
    method,
    headers: {
      authorization: `Bearer ${by.token}`,
      'idempotency-key': `${operation}/${place}`,
      ...(by.account === undefined ? {} : { 'fairmeter-account': by.account }),
      ...(['GET', 'DELETE'].includes(method) ? {} : { 'content-type': 'application/json' }),
    },
    ...(['GET', 'DELETE'].includes(method) ? {} : { body: JSON.stringify(body) }),
    signal: leaving.signal,
  });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const text = isStream ? '' : await response.text();
  leaving.abort();
  const isProblem = response.headers.get('content-type')?.includes('problem') ?? false;
  return { status: response.status, code: isProblem ? (JSON.parse(text) as { code: string }).code : undefined, text };
}

describe('the table of rights', () => {
  it('names every operation that the documents show behind the door, and none besides', () => {
    const signedIn = ['signOut', 'getMe', 'forgetMe', 'acceptInvitation'];
    const open = [
      ...['live', 'ready', 'getPublicBot', 'listEarningRules', 'listPlans', 'beginSignIn', 'endSignIn'],
      ...signedIn,
    ];
    expect(OPERATIONS.filter((operation) => !routes.has(operation))).toEqual([]);
    const outside = [...routes.keys()].filter((operation) => !(operation in RIGHTS));
    expect(outside.filter((operation) => !open.includes(operation))).toEqual([]);
  });

  const cells = OPERATIONS.flatMap((operation) => ROLES.map((role): [OperationId, Role] => [operation, role]));
  const closed = cells.filter(([operation, role]) => !rightOf(operation).roles.includes(role));
  const open = cells.filter(([operation, role]) => rightOf(operation).roles.includes(role));

  it(`[A16] is shut in its ${closed.length} empty cells`, async () => {
    for (const [operation, role] of closed) {
      const heard = await ask(operation, own.people[role], own.things);
      expect([operation, role, heard.status, heard.code]).toEqual([operation, role, 403, 'forbidden']);
    }
  }, 60_000);

  it(`is open in its ${open.length} others, to keys with the scope alone`, async () => {
    for (const [operation, role] of open) {
      if (LAST_WORDS.has(operation) || OF_ONESELF(operation, role)) continue;
      if (role === 'account_key' && rightOf(operation).scope !== undefined) {
        const powerless = await ask(operation, own.powerless, own.things);
        expect([operation, powerless.status, powerless.code]).toEqual([operation, 403, 'forbidden']);
      }
      const heard = await ask(operation, own.people[role], {
        ...own.things,
        bot_id: botFor(operation, own.things),
        user_id: 'usr_nobody',
        visitor_id: 'vis_none',
        key_id: 'key_none',
      });
      expect([operation, role, heard.code]).not.toEqual([operation, role, 'forbidden']);
      expect([operation, role, heard.status]).not.toEqual([operation, role, 401]);
      expect([operation, role, heard.status < 500]).toEqual([operation, role, true]);
    }
  }, 60_000);

  /** Staff may look into every account: what they name is of another one than they say, or was never there. */
  const foreignTo = (role: Role, path: string): EveryRole['things'] => {
    const { things } = other;
    if (role !== 'support' && role !== 'admin') return things;
    const isInAccount = path.includes('{purchase_id}') || path.includes('{thread_id}');
    return {
      ...things,
      account_id: isInAccount ? own.accountId : newId('acc'),
      review_id: newId('rvw'),
      custom_plan_request_id: newId('cpr'),
    };
  };

  it('leads nobody to what is another account\u2019s, of whatever kind', async () => {
    const named = new Set<string>();
    const reached: unknown[] = [];
    for (const [operation, role] of open) {
      const { path } = routeOf(operation);
      const names = [...path.matchAll(/\{(\w+_id)\}/g)].map(([, name = '']) => name);
      if (names.length === 0) continue;
      for (const name of names) named.add(name);
      const heard = await askInForm(operation, own.people[role], foreignTo(role, path));
      if (heard.status !== (OF_ONESELF(operation, role) ? 403 : 404))
        reached.push([operation, role, heard.status, heard.text]);
    }
    expect(reached).toEqual([]);
    const known = Object.keys(other.things);
    // Cards of prices are everybody's.
    expect([...named].filter((name) => !known.includes(name))).toEqual(['rate_card_id']);
  }, 60_000);
});

describe('a member', () => {
  const open = OPERATIONS.filter((operation) => rightOf(operation).roles.includes('member'));
  const isOfAJob = (operation: OperationId): boolean => routeOf(operation).path.includes('{job_id}');
  /** Jobs of the same account: of an owner, of a visitor, of a key, and of a test key. */
  const foreign = (): string[] => [own.jobs.owner, own.jobs.visitor, own.things['job_id'] ?? '', own.testing.jobId];

  it('[E24] sees and steers own jobs; whoever else of the account asked for one, it is not there', async () => {
    const { member } = own.people;
    const ofJobs = open.filter(isOfAJob);
    expect(ofJobs.length).toBeGreaterThan(10);
    for (const operation of ofJobs) {
      const heard = await ask(operation, member, { ...own.things, job_id: own.jobs.member });
      expect([operation, heard.status === 403 || heard.code === 'job_not_found']).toEqual([operation, false]);
      const asksFirst = !['GET', 'DELETE'].includes(routeOf(operation).method) && heard.status === 422;
      for (const jobId of foreign()) {
        const { status, code } = await ask(operation, member, { ...own.things, job_id: jobId });
        // What sends something along is told of its form first, which says nothing of what is there.
        const told = asksFirst ? [422, 'validation_failed'] : [404, 'job_not_found'];
        expect([operation, jobId, status, code]).toEqual([operation, jobId, ...told]);
      }
    }
  }, 60_000);

  it('[E24] is told of own jobs alone wherever many are told of', async () => {
    const lists = open.filter((operation) => routeOf(operation).method === 'GET' && !isOfAJob(operation));
    expect(lists).toEqual(expect.arrayContaining(['listJobs', 'listEntries', 'getUsage', 'getLimits']));
    for (const operation of lists) {
      const { text } = await ask(operation, own.people.member, own.things);
      expect([operation, foreign().filter((jobId) => text.includes(jobId))]).toEqual([operation, []]);
    }
    for (const operation of ['listJobs', 'listEntries'] as const) {
      const { text: members } = await ask(operation, own.people.member, own.things);
      const { text: owners } = await ask(operation, own.people.owner, own.things);
      expect([operation, members.includes(own.jobs.member)]).toEqual([operation, true]);
      const live = foreign().filter((jobId) => jobId !== own.testing.jobId);
      expect([operation, live.filter((jobId) => !owners.includes(jobId))]).toEqual([operation, []]);
    }
  }, 60_000);

  it('[E24] is told what own jobs used, whichever way it is counted', async () => {
    type Usage = { total: { jobs: number; charged: string }; data: { jobs: number }[] };
    const usage = async (by: Someone, query: string): Promise<Usage> => {
      const headers = { authorization: `Bearer ${by.token}`, 'fairmeter-account': by.account ?? '' };
      const answer = await fetch(`${stack.apiUrl}/v1/account/usage${query}`, { headers });
      expect([query, answer.status]).toEqual([query, 200]);
      return (await answer.json()) as Usage;
    };
    const { member, owner } = own.people;
    for (const grouping of ['bot', 'type', 'kind', 'model', 'thread', 'day', 'funding', 'campaign', 'artefact']) {
      const { total, data } = await usage(member, `?group_by=${grouping}`);
      expect([grouping, total]).toMatchObject([grouping, { jobs: 1, charged: '1.800000' }]);
      expect([grouping, data.every(({ jobs }) => jobs === 1)]).toEqual([grouping, true]);
    }
    expect((await usage(owner, '')).total).toMatchObject({ jobs: 4 });
    expect((await usage(member, '?environment=test')).total.jobs).toBe(0);
  }, 60_000);
});

describe('a key of the test environment', () => {
  const ROLES_OF_KEYS = ['bot_key', 'account_key'] as const;
  /** Beside what needs `manage`, which no test key has: what there is live alone. */
  const LIVE_ALONE: readonly OperationId[] = ['giveVisitorToken', 'listCampaigns', 'listGrants'];
  const cells = OPERATIONS.flatMap((operation) => ROLES_OF_KEYS.map((role) => [operation, role] as const));
  const isShut = (operation: OperationId, role: Role): boolean => {
    const { roles, scope } = rightOf(operation);
    return !roles.includes(role) || scope === 'manage' || LIVE_ALONE.includes(operation);
  };

  it('sets nothing up, buys nothing and lets no visitor in, and may do everything else', async () => {
    for (const [operation, role] of cells) {
      const things = { ...own.things, job_id: own.testing.jobId };
      const heard = await ask(operation, own.testing[role], things);
      const told = [operation, role, heard.status, heard.code];
      if (isShut(operation, role)) expect(told).toEqual([operation, role, 403, 'forbidden']);
      else expect([...told, heard.status < 500 && heard.code !== 'forbidden']).toEqual([...told, true]);
    }
  }, 60_000);

  it('finds no job of the live one, nor does a live key find a job of it', async () => {
    for (const [operation, role] of cells) {
      const { method, path } = routeOf(operation);
      if (isShut(operation, role) || !path.includes('{job_id}')) continue;
      const strangers = [
        [own.testing[role], own.things],
        [own.people[role], { ...own.things, job_id: own.testing.jobId }],
      ] as const;
      for (const [by, things] of strangers) {
        const { status } = await ask(operation, by, things);
        const told = method === 'GET' ? [404] : [404, 422, 400];
        expect([operation, role, status, told.includes(status)]).toEqual([operation, role, status, true]);
      }
    }
  }, 60_000);

  it('is overseen by the owners of its account, who see both environments, each where they name it', async () => {
    const { token, account = '' } = own.people.owner;
    const get = async (path: string): Promise<Record<string, unknown>> => {
      const headers = { authorization: `Bearer ${token}`, 'fairmeter-account': account };
      return (await (await fetch(`${stack.apiUrl}${path}`, { headers })).json()) as Record<string, unknown>;
    };
    const listed = async (query: string): Promise<unknown[]> =>
      ((await get(`/v1/jobs${query}`))['data'] as { id: string }[]).map(({ id }) => id);
    expect([await listed('?environment=test'), (await listed('')).includes(own.testing.jobId)]).toEqual([
      [own.testing.jobId],
      false,
    ]);
    expect(await get(`/v1/jobs/${own.testing.jobId}`)).toMatchObject({ environment: 'test' });
  });
});
