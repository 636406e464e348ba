// API room. Who is in an account: asked to join, joined, made an owner or a member, gone. It is never without an owner.
import type { ApiConfig, Clock } from '@fairmeter/platform';
import { COUNTER_PERIODS, instant } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { Invitation, MemberRole, Person, Seats } from '@fairmeter/records';
import {
  endInvitation,
  endLeftOpen,
  findInvitation,
  invite,
  join,
  listInvitations,
  listMembers,
  newSecret,
  readOwners,
  readRole,
  readSeats,
  removeMember,
  setRole,
} from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { toLimitBody } from '../limits/limits-body.js';
import { LimitsDesk } from '../limits/limits-desk.js';
import { ProblemError } from '../problems/problem-error.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';
import { hiddenOf } from '../visitors/hidden.js';
import type { Asked } from '../changes/changes.js';
import type { UnderChange } from './account-changes.js';
import { AccountChanges } from './account-changes.js';
import type { InvitedBody, MemberLimitBody, MembersBody, SetMemberLimit } from './members-body.js';
import { toInvitationBody, toMemberBody } from './members-body.js';

export interface Inviting {
  readonly email: string;
  /** Null where the caller has none. */
  readonly idempotencyKey: Uint8Array | null;
}

@Injectable()
export class MemberDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly changes: AccountChanges,
    private readonly limits: LimitsDesk,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async list(caller: Caller): Promise<MembersBody> {
    const { accountId } = caller;
    const { members, invitations } = await this.database.asTenant(tenantOf(caller), async (tx) => ({
      members: await listMembers(tx, accountId),
      invitations: await listInvitations(tx, accountId),
    }));
    const limits = await this.limitsOf(
      caller,
      members.map(({ userId }) => userId),
    );
    return {
      members: members.map((member) => toMemberBody(member, limits)),
      invitations: invitations.map(toInvitationBody),
    };
  }

  /** How far a member may draw on the account: what is used counts on, whatever the limit is set to (E24). */
  async setLimit(
    caller: Caller,
    userId: string,
    wish: SetMemberLimit & { changeKey: string },
  ): Promise<MemberLimitBody> {
    const { amount, period, changeKey } = wish;
    await this.database.asTenant(tenantOf(caller), async (tx) => roleOf({ tx }, caller.accountId, userId));
    const live = { environment: 'live', changeKey } as const;
    await this.limits.set(caller, live, [{ kind: 'member', subject: userId, period, amount }]);
    return { user_id: userId, limits: (await this.limitsOf(caller, [userId])).get(userId) ?? [] };
  }

  private async limitsOf(
    caller: Caller,
    userIds: readonly string[],
  ): Promise<ReadonlyMap<string, MemberLimitBody['limits']>> {
    const names = userIds.flatMap((subject) =>
      COUNTER_PERIODS.map((period) => ({ kind: 'member' as const, subject, period })),
    );
    const set = (await this.limits.named(caller, 'live', names)).filter(({ isSet }) => isSet);
    return new Map(userIds.map((id) => [id, set.filter(({ subject }) => subject === id).map(toLimitBody)]));
  }

  /** Of an address that was asked before, the newer invitation stands. Whoever is asked is kept a seat of the plan. */
  async invite(asked: Asked, { email, idempotencyKey }: Inviting): Promise<InvitedBody> {
    const token = newSecret('fmi_');
    const expiresAt = instant(this.clock.now() + this.config.invitationMs);
    const { accountId } = asked.caller;
    const invitedBy = tenantOf(asked.caller).subject;
    // What is kept of it is kept for good: neither the address nor what somebody could guess it by.
    const body = { to: hiddenOf(this.config, 'name', email.toLowerCase()) };
    const once = { place: 'account/members', idempotencyKey, body };
    const invited = await this.changes.makeOnceIfNamed<InvitedBody>(asked, once, async ({ tx, note }) => {
      const id = await invite(tx, { accountId, email, token, invitedBy, expiresAt });
      await this.mustHaveSeats(tx, accountId, ({ members, invited }) => members + invited);
      await note({ action: 'member.invited', targetId: id, before: null, after: { role: 'member' } });
      const shown = toInvitationBody({ id, accountId, email, expiresAt, isOver: false });
      return { answer: { ...shown, token }, kept: { ...shown, email: null, token: null } };
    });
    return { ...invited, email };
  }

  async withdraw(asked: Asked, invitationId: string): Promise<void> {
    await this.changes.make(asked, 'end_work', async ({ tx, note }) => {
      if (!(await endInvitation(tx, invitationId))) {
        throw new ProblemError('invitation_not_found', 'No such invitation is open.');
      }
      await note({ action: 'invitation.withdrawn', targetId: invitationId, before: null, after: null });
    });
  }

  /** By whoever holds the token and has signed in with the address that was asked. */
  async accept(person: Person, token: string, requestId: string): Promise<string> {
    const invitation = await this.database.beforeTenant(async (tx) => findInvitation(tx, token));
    const { accountId, id } = this.openFor(person, invitation);
    const { userId } = person;
    const caller: Caller = { kind: 'person', role: 'member', userId, accountId };
    await this.changes.make({ caller, requestId, isJoining: true }, 'set_up', async ({ tx, note }) => {
      if (!(await endInvitation(tx, id))) throw over();
      if (!(await join(tx, accountId, userId))) {
        throw new ProblemError('already_member', 'You are in this account already.');
      }
      // The plan may have become smaller since they were asked.
      await this.mustHaveSeats(tx, accountId, ({ members }) => members);
      await note({ action: 'member.joined', targetId: userId, before: null, after: { role: 'member' } });
    });
    return accountId;
  }

  async changeRole(asked: Asked, userId: string, role: MemberRole): Promise<void> {
    const { accountId } = asked.caller;
    await this.changes.make(asked, 'set_up', async (change) => {
      const before = await roleOf(change, accountId, userId);
      if (before === role) return;
      if (role === 'member') await keepAnOwner(change, accountId, userId);
      await setRole(change.tx, { accountId, userId, role });
      await change.note({ action: 'member.changed', targetId: userId, before: { role: before }, after: { role } });
      if (before === 'owner') await endWhatIsOpen(change, accountId, userId);
    });
  }

  /** An owner removes anybody, a member only themself. What they could do ends with the next request. */
  async remove(asked: Asked, userId: string): Promise<void> {
    const { caller } = asked;
    const { accountId } = caller;
    if (caller.role !== 'owner' && tenantOf(caller).subject !== userId) {
      throw new ProblemError('forbidden', 'A member removes nobody else.', { members: { roles: ['owner'] } });
    }
    await this.changes.make(asked, 'end_work', async (change) => {
      const before = await roleOf(change, accountId, userId);
      if (before === 'owner') await keepAnOwner(change, accountId, userId);
      await removeMember(change.tx, accountId, userId);
      await change.note({ action: 'member.removed', targetId: userId, before: { role: before }, after: null });
      await endWhatIsOpen(change, accountId, userId);
    });
  }

  private async mustHaveSeats(tx: EntityManager, accountId: string, taken: (seats: Seats) => number): Promise<void> {
    const seats = await readSeats(tx, accountId, instant(this.clock.now()));
    if (taken(seats) <= seats.all) return;
    throw new ProblemError('seats_taken', 'Every seat of the plan is taken, or kept for somebody who was asked.', {
      members: { seats: seats.all },
    });
  }

  private openFor(person: Person, invitation: Invitation | null): Invitation {
    if (invitation === null) throw new ProblemError('invitation_not_found', 'There is no such invitation.');
    if (invitation.isOver || invitation.expiresAt <= this.clock.now()) throw over();
    if (person.email === null || person.email.toLowerCase() !== invitation.email?.toLowerCase()) {
      throw new ProblemError('invitation_not_found', 'There is no such invitation for your verified address.');
    }
    return invitation;
  }
}

/** Who is no owner any more keeps nothing of an owner's: no key, and no door that others may still go through. */
async function endWhatIsOpen({ tx, note }: UnderChange, accountId: string, userId: string): Promise<void> {
  for (const line of await endLeftOpen(tx, userId, [accountId])) await note(line);
}

function over(): ProblemError {
  return new ProblemError('invitation_over', 'The invitation is over. Ask for a new one.');
}

async function roleOf({ tx }: Pick<UnderChange, 'tx'>, accountId: string, userId: string): Promise<MemberRole> {
  const role = await readRole(tx, accountId, userId);
  if (role === null) throw new ProblemError('member_not_found', 'Nobody of that id is in the account.');
  return role;
}

async function keepAnOwner({ tx }: UnderChange, accountId: string, leaving: string): Promise<void> {
  const owners = await readOwners(tx, accountId);
  if (owners.some((owner) => owner !== leaving)) return;
  throw new ProblemError('last_owner', 'Make somebody else an owner first.');
}
