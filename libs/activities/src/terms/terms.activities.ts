// Activities room. One change of an account's terms: first its key is claimed, so that whoever says something else
// under it changes nothing; then what the ledger enforces; last the settings that decide who pays, with the line of the
// audit in their transaction. Done again, from wherever it stopped, it changes nothing more and says the same.
import type {
  AccountTermsResult,
  ChangeTermsInput,
  TermsActivities,
  TermsChange,
  WireLimit,
} from '@fairmeter/contracts';
import { packRefusal } from '@fairmeter/contracts';
import type { LimitChange, Refusal } from '@fairmeter/domain';
import { accountMay, accountScope, accountScopeIn, formatCredits, instant, parseMicroCredits } from '@fairmeter/domain';
import type { TermsLedger } from '@fairmeter/ledger';
import { readLimitsBefore } from '@fairmeter/ledger/reads';
import type { EntityDatabase, EntityManager } from '@fairmeter/platform/database';
import type { AuditedState, FundingSettings } from '@fairmeter/records';
import {
  claimTermsChange,
  findCampaign,
  lockAccount,
  lockRole,
  markTermsWritten,
  readFunding,
  readTermsChange,
  saveCampaign,
  writeAudit,
  writeFunding,
} from '@fairmeter/records';
import { unlessBusy } from '../ask-again.js';
import { brokenIsFinal } from '../to-application-failure.js';

export interface TermsActivityParts {
  readonly terms: TermsLedger;
  readonly entities: EntityDatabase;
}

interface Written {
  readonly action: string;
  readonly targetId: string;
  readonly before: AuditedState | null;
  readonly after: AuditedState;
}

export class TermsActivitiesOverLedger implements TermsActivities {
  constructor(private readonly parts: TermsActivityParts) {}

  async changeTerms(input: ChangeTermsInput): Promise<AccountTermsResult> {
    return brokenIsFinal(async () => {
      const refusal = (await this.cannotBe(input)) ?? (await this.claim(input)) ?? (await this.change(input));
      return refusal === null ? { outcome: 'changed' } : { outcome: 'refused', refusal: packRefusal(refusal) };
    });
  }

  /** What was begun while the account and whoever asked allowed it is brought to its end. */
  private async claim({ accountId, changeKey: key, bodyHash, actor }: ChangeTermsInput): Promise<Refusal | null> {
    const change = { accountId, key, bodyHash };
    return this.parts.entities.manager.transaction(async (tx) => {
      // Changes of one account pass here one after the other: whoever comes second sees the first one's claim.
      const account = await lockAccount(tx, accountId);
      const state = await readTermsChange(tx, change);
      if (state === 'mismatch') return { code: 'idempotency_mismatch' };
      if (state !== 'unknown') return null;
      if (account === null) throw new Error(`there is no account ${accountId}`);
      // Whoever was an owner at the door may be none by now.
      const isPerson = actor.role === 'owner' || actor.role === 'member';
      if (isPerson && (await lockRole(tx, accountId, actor.id)) !== actor.role) return { code: 'role_changed' };
      const { status } = account;
      if (!accountMay(status, 'set_up')) return { code: 'account_not_active', status };
      await claimTermsChange(tx, change);
      return null;
    });
  }

  private async change(input: ChangeTermsInput): Promise<Refusal | null> {
    const refusal = await this.setLimits(input);
    if (refusal === null) await this.write(input);
    return refusal;
  }

  /** The bot of another account is answered as one that is not there; a campaign stays at its bot. */
  private async cannotBe({ accountId, change }: ChangeTermsInput): Promise<Refusal | null> {
    if (change.what === 'limits') return null;
    const { manager } = this.parts.entities;
    const isOwn = (await readFunding(manager, accountId, change.botId)) !== null;
    if (!isOwn) return { code: 'bot_not_found' };
    if (change.what === 'funding') return null;
    const known = await findCampaign(manager, accountId, change.campaignId);
    return known === null || known.botId === change.botId ? null : { code: 'bot_not_found' };
  }

  private async setLimits({ accountId, changeKey, change, asOf }: ChangeTermsInput): Promise<Refusal | null> {
    if (change.what === 'funding' || change.limits.length === 0) return null;
    const owner = { scopeId: limitedScope(accountId, change), accountId };
    const order = change.limits.map(limitOf);
    const set = await unlessBusy(this.parts.terms.setLimits({ owner, changeKey, asOf: instant(asOf), order }));
    if (set.ok) return null;
    return set.refusal.code === 'operation_mismatch' ? { code: 'idempotency_mismatch' } : set.refusal;
  }

  private async write(input: ChangeTermsInput): Promise<void> {
    const { accountId, changeKey: key, bodyHash, actor } = input;
    await this.parts.entities.manager.transaction(async (tx) => {
      if (!(await markTermsWritten(tx, { accountId, key, bodyHash }))) return;
      await writeAudit(tx, { accountId, actor, ...(await this.settings(tx, input)) });
    });
  }

  private async settings(tx: EntityManager, input: ChangeTermsInput): Promise<Written> {
    const { accountId, change } = input;
    if (change.what === 'limits') {
      const before = await this.limitsBefore(tx, input, change.limits);
      const { environment } = change;
      const after = { ...told(change.limits.map(limitOf)), ...(environment === undefined ? {} : { environment }) };
      return { action: 'limits.changed', targetId: accountId, before, after };
    }
    if (change.what === 'funding') {
      const { botId, what: _, ...asked } = change;
      const before = await readFunding(tx, accountId, botId);
      if (before === null) throw new Error(`the bot ${botId} was there a moment ago`);
      const after: FundingSettings = { ...before, ...asked };
      await writeFunding(tx, { botId, accountId }, after);
      return { action: 'bot.funding_changed', targetId: botId, before: { ...before }, after: { ...after } };
    }
    const { campaignId: id, botId, name, limits } = change;
    const window = {
      startsAt: instant(change.startsAt),
      endsAt: change.endsAt === null ? null : instant(change.endsAt),
    };
    const known = await findCampaign(tx, accountId, id);
    await saveCampaign(tx, { id, accountId, botId, name, ...window });
    const { startsAt, endsAt } = known ?? window;
    return {
      action: known === null ? 'campaign.opened' : 'campaign.changed',
      targetId: id,
      before: known === null ? null : { startsAt, endsAt, ...(await this.limitsBefore(tx, input, limits)) },
      after: { botId, ...window, ...told(limits.map(limitOf)) },
    };
  }

  private async limitsBefore(
    tx: EntityManager,
    { accountId, changeKey, change }: ChangeTermsInput,
    limits: readonly WireLimit[],
  ): Promise<AuditedState> {
    const scopeId = limitedScope(accountId, change);
    return told(await readLimitsBefore(tx, { scopeId, changeKey, names: limits.map(limitOf) }));
  }
}

/** Limits of test keys are limits of the test scope; campaigns are live. */
function limitedScope(accountId: string, change: TermsChange): string {
  return change.what === 'limits' ? accountScopeIn(change.environment ?? 'live', accountId) : accountScope(accountId);
}

function limitOf({ amountMicroCredits: amount, kind, subject, period }: WireLimit): LimitChange {
  return { kind, subject, period, amount: amount === null ? null : parseMicroCredits(amount) };
}

/** `kind subject period`: the credits, or nothing where there is no limit. */
function told(limits: readonly LimitChange[]): AuditedState {
  return Object.fromEntries(
    limits.map(({ kind, subject, period, amount }) => [
      [kind, subject, period].filter((part) => part !== '').join(' '),
      amount === null ? null : formatCredits(amount),
    ]),
  );
}
