// API room. The time zone of an account, by which its days end. It changes what an account may use from day to day, so
// its subscription decides; and it is changed once in a day of the account, whoever asks and at whichever process.
import { zoneUpdate } from '@fairmeter/contracts';
import type { DailyPeriod } from '@fairmeter/domain';
import { accountScope, instant, instantToText } from '@fairmeter/domain';
import { zoneName } from '@fairmeter/domain/time';
import { readDay, readPresent } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { AccountSettings, StoredReply } from '@fairmeter/records';
import { findReply, readAccount, saveReply } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { actorOf, tenantOf } from '../callers/caller.js';
import { admitAct, admitRole } from '../changes/account-gate.js';
import { hashOfAsked } from '../changes/asked-hash.js';
import type { Asked } from '../changes/changes.js';
import { keyHash } from '../jobs/admission-hashes.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { againstTwins } from '../requests/against-twins.js';
import { API_CLOCK } from '../tokens.js';
import { SubscriptionCalls } from './subscription-calls.js';
import { SubscriptionDesk } from './subscription-desk.js';

const ZONE_CHANGES = 'zone-changes';
/** Longer than a question stands in line, beside a wave of renewals too: whoever chose anew would be moved twice. */
const UNDER_WAY_MS = 3_600_000;

@Injectable()
export class ZoneDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly subscriptions: SubscriptionDesk,
    private readonly calls: SubscriptionCalls,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async change({ caller, requestId }: Asked, named: string): Promise<void> {
    const read = zoneName(named);
    if (!read.ok) throw refusalProblem(read.refusal, this.clock.now());
    const zone = read.value;
    const { input } = await this.subscriptions.present(caller);
    if (!(await this.isTodays(caller, zone))) return;
    const wish = { zone, actor: actorOf(caller), requestId };
    await this.calls.ask(zoneUpdate, { caller, input, name: `zone/${requestId}`, requestId, args: [wish] });
  }

  /**
   * Keeps the day for this zone; false where the account is there already. Another one of the same day is refused,
   * unless the one before came to nothing: whoever was not answered may choose anew.
   */
  private async isTodays(caller: Caller, zone: string): Promise<boolean> {
    const { accountId } = caller;
    return againstTwins(async () =>
      this.database.asTenant(tenantOf(caller), async (tx) => {
        const account = admitAct(await readAccount(tx, accountId), caller, 'set_up');
        await admitRole(tx, caller, instant(this.clock.now()));
        if (account.timeZone === zone) return false;
        const day = await this.dayOf(tx, accountId);
        const { last, next } = await keptOf(tx, { accountId, day });
        const bodyHash = hashOfAsked({ zone });
        if (last?.bodyHash === bodyHash) return true;
        const now = this.clock.now();
        if (last !== null && !cameToNothing(last, account, now)) throw this.tomorrow(day);
        await saveReply(tx, accountId, { keyHash: next, bodyHash, answer: { zone, at: now } });
        return true;
      }),
    );
  }

  private async dayOf(tx: EntityManager, accountId: string): Promise<DailyPeriod | null> {
    return readDay(tx, await readPresent(tx, accountScope(accountId), instant(this.clock.now())));
  }

  private tomorrow(day: DailyPeriod | null): ProblemError {
    const wait = day === null ? 1 : Math.max(1, Math.ceil((day.end - this.clock.now()) / 1_000));
    return new ProblemError('zone_change_limit', 'The time zone of an account is changed once in a day of it.', {
      members: { resets_at: day === null ? null : instantToText(day.end) },
      headers: { 'retry-after': String(wait) },
    });
  }
}

interface KeptZones {
  /** The zone that the day was kept for last; null where it was for none. */
  readonly last: StoredReply | null;
  /** Under which the next one is kept. */
  readonly next: string;
}

async function keptOf(
  tx: EntityManager,
  { accountId, day }: { readonly accountId: string; readonly day: DailyPeriod | null },
): Promise<KeptZones> {
  let last: StoredReply | null = null;
  for (let tries = 0; ; tries += 1) {
    const name = tries === 0 ? String(day?.start) : `${day?.start}/${tries}`;
    const next = keyHash({ accountId, botId: ZONE_CHANGES }, Buffer.from(name));
    const kept = await findReply(tx, next);
    if (kept === null) return { last, next };
    last = kept;
  }
}

/** It is not under way any more, and the account is not there. */
function cameToNothing({ answer }: StoredReply, { timeZone }: AccountSettings, now: number): boolean {
  const { zone, at } = answer as { readonly zone?: string; readonly at?: number };
  return zone !== undefined && at !== undefined && zone !== timeZone && now - at > UNDER_WAY_MS;
}
