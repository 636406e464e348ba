// API room. A bot goes to another account where both owners want it. Its jobs under way settle with the account that
// pays for them, its keys are revoked, its visitors keep what they have at it, and what it did stays in the books of
// whoever owned it then.
import { TenantDatabase } from '@fairmeter/platform/database';
import type { BotTransfer } from '@fairmeter/records';
import {
  acceptTransfer,
  findTransfer,
  listTransfers,
  lockBot,
  offerBot,
  oneAtATime,
  withdrawTransfer,
} from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller } from '../callers/caller.js';
import { actorOf, tenantOf } from '../callers/caller.js';
import type { Asked, Changing } from '../changes/changes.js';
import { Changes, ending, note } from '../changes/changes.js';
import { ProblemError, validationFailed } from '../problems/problem-error.js';
import { badCursor, readCursor, writeCursor } from '../requests/cursor.js';
import type { pageQuery } from '../requests/page.js';
import { pageSize } from '../requests/page.js';
import { found } from './bot-desk.js';
import type { TransferBody, TransfersBody } from './transfer-body.js';
import { toTransferBody } from './transfer-body.js';

const TRANSFERS = 'bot-transfers';

export interface Offering {
  readonly toAccount: string;
  /** Null where the caller has none. */
  readonly idempotencyKey: Uint8Array | null;
}

@Injectable()
export class TransferDesk {
  constructor(
    private readonly changes: Changes,
    private readonly database: TenantDatabase,
  ) {}

  async offer(asked: Asked, botId: string, { toAccount, idempotencyKey }: Offering): Promise<TransferBody> {
    const once = { place: `bots/${botId}/transfers`, idempotencyKey, body: { to_account_id: toAccount } };
    return this.changes.makeOnceIfNamed(asked, once, async (changing) => {
      const { tx, caller } = changing;
      const { accountId: fromAccount } = found(await lockBot(tx, botId));
      if (toAccount === fromAccount) {
        throw validationFailed([{ pointer: '/to_account_id', message: 'is the account that has the bot' }]);
      }
      // Whoever takes the role away on which this offer hangs must find it, also where both are asked at one moment.
      await oneAtATime(tx, fromAccount);
      const transfer = await offerBot(tx, { botId, fromAccount, toAccount, by: actorOf(caller).id });
      if (transfer === null) throw new ProblemError('transfer_open', 'Withdraw the open offer of this bot first.');
      await note(changing, { action: 'bot.offered', targetId: botId, before: null, after: { to: toAccount } });
      const shown = toTransferBody(transfer);
      return { answer: shown, kept: shown };
    });
  }

  async list(caller: Caller, { cursor, limit: asked }: z.output<typeof pageQuery>): Promise<TransfersBody> {
    const before = cursor === undefined ? null : (readCursor(TRANSFERS, cursor)[0] ?? null);
    if (cursor !== undefined && before === null) throw badCursor();
    const limit = pageSize(asked);
    const all = await this.database.asTenant(tenantOf(caller), async (tx) => listTransfers(tx, before, limit + 1));
    const page = all.slice(0, limit);
    const last = page.at(-1);
    const next = all.length > limit && last !== undefined ? writeCursor(TRANSFERS, [last.id]) : null;
    return { data: page.map(toTransferBody), next_cursor: next };
  }

  /** Of two who decide at one moment one wins, and the other is told that it is over. */
  async accept(asked: Asked, transferId: string): Promise<TransferBody> {
    return this.changes.make(asked, async (changing) => {
      const { tx, caller } = changing;
      const outcome = await acceptTransfer(tx, transferId, actorOf(caller).id);
      if (outcome === 'not_found') throw noSuchTransfer();
      const transfer = await known(changing, transferId);
      if (outcome === 'over') throw over(transfer);
      const { botId, fromAccount: from, toAccount: to } = transfer;
      const line = {
        action: 'bot.moved_here',
        targetId: botId,
        before: { account_id: from },
        after: { account_id: to },
      };
      await note(changing, line);
      return toTransferBody(transfer);
    });
  }

  /** By either side. */
  async withdraw(asked: Asked, transferId: string): Promise<TransferBody> {
    return this.changes.make(ending(asked), async (changing) => {
      const before = await known(changing, transferId);
      const withdrawn = await withdrawTransfer(changing.tx, transferId, actorOf(changing.caller).id);
      const transfer = await known(changing, transferId);
      if (!withdrawn) throw over(transfer);
      const states = { before: { state: before.state }, after: { state: transfer.state } };
      await note(changing, { action: 'bot.offer_withdrawn', targetId: transfer.botId, ...states });
      return toTransferBody(transfer);
    });
  }
}

async function known({ tx }: Changing, transferId: string): Promise<BotTransfer> {
  const transfer = await findTransfer(tx, transferId);
  if (transfer === null) throw noSuchTransfer();
  return transfer;
}

function noSuchTransfer(): ProblemError {
  return new ProblemError('transfer_not_found', 'This account knows of no such transfer.');
}

function over({ state }: BotTransfer): ProblemError {
  return new ProblemError('transfer_over', 'Somebody has decided on this transfer before.', { members: { state } });
}
