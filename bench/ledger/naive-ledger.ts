// Bench room, the ledger. The naive way, done well: a transaction per post, the scope locked FOR UPDATE, the same pure
// decision, the same rows. Two waits per post: lock and reads leave together, writes and COMMIT leave together.
import { createHash } from 'node:crypto';
import type { Hold, JobFacts } from '@fairmeter/domain';
import { accept, canonicalJson, refuse, type JsonValue } from '@fairmeter/domain';
import type { Statement, Transaction, WriterDatabase } from '@fairmeter/platform/database';
import type { CycleChanges, CyclePost, CyclePosting, PostTaker } from './cycle.js';
import { readGround, type NaiveGround } from './naive-ground.js';
import * as sql from './naive-statements.js';

export class NaiveLedger implements PostTaker {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  constructor(
    private readonly writer: WriterDatabase,
    connections: number,
  ) {
    this.free = connections;
  }

  /** In the order of arrival, and for as long as it takes: the pool itself would give up after some seconds. */
  async post(post: CyclePost): ReturnType<PostTaker['post']> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await this.transact(post);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free += 1;
      else next();
    }
  }

  private async transact(post: CyclePost): ReturnType<PostTaker['post']> {
    return this.writer.transaction(async (tx) => {
      const ground = await readGround(tx, post);
      const body = storable(post.body);
      const bodyHash = createHash('sha256').update(canonicalJson(body)).digest('hex');
      if (ground.known !== null) {
        return ground.known.bodyHash === bodyHash
          ? accept({ result: ground.known.result, replayed: true })
          : refuse({ code: 'operation_mismatch', operationKey: post.key, field: 'body' });
      }
      const decided = post.decide(ground);
      if (!decided.ok) return decided;
      await write(tx, statements(post, { ground, posting: decided.value, body, bodyHash }));
      return accept({ result: decided.value.result, replayed: false });
    });
  }
}

interface Deciding {
  readonly ground: NaiveGround;
  readonly posting: CyclePosting;
  readonly body: JsonValue;
  readonly bodyHash: string;
}

async function write(tx: Transaction, all: readonly Statement[]): Promise<void> {
  const last = all.at(-1);
  if (last === undefined) return;
  await Promise.all([...all.slice(0, -1).map((statement) => tx.query(statement)), tx.queryLast(last)]);
}

function statements(post: CyclePost, { ground, posting, body, bodyHash }: Deciding): Statement[] {
  const { scopeId, accountId, key, verb } = post;
  const { changes, job } = posting;
  const at = new Date(ground.at);
  const entrySeq = ground.snapshot.entrySeq + BigInt(changes.entries.length);
  const result = JSON.stringify(posting.result);
  return [
    { ...sql.PUT_OPERATION, values: [key, scopeId, accountId, verb, bodyHash, JSON.stringify(body), result, at] },
    ...changes.lots.map((lot) => ({
      ...sql.PUT_LOT,
      values: [lot.id, lot.open, lot.held, lot.clawedBack, isAlive(lot)],
    })),
    ...changes.counters.map((counter) => ({
      ...sql.PUT_COUNTER,
      values: [
        ...[counter.id, scopeId, accountId, counter.kind, counter.subject],
        ...[counter.period, new Date(counter.periodStart), counter.used, counter.held],
      ],
    })),
    ...holdStatements(post, { changes, ground }),
    ...changes.entries.map((entry, index) => ({
      ...sql.PUT_ENTRY,
      values: [
        ...[scopeId, ground.snapshot.entrySeq + BigInt(index) + 1n, accountId, key, entry.from, entry.to],
        ...[entry.amount, entry.lotId, entry.lotOpenAfter, entry.lotHeldAfter, entry.jobId, entry.stepOrdinal, at],
      ],
    })),
    ...(job === null ? [] : [jobStatement(job, ground.job)]),
    {
      ...sql.PUT_SCOPE,
      values: [
        ...[scopeId, entrySeq, at, changes.debt ?? ground.snapshot.debt],
        // A cycle changes no terms.
        ...[ground.scope.terms_rows, ground.scope.limit_rows, ground.scope.day_opened],
        ground.openJobs + (job === null ? 0 : ground.job === null ? 1 : -1),
      ],
    },
  ];
}

function holdStatements(
  { scopeId, accountId }: CyclePost,
  { changes, ground }: { readonly changes: CycleChanges; readonly ground: NaiveGround },
): Statement[] {
  return changes.holds.flatMap((hold) => [
    // What the head says changes with its state alone: neither side writes it for a capture.
    ...(ground.snapshot.holds.get(hold.id)?.state === hold.state ? [] : [headStatement(scopeId, accountId, hold)]),
    ...hold.lines.map((line) => ({
      ...sql.PUT_LINE,
      values: [hold.id, line.lineNo, accountId, line.lotId, line.held, line.captured, line.reversed],
    })),
    ...hold.counters.map((part) => ({
      ...sql.PUT_HOLD_COUNTER,
      values: [hold.id, part.counterId, accountId, part.held, part.used],
    })),
  ]);
}

function headStatement(scopeId: string, accountId: string, hold: Hold): Statement {
  const head = [hold.id, scopeId, accountId, hold.jobId, hold.state, hold.payer.funding];
  return { ...sql.PUT_HOLD, values: [...head, hold.payer.publicMayUseBonus, JSON.stringify(hold.limitRefs)] };
}

function jobStatement(job: JobFacts, before: JobFacts | null): Statement {
  if (before !== null) {
    const ended = [moment(job.startedAt), moment(job.endedAt)];
    const values = [job.id, job.state, job.endReason, job.charge, job.minimumCharge, job.held, ...ended];
    return { ...sql.END_JOB, values };
  }
  return {
    ...sql.NEW_JOB,
    values: [
      ...[job.id, job.scopeId, job.accountId, job.botId, job.botType, job.keyHash, job.bodyHash, job.workflowId],
      ...[job.runId, job.traceParent, job.requestKind, job.model, job.rateCardId, job.promptRef, job.promptBytes],
      ...[job.state, job.maxIterations, job.maxCredits, job.held, new Date(job.createdAt), job.program],
    ],
  };
}

function isAlive(lot: CycleChanges['lots'][number]): boolean {
  return lot.open > 0n || lot.held > 0n;
}

function moment(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}

function storable(body: CyclePost['body']): JsonValue {
  const text = JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  return JSON.parse(text) as JsonValue;
}
