// API room. From an API key to whoever holds it.
import type { KeyLife } from '@fairmeter/domain';
import type { Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { findApiKey, hashApiKey } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import { ProblemError } from '../problems/problem-error.js';
import { API_CLOCK } from '../tokens.js';
import type { AccountKeyCaller, BotKeyCaller } from './caller.js';
import { KeyUses } from './key-uses.js';

const KEY = /^fm_[A-Za-z0-9_-]{8,200}$/;

export function isApiKey(credential: string): boolean {
  return KEY.test(credential);
}

/** In an address a key would stand in every log on its way, and a body is no place to look for one. */
export function isKeyInside(text: string): boolean {
  return /fm_[A-Za-z0-9_-]{8,200}/.test(text);
}

/** The key as it was found, or why nobody is let in with it. */
export function alive<T extends Pick<KeyLife, 'expiresAt' | 'revokedAt'>>(found: T | null, now: number): T {
  if (found === null) throw new ProblemError('key_invalid', 'This is not an API key we know.');
  if (found.revokedAt !== null) throw new ProblemError('key_revoked', 'This API key was revoked. Use another one.');
  if (found.expiresAt !== null && found.expiresAt <= now) {
    throw new ProblemError('key_expired', 'This API key has expired. Use another one.');
  }
  return found;
}

@Injectable()
export class ApiKeys {
  constructor(
    private readonly database: TenantDatabase,
    private readonly uses: KeyUses,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async callerOf(key: string): Promise<BotKeyCaller | AccountKeyCaller> {
    const found = await this.database.beforeTenant(async (tx) => findApiKey(tx, hashApiKey(key)));
    const { keyId, accountId, botId, environment, scopes } = alive(found, this.clock.now());
    this.uses.note(keyId);
    return botId === null
      ? { kind: 'account', role: 'account_key', keyId, accountId, environment, scopes }
      : { kind: 'bot', role: 'bot_key', keyId, accountId, botId, environment, scopes };
  }
}
