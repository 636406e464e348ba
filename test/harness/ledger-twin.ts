// Test harness. One scope twice: in memory and in the tables. An order goes to the memory at once and to the tables
// when it is asked for; both must give the same answer and end with the same rows.
import type { Instant, MicroCredits, RefundOrder } from '@fairmeter/domain';
import { accept, accountScope, instant, instantToText, refuse } from '@fairmeter/domain';
import type { ScopeOwner } from '@fairmeter/ledger';
import { newId } from '@fairmeter/platform/database';
import type { LedgerDatabase } from './ledger-database.js';
import { beginOfStep, endOfStep, noteOrder } from './loop-orders.js';
import { isUnnamed, LotNames, unnamedLot } from './lot-names.js';
import { MemoryLedger } from './memory-ledger.js';
import {
  admitOrder,
  after,
  beginOrder,
  botTerms,
  budgetOrder,
  creditsOf,
  endOrder,
  failOrder,
  grantOrder,
  stopOrder,
  use,
  waitOrder,
  wishFor,
} from './orders.js';
import { periodAsk } from './period-orders.js';
import type { LedgerOrder } from './random-orders.js';
import { given, withReplayed, type Answer, type Body, type Both, type Given } from './twin-answers.js';

/** Beyond any clock, so that `asOf` alone decides the effective time and the model can know it beforehand. */
const FAR = instant(Date.UTC(2199, 0, 1));
const SETTLING = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;

type Of<V extends LedgerOrder['verb']> = Extract<LedgerOrder, { readonly verb: V }>;

/** Where an order stands: its time, its number, and the job it concerns. */
interface Place {
  readonly asOf: Instant;
  readonly number: number;
}

export class LedgerTwin {
  readonly model: MemoryLedger;
  readonly names = new LotNames();
  private readonly answered = new Map<string, { readonly answer: Answer; readonly body: Body }>();
  private number = 0;

  constructor(
    readonly db: LedgerDatabase,
    readonly accountId: string = newId('acc'),
    scopeId: string = accountScope(accountId),
  ) {
    this.model = new MemoryLedger(accountId, scopeId);
  }

  get scopeId(): string {
    return this.model.scopeId;
  }

  private get owner(): ScopeOwner {
    return { scopeId: this.scopeId, accountId: this.accountId };
  }

  /** To the model at once; to the tables when asked. Null for what no caller could send. */
  give(one: LedgerOrder): Given | null {
    const number = (this.number += 1);
    // Callers' clocks differ: now and then one comes from before the scope's last instant.
    const last = this.model.lastEffectiveAt > FAR ? this.model.lastEffectiveAt : FAR;
    const place = { number, asOf: after(last, number % 5 === 0 ? -30 : one.wait) };
    switch (one.verb) {
      case 'grant':
        return this.grant(one, place);
      case 'admit':
        return this.admit(one, place);
      case 'terms':
        return this.terms(one, place);
      case 'limits':
        return this.limits(one, place);
      case 'begin':
        return this.begin(one, place);
      case 'pause':
        return this.pause(one, place);
      case 'budget':
        return this.budget(one, place);
      case 'end':
      case 'fail':
      case 'stop':
        return this.endAttempt(one, place);
      case 'settle':
        return this.settle(one, place);
      case 'refund':
        return this.refund(one, place);
      case 'refund-steps':
        return this.refundSteps(one, place);
      case 'note':
        return this.note(one, place);
      case 'expire':
        return this.expire(one, place);
      case 'claw-back':
        return this.clawBack(one, place);
      case 'grow-lot':
      case 'end-lot':
      case 'take-lot-back': {
        const desk = { model: this.model, grants: this.db.grants, owner: this.owner };
        const { key, ...both } = periodAsk(desk, one, place.asOf);
        return this.once(key, one.verb, both);
      }
    }
  }

  /** For keys that may come again: then both sides must give the first answer, or refuse another body. */
  private once(key: string, verb: LedgerOrder['verb'], { decide, ask, body = [] }: Both): Given {
    const known = this.answered.get(key);
    if (known?.answer.ok === true) {
      const other = body.find(([field, text]) => known.body.some(([name, was]) => name === field && was !== text));
      const expected: Answer =
        other === undefined
          ? withReplayed(accept(known.answer.value.result), true)
          : refuse({ code: 'operation_mismatch', operationKey: key, field: other[0] });
      return { verb, ask, expected };
    }
    const answer = withReplayed(decide(), false);
    this.answered.set(key, { answer, body });
    return { verb, ask, expected: answer };
  }

