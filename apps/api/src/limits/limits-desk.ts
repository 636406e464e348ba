// API room. Limits of an account: listed by pages, set through the workflow of terms, seen before they are set. A key's
// limits stand under the name that the keys after it keep.
import type { Environment, Instant, LimitChange } from '@fairmeter/domain';
import { accountScopeIn, instant } from '@fairmeter/domain';
import type { LimitsAt, NamedLimit } from '@fairmeter/ledger/reads';
import { listLimits, readNamedLimits } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { limitsOfKeys } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { personShown } from '../callers/own-jobs.js';
import { ProblemError, validationFailed } from '../problems/problem-error.js';
import { readCursor, writeCursor } from '../requests/cursor.js';
import type { pageQuery } from '../requests/page.js';
import { pageSize } from '../requests/page.js';
import { API_CLOCK } from '../tokens.js';
import type { LimitsBody, LimitsPreviewBody } from './limits-body.js';
import { limitAfter, nameOf, toLimitBody, toLimitsPreview } from './limits-body.js';
import { TermsDesk, wireLimit } from './terms-desk.js';

const LIMITS = 'limits';

interface SettingLimits {
  readonly environment: Environment;
  readonly changeKey: string;
}

@Injectable()
export class LimitsDesk {
  constructor(
    private readonly terms: TermsDesk,
    private readonly database: TenantDatabase,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async list(
    caller: Caller,
    environment: Environment,
    { limit: asked, cursor }: z.output<typeof pageQuery>,
  ): Promise<LimitsBody> {
    const limit = pageSize(asked);
    const after = cursor === undefined ? null : limitAfter(readCursor(LIMITS, cursor));
    const all = await this.database.asTenant(tenantOf(caller), async (tx) =>
      listLimits(tx, this.of(caller, environment), { after, limit: limit + 1, person: personShown(caller) }),
    );
    const page = all.slice(0, limit);
    const last = all.length > limit ? page.at(-1) : undefined;
    return {
      data: page.map(toLimitBody),
      next_cursor: last === undefined ? null : writeCursor(LIMITS, [last.kind, last.subject, last.period]),
    };
  }

  async set(caller: Caller, { environment, changeKey }: SettingLimits, limits: readonly LimitChange[]): Promise<void> {
    const named = await this.underSubjects(caller, environment, limits);
    const change = { what: 'limits', limits: named.map(wireLimit) } as const;
    await this.terms.change(caller, changeKey, environment === 'live' ? change : { ...change, environment });
  }

  async preview(caller: Caller, environment: Environment, limits: readonly LimitChange[]): Promise<LimitsPreviewBody> {
    const named = await this.underSubjects(caller, environment, limits);
    return toLimitsPreview(named, await this.named(caller, environment, named));
  }

  /** Whether they are set or not. */
  async named(
    caller: Caller,
    environment: Environment,
    names: readonly Pick<LimitChange, 'kind' | 'subject' | 'period'>[],
  ): Promise<NamedLimit[]> {
    const of = this.of(caller, environment);
    return this.database.asTenant(tenantOf(caller), async (tx) => readNamedLimits(tx, of, names));
  }

  private async underSubjects(
    caller: Caller,
    environment: Environment,
    limits: readonly LimitChange[],
  ): Promise<readonly LimitChange[]> {
    const keyIds = limits.flatMap(({ kind, subject }) => (kind === 'key' ? [subject] : []));
    const keys = await this.database.asTenant(tenantOf(caller), async (tx) => limitsOfKeys(tx, keyIds));
    const named = limits.map((limit, at) => {
      if (limit.kind !== 'key') return limit;
      const key = keys.get(limit.subject);
      if (key === undefined) throw new ProblemError('key_not_found', 'There is no such key in this account.');
      // One that was set where it never counted can still be taken away.
      if (limit.amount !== null && key.environment !== environment) throw neverCounts(at, key.environment);
      return { ...limit, subject: key.limitSubject };
    });
    if (new Set(named.map(nameOf)).size === named.length) return named;
    throw validationFailed([
      { pointer: '/limits', message: 'names two keys of which one took the place of the other' },
    ]);
  }

  private of({ accountId }: Caller, environment: Environment): LimitsAt & { readonly at: Instant } {
    return { scopeId: accountScopeIn(environment, accountId), at: instant(this.clock.now()) };
  }
}

function neverCounts(at: number, environment: Environment): ProblemError {
  const message = `is a key of the ${environment} environment: its limit counts with ?environment=${environment} alone`;
  return validationFailed([{ pointer: `/limits/${at}/subject`, message }]);
}
