// API room. Who asks: a bot, an account, a person of it, a visitor of one of its bots, or platform staff. Every key of
// a bot is the same caller, and so is every key of the account.
import type { JobCaller } from '@fairmeter/contracts';
import type { Environment } from '@fairmeter/domain';
import type { Tenant } from '@fairmeter/platform/database';
import { staffSubject } from '@fairmeter/records';
import { BOT_ID } from '../requests/fields.js';

/** How the table of rights names them (see `rights.ts`). */
export const ROLES = ['bot_key', 'account_key', 'owner', 'member', 'visitor', 'support', 'admin'] as const;
export type Role = (typeof ROLES)[number];

interface KeyHolder {
  readonly keyId: string;
  readonly accountId: string;
  /** Where it acts, and all that it sees of jobs. */
  readonly environment: Environment;
  readonly scopes: readonly string[];
}

export interface BotKeyCaller extends KeyHolder {
  readonly kind: 'bot';
  readonly role: 'bot_key';
  readonly botId: string;
}

/** Speaks for all bots of the account, and may see what the account has and spends. */
export interface AccountKeyCaller extends KeyHolder {
  readonly kind: 'account';
  readonly role: 'account_key';
}

/** A person who is signed in, in one of the accounts that person belongs to. */
export interface PersonCaller {
  readonly kind: 'person';
  readonly role: 'owner' | 'member';
  readonly userId: string;
  readonly accountId: string;
}

/** Somebody who talks to one bot, by a token that the bot's owner gave out. */
export interface VisitorCaller {
  readonly kind: 'visitor';
  readonly role: 'visitor';
  readonly visitorId: string;
  /** Under which id limits and rates count: another one where somebody was deleted and came back. */
  readonly countedAs: string;
  readonly accountId: string;
  readonly botId: string;
}

/** Of the platform, and of no account: names the account in what is asked. */
export interface StaffCaller {
  readonly kind: 'staff';
  readonly role: 'support' | 'admin';
  readonly userId: string;
}

/** Staff who look into one account that they named. */
export interface StaffViewer extends StaffCaller {
  readonly accountId: string;
}

/** Asks inside of one account. */
export type Caller = BotKeyCaller | AccountKeyCaller | PersonCaller | VisitorCaller;

/** Is shown what one account has and did. */
export type Viewer = Caller | StaffViewer;

export type AnyCaller = Caller | StaffCaller;

export const SUBMIT_SCOPE = 'submit';
export const READ_SCOPE = 'read';
/** To run an agent of its own and report its steps. */
export const REPORT_SCOPE = 'report';
/** To see what the account has and spends. */
export const ACCOUNT_SCOPE = 'account';
/** To set up bots and keys: for the owner's own backend. */
export const MANAGE_SCOPE = 'manage';
/** To give tokens to visitors: whoever has it speaks for any of them. */
export const VISITORS_SCOPE = 'visitors';
export const KEY_SCOPES = [
  ...[SUBMIT_SCOPE, READ_SCOPE, REPORT_SCOPE],
  ...[ACCOUNT_SCOPE, MANAGE_SCOPE, VISITORS_SCOPE],
] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

export function isKey(caller: AnyCaller): caller is BotKeyCaller | AccountKeyCaller {
  return caller.kind === 'bot' || caller.kind === 'account';
}

export function tenantOf(viewer: Viewer): Tenant {
  return { accountId: viewer.accountId, subject: subjectOf(viewer) };
}

/** Decides for a visitor what that visitor must not see: who would pay, and whether credits and limits reach. */
export function botOf({ accountId, botId }: VisitorCaller): Tenant {
  return { accountId, subject: botId };
}

/** Staff act inside of one named account at a time, as themselves: the tables know them by that name. */
export function tenantOfStaff(staff: StaffCaller, accountId: string): Tenant {
  return { accountId, subject: staffSubject(staff.userId) };
}

/** Staff who look at what all accounts have: row-level security shows them no row, functions for staff show theirs. */
export function inNoAccount(staff: StaffCaller): Tenant {
  return tenantOfStaff(staff, '');
}

function subjectOf(viewer: Viewer): string {
  switch (viewer.kind) {
    case 'bot':
      return viewer.botId;
    case 'account':
      return viewer.accountId;
    case 'person':
      return viewer.userId;
    case 'visitor':
      return viewer.visitorId;
    case 'staff':
      return staffSubject(viewer.userId);
  }
}

/** As a job keeps it, and as its workflow is told. */
export function jobCallerOf(caller: Caller): JobCaller {
  switch (caller.kind) {
    case 'bot':
    case 'account':
      return {
        kind: caller.kind,
        keyId: caller.keyId,
        ...(caller.environment === 'test' ? { environment: caller.environment } : {}),
      };
    case 'person':
      return { kind: 'person', userId: caller.userId };
    case 'visitor':
      return {
        kind: 'visitor',
        visitorId: caller.visitorId,
        ...(caller.countedAs === caller.visitorId ? {} : { countedAs: caller.countedAs }),
      };
  }
}

/** As the audit names who did something. */
export function actorOf(caller: AnyCaller): { readonly role: Role; readonly id: string } {
  const { role } = caller;
  return { role, id: caller.kind === 'staff' ? caller.userId : isKey(caller) ? caller.keyId : subjectOf(caller) };
}

/** Whether this caller may speak to that bot as far as the credential can tell; the tables know whose bot it is. */
export function mayBe(caller: Caller, botId: string): boolean {
  return caller.kind === 'bot' || caller.kind === 'visitor' ? botId === caller.botId : BOT_ID.test(botId);
}
