// Test harness. Visitors of a bot: the key their tokens are signed with, tokens as an owner's backend gets them, and
// what a visitor can ask with one.
import { decodeJwt, SignJWT } from 'jose';
import type { JWTPayload } from 'jose';
import type { PlanVersion } from '@fairmeter/domain';
import { endUserScope, instant, subjectId } from '@fairmeter/domain';
import { publishPlan } from '@fairmeter/records';
import type { Answer } from './bot-client.js';
import { BotClient } from './bot-client.js';
import type { TestBot } from './people.js';
import { amount } from './people.js';
import type { TestStack } from './test-stack.js';

export const TOKEN_KEY = Buffer.alloc(32, 7);
/** What an API needs so that visitors can come. */
export const VISITOR_ENV = {
  VISITOR_TOKEN_KEYS: `test:${TOKEN_KEY.toString('base64url')}`,
} as const;

/** Asks as whoever holds the credential. */
export function holding(stack: TestStack, bot: TestBot, credential: string): BotClient {
  return new BotClient(stack, { ...bot, key: credential });
}

export async function mint(
  stack: TestStack,
  bot: TestBot,
  wish: { readonly ref: string; readonly ttl?: number; readonly key?: string },
): Promise<Answer> {
  return holding(stack, bot, wish.key ?? bot.key).post(`/v1/bots/${bot.botId}/visitor-tokens`, {
    external_ref: wish.ref,
    ...(wish.ttl === undefined ? {} : { ttl_seconds: wish.ttl }),
  });
}

export interface Visitor {
  readonly id: string;
  /** The owner's name for them. */
  readonly ref: string;
  readonly token: string;
  readonly client: BotClient;
}

export async function visit(stack: TestStack, bot: TestBot, ref: string): Promise<Visitor> {
  const { status, body } = await mint(stack, bot, { ref });
  if (status !== 201) throw new Error(`no token: ${JSON.stringify(body)}`);
  const token = String(body['token']);
  return { id: String(body['visitor_id']), ref, token, client: holding(stack, bot, token) };
}

const PERIOD_MS = 30 * 86_400_000;

/** Somebody with units of their own at the bot, on a plan of those figures: no workflow renews it. */
export async function visitOnPlan(
  stack: TestStack,
  bot: TestBot,
  { ref, plan }: { readonly ref: string; readonly plan: PlanVersion },
): Promise<Visitor> {
  const visitor = await visit(stack, bot, ref);
  const { accountId, botId } = bot;
  const scopeId = endUserScope(botId, visitor.id);
  await stack.grants.grant({ scopeId, accountId }, instant(0), {
    kind: 'eu_allowance',
    amount: amount('100'),
    validFrom: instant(0),
    expiresAt: instant(Date.now() + PERIOD_MS),
    sourceRef: 'period',
  });
  const { manager } = stack.entities;
  await publishPlan(manager, plan);
  await manager.query(
    `INSERT INTO records.subscriptions (subject_id, account_id, bot_id, visitor_id, written, state, plan_id,
       plan_version, period_start, period_end, steps)
     VALUES ($1, $2, $3, $4, '{}', 'active', $5, $6, now(), now() + interval '30 days', 1)`,
    [
      subjectId({ kind: 'end_user', accountId, botId, visitorId: visitor.id }),
      ...[accountId, botId, visitor.id, plan.planId, plan.version],
    ],
  );
  return visitor;
}

/** What a token says that the platform gave: who came, where, and by whom. */
export function claimsOf({ token }: Pick<Visitor, 'token'>): JWTPayload {
  const { sub = '', bot, by, round } = decodeJwt(token);
  return { sub, bot, by, round };
}

export interface Forgery {
  readonly claims?: JWTPayload;
  readonly key?: Uint8Array;
  readonly kid?: string;
  readonly alg?: string;
}

/** As the platform would sign it, but for what is named. */
export async function forge(claims: JWTPayload, { key = TOKEN_KEY, kid = 'test', alg = 'HS256' }: Forgery = {}) {
  const now = Math.floor(Date.now() / 1_000);
  const usual = { iss: 'fairmeter:visitors', aud: 'fairmeter:api', iat: now, nbf: now - 30, exp: now + 600 };
  return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg, typ: 'JWT', kid }).sign(key);
}
