// API room. Who is in an account: asked to join, joined, made an owner or a member, gone. It is never without an owner.
import type { ApiConfig, Clock } from '@fairmeter/platform';
import { instant } from '@fairmeter/domain';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { Invitation, MemberRole, Person } from '@fairmeter/records';
import {
  endInvitation,
  findInvitation,
  invite,
  join,
  listInvitations,
  listMembers,
  newSecret,
  readOwners,
  readRole,
  removeMember,
  setRole,
} from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { ProblemError } from '../problems/problem-error.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';
import type { Asked } from '../changes/changes.js';
import type { UnderChange } from './account-changes.js';
import { AccountChanges } from './account-changes.js';
import type { InvitedBody, MembersBody } from './members-body.js';
import { toInvitationBody, toMembersBody } from './members-body.js';

@Injectable()
export class MemberDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly changes: AccountChanges,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async list(caller: Caller): Promise<MembersBody> {
    return this.database.asTenant(tenantOf(caller), async (tx) =>
      toMembersBody(await listMembers(tx, caller.accountId), await listInvitations(tx, caller.accountId)),
    );
  }

  /** Of an address that was asked before, the newer invitation stands. */
  async invite(asked: Asked, email: string): Promise<InvitedBody> {
    const token = newSecret('fmi_');
    const expiresAt = instant(this.clock.now() + this.config.invitationMs);
    const { accountId } = asked.caller;
    const invitedBy = tenantOf(asked.caller).subject;
    return this.changes.make(asked, 'set_up', async ({ tx, note }) => {
      const id = await invite(tx, { accountId, email, token, invitedBy, expiresAt });
      await note({ action: 'member.invited', targetId: id, before: null, after: { role: 'member' } });
      return { ...toInvitationBody({ id, accountId, email, expiresAt, isOver: false }), token };
    });
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
    await this.changes.make({ caller, requestId }, 'set_up', async ({ tx, note }) => {
      if (!(await endInvitation(tx, id))) throw over();
      if (!(await join(tx, accountId, userId))) {
        throw new ProblemError('already_member', 'You are in this account already.');
      }
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

function over(): ProblemError {
  return new ProblemError('invitation_over', 'The invitation is over. Ask for a new one.');
}

async function roleOf({ tx }: UnderChange, accountId: string, userId: string): Promise<MemberRole> {
  const role = await readRole(tx, accountId, userId);
  if (role === null) throw new ProblemError('member_not_found', 'Nobody of that id is in the account.');
  return role;
}

async function keepAnOwner({ tx }: UnderChange, accountId: string, leaving: string): Promise<void> {
  const owners = await readOwners(tx, accountId);
  if (owners.some((owner) => owner !== leaving)) return;
  throw new ProblemError('last_owner', 'Make somebody else an owner first.');
}