  private jobIdOf(one: { readonly jobId: string }): string {
    return `${one.jobId}_${this.accountId}`;
  }

  private payerOf(jobId: string): { readonly accountId: string; readonly jobId: string } {
    return { accountId: this.accountId, jobId };
  }

  private grant(one: Of<'grant'>, { asOf, number }: Place): Given {
    const validFrom = one.ahead === 0 ? instant(0) : after(asOf, one.ahead);
    const expiresAt = one.lives === null ? null : after(asOf, one.lives + one.ahead);
    // Every other one by the door of grants, which names its lot itself.
    const lotId = number % 2 === 0 ? unnamedLot(`${number}_${this.accountId}`) : newId('lot');
    const { kind, amount } = one;
    const order = grantOrder({ lotId, kind, amount, validFrom, expiresAt, sourceRef: `source-${number}` });
    const { lotId: _, ...wish } = order;
    return given('grant', this.model.grant(asOf, order), async () =>
      number % 2 === 0 ? this.db.grants.grant(this.owner, asOf, wish) : this.db.postGrant(this.owner, asOf, order),
    );
  }

  private admit(one: Of<'admit'>, { asOf, number }: Place): Given {
    const jobId = this.jobIdOf(one);
    const { payer, limitRefs } = one;
    const order = admitOrder(jobId, {
      bot: botTerms({ accountId: this.accountId }),
      wish: wishFor({ maxCredits: one.budget }),
      runId: `run-${number}`,
      payer,
      limitRefs,
    });
    return given('admit', this.model.admit(asOf, order), async () => this.db.jobs.admit(this.accountId, asOf, order));
  }

  private begin(one: Of<'begin'>, { asOf, number }: Place): Given {
    const jobId = this.jobIdOf(one);
    const order = beginOrder(one.ordinal, { inputBytes: one.inputBytes, ...beginOfStep(one.ordinal) });
    const post = { payer: this.payerOf(jobId), tryKey: `try-${number}`, asOf, order };
    return given('begin', this.model.begin(jobId, asOf, order), async () => this.db.jobs.beginStep(post));
  }

  private pause(one: Of<'pause'>, { asOf, number }: Place): Given {
    const jobId = this.jobIdOf(one);
    const order = waitOrder(one.ordinal, { required: one.required });
    const post = { payer: this.payerOf(jobId), tryKey: `try-${number}`, asOf, order };
    return given('pause', this.model.wait(jobId, asOf, order), async () => this.db.control.waitForCredits(post));
  }

  private budget(one: Of<'budget'>, { asOf, number }: Place): Given {
    const jobId = this.jobIdOf(one);
    const order = budgetOrder(one.most);
    const post = { payer: this.payerOf(jobId), changeKey: `${number}`, asOf, order };
    return given('budget', this.model.changeBudget(jobId, asOf, order), async () => this.db.control.changeBudget(post));
  }

  private terms(one: Of<'terms'>, { asOf, number }: Place): Given {
    const { zone, dailyAllowance } = one;
    const order = {
      ...(zone === undefined ? {} : { zone }),
      ...(dailyAllowance === undefined ? {} : { dailyAllowance }),
    };
    const post = { owner: this.owner, changeKey: `${number}`, asOf, order };
    return given('terms', this.model.setTerms(asOf, order), async () => this.db.terms.setTerms(post));
  }

  private limits(one: Of<'limits'>, { asOf, number }: Place): Given {
    const post = { owner: this.owner, changeKey: `${number}`, asOf, order: one.limits };
    return given('limits', this.model.setLimits(asOf, one.limits), async () => this.db.terms.setLimits(post));
  }

  private endAttempt(one: Of<'end'> | Of<'fail'> | Of<'stop'>, { asOf, number }: Place): Given | null {
    const jobId = this.jobIdOf(one);
    const hasBegun = this.model.attemptsOf(jobId, one.ordinal).some((some) => some.number === one.attempt);
    if (!hasBegun) return null;
    const post = { payer: this.payerOf(jobId), tryKey: `try-${number}`, asOf };
    if (one.verb === 'end') {
      const order = endOrder(one.ordinal, one.attempt, endOfStep(one.ordinal, one.tokens));
      return given('end', this.model.end(jobId, asOf, order), () => this.db.jobs.endStep({ ...post, order }));
    }
    if (one.verb === 'stop') {
      const order = stopOrder(one.ordinal, one.attempt, { meters: use(one.tokens) });
      return given('stop', this.model.stop(jobId, asOf, order), () => this.db.control.endCancelled({ ...post, order }));
    }
    const order = failOrder(one.ordinal, one.attempt);
    return given('fail', this.model.fail(jobId, asOf, order), () => this.db.jobs.failAttempt({ ...post, order }));
  }

