// API room. Makes, changes and ends keys. A key is revoked at once: nobody remembers what a key may do, so that the
// next request with it is refused. Who hands out a key hands out at most what it may do itself.
import { randomBytes } from 'node:crypto';
import type { Instant, JsonValue, KeyLife } from '@fairmeter/domain';
import { endsLater, instantToText, keyState, replacedLife, scopeBeyond } from '@fairmeter/domain';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { ApiKeyView, NewApiKey } from '@fairmeter/records';
import {
  addApiKey,
  changeApiKey,
  findKeyToChange,
  hashApiKey,
  listApiKeys,
  lockBot,
  oneAtATime,
} from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller } from '../callers/caller.js';
import { ACCOUNT_SCOPE, isKey, MANAGE_SCOPE, tenantOf } from '../callers/caller.js';
import type { Asked, Changing, Made } from '../changes/changes.js';
import { Changes, ending, note } from '../changes/changes.js';
import { ProblemError, validationFailed } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { badCursor, readCursor, writeCursor } from '../requests/cursor.js';
import { pageSize } from '../requests/page.js';
import type { ApiKeyBody, ChangeKeyBody, keysQuery, MadeKeyBody, NewKeyBody } from './key-body.js';
import { toApiKeyBody } from './key-body.js';

/** 256 bits: what is guessed at is hopeless, and so a hash without salt keeps it. */
const SECRET_BYTES = 32;
const LAST_SHOWN = 4;
const KEYS = 'api-keys';

export interface MakingKey extends Asked {
  readonly idempotencyKey: Uint8Array;
}

type Shown = Omit<MadeKeyBody, 'replayed'>;

@Injectable()
export class KeyDesk {
  constructor(
    private readonly changes: Changes,
    private readonly database: TenantDatabase,
  ) {}

  async make(asked: MakingKey, body: NewKeyBody): Promise<MadeKeyBody> {
    const once = { place: 'api-keys', idempotencyKey: asked.idempotencyKey, body };
    const { answer, replayed } = await this.changes.makeOnce(asked, once, async (changing) => {
      const { bot_id: botId = null, environment = 'live', name, scopes, expires_at: expiresAt = null } = body;
      admitScopes(changing.caller, scopes, { botId, environment });
      admitExpiry(expiresAt, changing.now);
      await admitEnd(changing, expiresAt);
      if (botId !== null && (await lockBot(changing.tx, botId)) === null) {
        throw refusalProblem({ code: 'bot_not_found' }, changing.now);
      }
      return issue(changing, { botId, environment, name, scopes, expiresAt }, null);
    });
    return { ...answer, replayed };
  }

  async list(
    caller: Caller,
    query: z.output<typeof keysQuery>,
  ): Promise<{ readonly keys: readonly ApiKeyView[]; readonly nextCursor: string | null }> {
    const before = query.cursor === undefined ? null : (readCursor(KEYS, query.cursor)[0] ?? null);
    if (query.cursor !== undefined && before === null) throw badCursor();
    const limit = pageSize(query.limit);
    const found = await this.database.asTenant(tenantOf(caller), async (tx) =>
      listApiKeys(tx, { before, limit: limit + 1, botId: query.bot_id }),
    );
    const keys = found.slice(0, limit);
    const last = keys.at(-1);
    return { keys, nextCursor: found.length > limit && last !== undefined ? writeCursor(KEYS, [last.id]) : null };
  }

  async change(asked: Asked, keyId: string, body: ChangeKeyBody): Promise<ApiKeyBody> {
    return this.changes.make(asked, async (changing) => {
      const key = await keyToChange(changing, keyId);
      admitActive(key, changing.now);
      const after: ApiKeyView = {
        ...key,
        name: body.name ?? key.name,
        scopes: body.scopes ?? key.scopes,
        expiresAt: body.expires_at === undefined ? key.expiresAt : body.expires_at,
      };
      if (body.scopes !== undefined) admitScopes(changing.caller, body.scopes, key);
      if (body.expires_at !== undefined) {
        admitExpiry(body.expires_at, changing.now);
        await admitEnd(changing, body.expires_at);
      }
      await changeApiKey(changing.tx, keyId, after);
      await note(changing, { action: 'key.changed', targetId: keyId, before: audited(key), after: audited(after) });
      return toApiKeyBody(after, changing.now);
    });
  }

  /** The new key has the name, the scopes, the bot, the environment, the limits and the end of the old one. */
  async rotate(asked: MakingKey, keyId: string, overlapSeconds: number): Promise<MadeKeyBody> {
    const body = { overlap_seconds: overlapSeconds };
    const once = { place: `api-keys/${keyId}/rotate`, idempotencyKey: asked.idempotencyKey, body };
    const { answer, replayed } = await this.changes.makeOnce(asked, once, async (changing) => {
      const { now } = changing;
      const key = await keyToChange(changing, keyId);
      admitActive(key, now);
      // Whoever gets the new key can do what it may do.
      admitScopes(changing.caller, key.scopes, key);
      await admitEnd(changing, key.expiresAt);
      const { botId, environment, name, scopes, expiresAt, limitSubject } = key;
      const made = await issue(changing, { botId, environment, name, scopes, expiresAt }, limitSubject);
      const after = { ...key, ...replacedLife(key, made.answer.id, { now, overlapMs: overlapSeconds * 1_000 }) };
      await changeApiKey(changing.tx, keyId, after);
      await note(changing, { action: 'key.rotated', targetId: keyId, before: audited(key), after: audited(after) });
      return made;
    });
    return { ...answer, replayed };
  }

