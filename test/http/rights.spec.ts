// Goal: whoever asks may do what the table of rights says, and nothing else; what is somebody else's is not there.
// Method: every operation of the documents, asked by somebody of every role, in the own account and in another one.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLES, type Role } from '../../apps/api/src/callers/caller.js';
import type { OperationId } from '../../apps/api/src/callers/rights.js';
import { RIGHTS, rightOf } from '../../apps/api/src/callers/rights.js';
import { EveryRole, type Someone } from '../harness/every-role.js';
import { threeSteps } from '../harness/scripts.js';
import { TestIssuer } from '../harness/signed-in.js';
import { TestStack } from '../harness/test-stack.js';
import { VISITOR_ENV } from '../harness/visitors.js';

interface Route {
  readonly operation: OperationId;
  readonly method: string;
  readonly path: string;
}

interface Heard {
  readonly status: number;
  readonly code: string | undefined;
}

const OPERATIONS = Object.keys(RIGHTS) as OperationId[];
/** They end whoever asks for them: shown where accounts and visitors end. */
const LAST_WORDS: ReadonlySet<OperationId> = new Set(['closeAccount', 'deleteMe']);
/** A member removes nobody but that member, whoever else is named. */
const OF_ONESELF = (operation: OperationId, role: Role): boolean => operation === 'removeMember' && role === 'member';

let stack: TestStack;
let issuer: TestIssuer;
let own: EveryRole;
let other: EveryRole;
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
  const document = (await (await fetch(`${stack.apiUrl}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
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
    ...(['GET', 'DELETE'].includes(method) ? {} : { body: '{}' }),
    signal: leaving.signal,
  });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
  const text = isStream ? '' : await response.text();
  leaving.abort();
  const isProblem = response.headers.get('content-type')?.includes('problem') ?? false;
  return { status: response.status, code: isProblem ? (JSON.parse(text) as { code: string }).code : undefined };
}

describe('the table of rights', () => {
  it('names every operation that the documents show behind the door, and none besides', () => {
    const open = ['live', 'ready', 'getPublicBot', 'beginSignIn', 'endSignIn', 'signOut', 'getMe', 'acceptInvitation'];
    expect(OPERATIONS.filter((operation) => !routes.has(operation))).toEqual([]);
    const outside = [...routes.keys()].filter((operation) => !(operation in RIGHTS));
    expect(outside.filter((operation) => !open.includes(operation))).toEqual([]);
  });

  const cells = OPERATIONS.flatMap((operation) => ROLES.map((role): [OperationId, Role] => [operation, role]));
  const closed = cells.filter(([operation, role]) => !rightOf(operation).roles.includes(role));
  const open = cells.filter(([operation, role]) => rightOf(operation).roles.includes(role));

  it(`is shut in its ${closed.length} empty cells`, async () => {
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
        user_id: 'usr_nobody',
        visitor_id: 'vis_none',
        key_id: 'key_none',
      });
      expect([operation, role, heard.code]).not.toEqual([operation, role, 'forbidden']);
      expect([operation, role, heard.status]).not.toEqual([operation, role, 401]);
      expect([operation, role, heard.status < 500]).toEqual([operation, role, true]);
    }
  }, 60_000);

  it('leads nobody to what is another account\u2019s, of whatever kind', async () => {
    const { things } = other;
    for (const [operation, role] of open) {
      const { method, path } = routeOf(operation);
      if (!/\{(bot|job|key|visitor|purchase|campaign|transfer|pack|user)_id\}/.test(path)) continue;
      const heard = await ask(operation, own.people[role], things);
      // What sends something along is told of its form first, which says nothing of what is there.
      const told = OF_ONESELF(operation, role)
        ? [403]
        : method === 'GET' || method === 'DELETE'
          ? [404]
          : [404, 422, 400];
      expect([operation, role, heard.status, told.includes(heard.status)]).toEqual([
        operation,
        role,
        heard.status,
        true,
      ]);
    }
  }, 60_000);
});