  private settle(one: Of<'settle'>, { asOf }: Place): Given {
    const jobId = this.jobIdOf(one);
    return this.once(`${jobId}:settle`, 'settle', {
      decide: () => this.model.settle(jobId, asOf, SETTLING),
      ask: () => this.db.jobs.settle(this.payerOf(jobId), asOf, SETTLING),
    });
  }

  private refund(one: Of<'refund'>, { asOf }: Place): Given | null {
    const jobId = this.jobIdOf(one);
    const lines = this.model.holdOf(jobId)?.lines ?? [];
    const parts = one.picks.flatMap(({ line: pick, quarters }) => {
      const line = lines[pick % Math.max(lines.length, 1)];
      const amount = ((line?.captured ?? 0n) * quarters) / 4n;
      return line === undefined || amount === 0n ? [] : [{ lotId: line.lotId, amount: amount as MicroCredits }];
    });
    const named = parts.map((part) => ({ ...part, lotId: this.names.inTables(part.lotId) }));
    // A lot that the tables are about to name themselves in this very group is nothing that anybody could name.
    if (named.some((part) => isUnnamed(part.lotId))) return null;
    const reference = `lane/${one.reference}`;
    const compensation = this.compensation(`refund/${jobId}/${reference}`);
    const { form } = one;
    return this.once(`${jobId}:refund:${reference}`, 'refund', {
      body: [
        ['form', form],
        ['parts', parts.map(({ lotId, amount }) => `${lotId}=${amount}`).join()],
      ],
      decide: () => this.model.refund(jobId, asOf, { parts, form, stepOrdinal: null, compensation }),
      ask: () => this.db.jobs.refund(this.payerOf(jobId), reference, { asOf, parts: named, form, stepOrdinal: null }),
    });
  }

  private refundSteps(one: Of<'refund-steps'>, { asOf }: Place): Given {
    const jobId = this.jobIdOf(one);
    const reference = `steps/${one.reference}`;
    const { form, ordinals } = one;
    const compensation = this.compensation(`refund/${jobId}/${reference}`);
    return this.once(`${jobId}:refund:${reference}`, 'refund-steps', {
      body: [
        ['form', form],
        ['ordinals', ordinals.join()],
      ],
      decide: () => this.model.refundSteps(jobId, asOf, { form, ordinals, compensation }),
      ask: () => this.db.jobs.refundSteps(this.payerOf(jobId), reference, { asOf, form, ordinals }),
    });
  }

  private note(one: Of<'note'>, { asOf }: Place): Given {
    const jobId = this.jobIdOf(one);
    const reference = `finding/${one.number}`;
    const order = noteOrder(one.number, { ...one, jobId });
    const compensation = this.compensation(`refund/${jobId}/${reference}`);
    return this.once(`${jobId}:refund:${reference}`, 'note', {
      body: [['foundAt', `${order.finding.foundAt.ordinal}`]],
      decide: () => this.model.note(jobId, asOf, { ...order, compensationFor: () => compensation }),
      ask: () => this.db.jobs.noteLoop(this.payerOf(jobId), { ...order, asOf }),
    });
  }

  private compensation(sourceRef: string): RefundOrder['compensation'] {
    const ref = unnamedLot(`${this.number}_${this.accountId}`);
    return { fromDailyLotId: `${ref}d`, lotId: ref, sourceRef };
  }

  private expire(_: Of<'expire'>, { asOf }: Place): Given | null {
    return this.once(`expire:${instantToText(asOf)}`, 'expire', {
      decide: () => this.model.expire(asOf),
      ask: () => this.db.grants.expire(this.owner, asOf),
    });
  }

  private clawBack(one: Of<'claw-back'>, { asOf }: Place): Given | null {
    const lots = [...this.model.snapshot.lots.values()];
    const lotId = lots[one.pick % Math.max(lots.length, 1)]?.id ?? 'lot_unknown';
    const named = this.names.inTables(lotId);
    if (isUnnamed(named)) return null;
    return this.once(`claw-back:${lotId}`, 'claw-back', {
      decide: () => this.model.clawBack(asOf, lotId),
      ask: () => this.db.grants.clawBack(this.owner, asOf, named),
    });
  }
}
