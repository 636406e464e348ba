// API room. Staff look through the loops of all accounts, and say of one that its cause was another. What was found
// stays; where it was the platform's after all, its repeats go back by a compensation like any other.
import { instant } from '@fairmeter/domain';
import type { ApiConfig } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { LoopRef, SaidBefore, StaffLoop } from '@fairmeter/records';
import {
  findLoopForStaff,
  findReclassificationByKey,
  keepReason,
  OF_NO_ACCOUNT,
  readLoopsForStaff,
  saveNewCompensation,
  saveReclassification,
  staffSubject,
  writeAudit,
} from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { StaffCaller } from '../callers/caller.js';
import { actorOf, inNoAccount, tenantOfStaff } from '../callers/caller.js';
import { admitForOthers } from '../callers/for-others.js';
import { hashOfAsked } from '../changes/asked-hash.js';
import { CompensationDesk } from '../compensations/compensation-desk.js';
import { CompensationReader } from '../compensations/compensation-reader.js';
import type { AskedByStaff } from '../grants/grant-desk.js';
import { keyHash } from '../jobs/admission-hashes.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { againstTwins } from '../requests/against-twins.js';
import { badCursor, cursorNumber, readCursor, writeCursor } from '../requests/cursor.js';
import type { PageOf } from '../requests/newest-first.js';
import { pageSize } from '../requests/page.js';
import { API_CONFIG } from '../tokens.js';
import { hiddenOf } from '../visitors/hidden.js';
import type { loopsQuery, ReclassifyLoop } from './loop-body.js';
import { goesBack } from './loop-body.js';
import { loopId, loopIdField, noSuchLoop } from './loop-id.js';

const LOOPS = 'loops';
/** The last that a date can hold. */
const LATEST_DATE_MS = 8_640_000_000_000_000;

export interface LoopWord {
  readonly loop: LoopRef;
  readonly idempotencyKey: Uint8Array;
  readonly body: ReclassifyLoop;
}

type Said = ReclassifyLoop & { readonly keyHash: string; readonly bodyHash: string };

@Injectable()
export class LoopDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly compensations: CompensationDesk,
    private readonly reader: CompensationReader,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  async page(staff: StaffCaller, query: z.output<typeof loopsQuery>): Promise<PageOf<StaffLoop>> {
    const { cause = null, account_id: accountId = null, limit, cursor } = query;
    const size = pageSize(limit);
    const after = cursor === undefined ? null : placeOf(cursor);
    const found = await this.database.asTenant(inNoAccount(staff), async (tx) =>
      readLoopsForStaff(tx, { cause, accountId, after, limit: size + 1 }),
    );
    const rows = found.slice(0, size);
    const last = rows.at(-1);
    return { rows, nextCursor: found.length > size && last !== undefined ? cursorAt(last) : null };
  }

  /** The same key and body again find the loop as it is now, and go on with what was broken off. */
  async reclassify(asked: AskedByStaff, { loop: ref, idempotencyKey, body }: LoopWord): Promise<StaffLoop> {
    const { staff } = asked;
    const { accountId } = await this.find(staff, ref);
    await this.database.asTenant(tenantOfStaff(staff, accountId), async (tx) =>
      admitForOthers(tx, accountId, staff.userId),
    );
    const who = { accountId: OF_NO_ACCOUNT, botId: LOOPS };
    const said = {
      ...body,
      keyHash: keyHash(who, idempotencyKey, staffSubject(staff.userId)),
      // A reason is somebody's words: what is left of it confirms no guess of them.
      bodyHash: hiddenOf(this.config, 'request', hashOfAsked({ ...body, loop: loopId(ref) })),
    };
    const { compensationId } = await againstTwins(async () =>
      this.database.asTenant(inNoAccount(staff), async (tx) => say(tx, asked, { ref, said })),
    );
    if (compensationId !== null) {
      const { record } = await this.reader.find(staff, compensationId);
      await this.compensations.carryOut(record);
    }
    return this.find(staff, ref);
  }

  private async find(staff: StaffCaller, ref: LoopRef): Promise<StaffLoop> {
    return this.database.asTenant(inNoAccount(staff), async (tx) => mustFind(tx, ref));
  }
}

async function say(
  tx: EntityManager,
  asked: AskedByStaff,
  { ref, said }: { readonly ref: LoopRef; readonly said: Said },
): Promise<SaidBefore> {
  const { staff, requestId } = asked;
  const before = await findReclassificationByKey(tx, said.keyHash);
  if (before !== null && before.bodyHash !== said.bodyHash) throw refusalProblem({ code: 'idempotency_mismatch' }, 0);
  if (before !== null) return before;
  const loop = await mustFind(tx, ref);
  if (!loop.hasEnded) throw new ProblemError('job_running', 'What its job costs is not final yet.');
  if (loop.cause === said.cause) throw refusalProblem({ code: 'change_without_effect', why: 'same_cause' }, 0);
  const by = { id: staff.userId, role: staff.role };
  const { keyHash: key, bodyHash, cause, reason: text } = said;
  const reasonRef = await keepReason(tx, OF_NO_ACCOUNT, { subject: staffSubject(staff.userId), text });
  const compensationId = goesBack(loop, cause) ? newId('cps') : null;
  await saveReclassification(tx, { loop, cause, by, reasonRef, compensationId, keyHash: key, bodyHash });
  if (compensationId !== null) {
    const target = { kind: 'loop', jobId: ref.jobId, finding: ref.number } as const;
    const write = { reasonRef, keyHash: key, bodyHash };
    await saveNewCompensation(tx, { id: compensationId, target, askedBy: by, requestId, asked: write });
  }
  await writeAudit(tx, {
    accountId: OF_NO_ACCOUNT,
    actor: actorOf(staff),
    action: 'loop.reclassified',
    targetId: loopId(ref),
    before: { cause: loop.cause },
    after: { cause, compensation_id: compensationId },
    reason: { ref: reasonRef },
    requestId,
  });
  return { bodyHash, compensationId };
}

async function mustFind(tx: EntityManager, ref: LoopRef): Promise<StaffLoop> {
  const loop = await findLoopForStaff(tx, ref);
  if (loop === null) throw noSuchLoop();
  return loop;
}

function cursorAt(loop: StaffLoop): string {
  return writeCursor(LOOPS, [loop.foundAt.toString(), loopId(loop)]);
}

function placeOf(cursor: string): LoopRef & Pick<StaffLoop, 'foundAt'> {
  const [foundAt, id] = readCursor(LOOPS, cursor);
  const at = Number(cursorNumber(foundAt));
  const ref = loopIdField.safeParse(id);
  if (at > LATEST_DATE_MS || !ref.success) throw badCursor();
  return { ...ref.data, foundAt: instant(at) };
}
