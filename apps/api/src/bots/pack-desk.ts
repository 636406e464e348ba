// API room. Packs of credits as an owner offers them to visitors. A version never changes, so that whoever saw a price
// buys at that price or not at all.
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { AuditedState, NewPack, Pack } from '@fairmeter/records';
import { addPack, findBot, listPacks, lockPack, withdrawProduct } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import type { Asked, Changing } from '../changes/changes.js';
import { Changes, ending, note } from '../changes/changes.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { badCursor, readCursor, writeCursor } from '../requests/cursor.js';
import type { pageQuery } from '../requests/page.js';
import { pageSize } from '../requests/page.js';
import { found } from './bot-desk.js';
import type { ChangePackBody, NewPackBody, PackBody, PacksBody } from './pack-body.js';
import { toPackBody } from './pack-body.js';

const PACKS = 'bot-packs';

@Injectable()
export class PackDesk {
  constructor(
    private readonly changes: Changes,
    private readonly database: TenantDatabase,
  ) {}

  async make(asked: Asked & { readonly idempotencyKey: Uint8Array }, body: NewPackBody): Promise<PackBody> {
    const once = { place: PACKS, idempotencyKey: asked.idempotencyKey, body };
    const { answer } = await this.changes.makeOnce(asked, once, async (changing) => {
      const pack = await offered(changing, {
        packId: newId('bpk'),
        version: 1,
        name: body.name,
        allowances: allowancesOf(body),
        price: body.price,
      });
      await note(changing, { action: 'bot_pack.made', targetId: pack.packId, before: null, after: audited(pack) });
      const shown = toPackBody(pack);
      return { answer: shown, kept: shown };
    });
    return answer;
  }

  async list(caller: Caller, { cursor, limit: asked }: z.output<typeof pageQuery>): Promise<PacksBody> {
    const before = cursor === undefined ? null : (readCursor(PACKS, cursor)[0] ?? null);
    if (cursor !== undefined && before === null) throw badCursor();
    const limit = pageSize(asked);
    const all = await this.database.asTenant(tenantOf(caller), async (tx) =>
      listPacks(tx, { before, limit: limit + 1 }),
    );
    const page = all.slice(0, limit);
    const last = page.at(-1);
    const next = all.length > limit && last !== undefined ? writeCursor(PACKS, [last.packId]) : null;
    return { data: page.map(toPackBody), next_cursor: next };
  }

  /** What comes out as it went in is no other version. */
  async change(asked: Asked, packId: string, body: ChangePackBody): Promise<PackBody> {
    return this.changes.make(asked, async (changing) => {
      const before = await present(changing, packId);
      const { allowances, ...rest } = body;
      const wanted = {
        packId,
        version: before.version + 1,
        name: rest.name ?? before.name,
        allowances: allowances === undefined ? before.allowances : allowancesOf({ allowances }),
        price: rest.price ?? before.price,
      };
      if (isSame(before, { ...before, ...wanted, version: before.version })) return toPackBody(before);
      await withdrawProduct(changing.tx, before.id);
      const after = await offered(changing, wanted);
      const line = { targetId: packId, before: audited(before), after: audited(after) };
      await note(changing, { action: 'bot_pack.changed', ...line });
      return toPackBody(after);
    });
  }

  async withdraw(asked: Asked, packId: string): Promise<void> {
    await this.changes.make(ending(asked), async (changing) => {
      const before = await present(changing, packId);
      await withdrawProduct(changing.tx, before.id);
      await note(changing, { action: 'bot_pack.withdrawn', targetId: packId, before: audited(before), after: null });
    });
  }
}

async function offered(changing: Changing, pack: Omit<NewPack, 'id' | 'accountId'>): Promise<Pack> {
  const { tx, caller } = changing;
  for (const { botId } of pack.allowances) {
    const bot = found(await findBot(tx, botId));
    if (bot.archivedAt !== null) throw refusalProblem({ code: 'bot_archived' }, 0);
  }
  return addPack(tx, { ...pack, id: newId('prd'), accountId: caller.accountId });
}

async function present({ tx }: Changing, packId: string): Promise<Pack> {
  const pack = await lockPack(tx, packId);
  if (pack === null) throw new ProblemError('pack_not_found', 'The account offers no such pack.');
  return pack;
}

/** By bot, as they are read again. */
function allowancesOf({ allowances }: Pick<NewPackBody, 'allowances'>): NewPack['allowances'] {
  return allowances
    .map(({ bot_id: botId, credits }) => ({ botId, credits }))
    .sort((one, other) => (one.botId < other.botId ? -1 : 1));
}

function isSame(one: Pack, other: Pack): boolean {
  return JSON.stringify(toPackBody(one)) === JSON.stringify(toPackBody(other));
}

/** A name is somebody's words. */
function audited(pack: Pack): AuditedState {
  const { version, product_id: productId, allowances, price } = toPackBody(pack);
  return { version, product_id: productId, allowances, price };
}
