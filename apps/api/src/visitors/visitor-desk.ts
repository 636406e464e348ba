// API room. Visitors as the owner of their bot deals with them: met by the owner's name for them, listed by pseudonym.
import type { UsedByRequests } from '@fairmeter/ledger/reads';
import { readUsedByRequests } from '@fairmeter/ledger/reads';
import type { ApiConfig } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { VisitorMet, VisitorView } from '@fairmeter/records';
import { listVisitors, meetVisitor, readAccount, readTokenRound, requestsOf, writeAudit } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller } from '../callers/caller.js';
import { actorOf, tenantOf } from '../callers/caller.js';
import { admitAct } from '../changes/account-gate.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { againstTwins } from '../requests/against-twins.js';
import { badCursor, readCursor, writeCursor } from '../requests/cursor.js';
import type { pageQuery } from '../requests/page.js';
import { pageSize } from '../requests/page.js';
import { API_CONFIG } from '../tokens.js';
import { hiddenOf } from './hidden.js';

export interface VisitorAsk {
  readonly caller: Caller;
  readonly botId: string;
  readonly requestId: string;
}

interface Round {
  readonly round: number;
}

export interface VisitorsAnswer {
  readonly visitors: readonly { readonly visitor: VisitorView; readonly usage: UsedByRequests | undefined }[];
  readonly nextCursor: string | null;
}

const VISITORS = 'visitors';
const VISITOR_ID = /^vis_[0-9a-z]{1,64}$/;

export function isVisitorId(text: string): boolean {
  return VISITOR_ID.test(text);
}

@Injectable()
export class VisitorDesk {
  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  /** With the round of tokens that the bot was in when the visitor was met. */
  async meet({ caller, botId, requestId }: VisitorAsk, externalRef: string): Promise<VisitorMet & Round> {
    const { accountId } = caller;
    const shareRef = hiddenOf(this.config, 'name', `${botId}\n${externalRef}`);
    const meetOnce = async (tx: EntityManager): Promise<VisitorMet & Round> => {
      const round = await roundOf(tx, botId);
      admitAct(await readAccount(tx, accountId), caller, 'start_work');
      const met = await meetVisitor(tx, { accountId, botId, externalRef, shareRef });
      if (met.isNew) {
        await writeAudit(tx, {
          accountId,
          actor: actorOf(caller),
          action: 'visitor.created',
          targetId: met.visitorId,
          before: null,
          after: { bot_id: botId },
          requestId,
        });
      }
      return { ...met, round };
    };
    return againstTwins(async () => this.database.asTenant(tenantOf(caller), meetOnce));
  }

  async list({ caller, botId }: VisitorAsk, query: z.output<typeof pageQuery>): Promise<VisitorsAnswer> {
    const before = query.cursor === undefined ? null : visitorCursor(query.cursor);
    const limit = pageSize(query.limit);
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      await roundOf(tx, botId);
      // One more than asked for tells whether there is a next page.
      const found = await listVisitors(tx, botId, { before, limit: limit + 1 });
      const page = found.slice(0, limit);
      const requests = await requestsOf(
        tx,
        page.map(({ id }) => id),
      );
      const used = await readUsedByRequests(tx, requests);
      const last = page.at(-1);
      return {
        visitors: page.map((visitor) => ({ visitor, usage: used.get(visitor.id) })),
        nextCursor: found.length > limit && last !== undefined ? writeCursor(VISITORS, [last.id]) : null,
      };
    });
  }
}

/** A bot of another account is one that is not there. */
async function roundOf(tx: EntityManager, botId: string): Promise<number> {
  const round = await readTokenRound(tx, botId);
  if (round === null) throw refusalProblem({ code: 'bot_not_found' }, 0);
  return round;
}

function visitorCursor(cursor: string): string {
  const [id = ''] = readCursor(VISITORS, cursor);
  if (!isVisitorId(id)) throw badCursor();
  return id;
}