  /** Revoking again finds it revoked, and changes nothing. */
  async revoke(asked: Asked, keyId: string): Promise<ApiKeyBody> {
    return this.changes.make(ending(asked), async (changing) => {
      const key = await keyToChange(changing, keyId);
      if (key.revokedAt !== null) return toApiKeyBody(key, changing.now);
      const after = { ...key, revokedAt: changing.now };
      await changeApiKey(changing.tx, keyId, after);
      await note(changing, { action: 'key.revoked', targetId: keyId, before: audited(key), after: audited(after) });
      return toApiKeyBody(after, changing.now);
    });
  }
}

async function issue(
  changing: Changing,
  wish: Pick<NewApiKey, 'botId' | 'environment' | 'name' | 'scopes' | 'expiresAt'>,
  limitSubject: string | null,
): Promise<Made<Shown>> {
  const { tx, now, caller } = changing;
  const id = newId('key');
  const prefix = `fm_${wish.environment}_`;
  const secret = `${prefix}${randomBytes(SECRET_BYTES).toString('base64url')}`;
  const key = {
    ...wish,
    id,
    limitSubject: limitSubject ?? id,
    accountId: caller.accountId,
    prefix,
    last4: secret.slice(-LAST_SHOWN),
  };
  // Whoever takes the role away on which this key hangs must find it, also where both are asked at one moment.
  await oneAtATime(tx, caller.accountId);
  await addApiKey(tx, { ...key, secretHash: hashApiKey(secret) });
  const view = { ...key, createdAt: now, revokedAt: null, lastUsedAt: null, replacedBy: null };
  await note(changing, { action: 'key.made', targetId: key.id, before: null, after: audited(view) });
  const shown = toApiKeyBody(view, now);
  return { answer: { ...shown, secret }, kept: { ...shown, secret: null } };
}

async function keyToChange({ tx }: Changing, keyId: string): Promise<ApiKeyView> {
  const key = await findKeyToChange(tx, keyId);
  if (key === null) throw new ProblemError('key_not_found', 'There is no such key in this account.');
  return key;
}

/** One that is replaced has its end already, and one that ended is not brought back. */
function admitActive(key: KeyLife, now: Instant): void {
  const state = keyState(key, now);
  if (state === 'active') return;
  throw new ProblemError('key_not_active', 'This key has ended or was replaced; make a new one.', {
    members: { state, replaced_by: key.replacedBy },
  });
}

function admitScopes(
  caller: Caller,
  scopes: readonly string[],
  { botId, environment }: Pick<ApiKeyView, 'botId' | 'environment'>,
): void {
  const onlyOfAccount = scopes.find((scope) => scope === ACCOUNT_SCOPE || scope === MANAGE_SCOPE);
  if (botId !== null && onlyOfAccount !== undefined) {
    const message = `${onlyOfAccount} is for keys of the account alone`;
    throw validationFailed([{ pointer: '/scopes', message }]);
  }
  if (environment === 'test' && scopes.includes(MANAGE_SCOPE)) {
    const message = `${MANAGE_SCOPE} is for live keys alone: what is set up is live`;
    throw validationFailed([{ pointer: '/scopes', message }]);
  }
  const beyond = scopeBeyond(scopes, isKey(caller) ? caller.scopes : null);
  if (beyond === null) return;
  throw new ProblemError('forbidden', `This API key lacks the scope ${beyond} and so cannot hand it out.`, {
    members: { required_scope: beyond },
  });
}

/** What a key hands out ends with it: otherwise a key that was to end could live on in another. People may give any. */
async function admitEnd({ tx, caller }: Changing, expiresAt: Instant | null): Promise<void> {
  if (!isKey(caller)) return;
  const own = await findKeyToChange(tx, caller.keyId);
  if (own === null || !endsLater(expiresAt, own.expiresAt)) return;
  throw new ProblemError('forbidden', 'This API key has an end, and hands out no key that ends after it.', {
    members: { latest_end: own.expiresAt === null ? null : instantToText(own.expiresAt) },
  });
}

function admitExpiry(expiresAt: Instant | null, now: Instant): void {
  if (expiresAt !== null && expiresAt <= now) {
    throw validationFailed([{ pointer: '/expires_at', message: 'must lie ahead' }]);
  }
}

/** The name is somebody's own words and stays out. */
function audited(key: ApiKeyView): Record<string, JsonValue> {
  return {
    bot_id: key.botId,
    environment: key.environment,
    scopes: [...key.scopes],
    expires_at: key.expiresAt,
    revoked_at: key.revokedAt,
    replaced_by: key.replacedBy,
  };
}
