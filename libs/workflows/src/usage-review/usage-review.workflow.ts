// Workflows room. A usage review from its report to its end: hears what people say, one word after the other, wakes for
// its times, and restores what was let through. The row is what is true: a run that begins anew goes on from there, so
// a case that is closed needs no run until it is opened again.
import type {
  HeardReview,
  ReviewAnswer,
  ReviewWord,
  StandingReview,
  UsageReviewInput,
  WireRefusal,
} from '@fairmeter/contracts';
import { openedReviewUpdate, packRefusal, sayingOf, sayInReviewUpdate } from '@fairmeter/contracts';
import {
  add,
  formatMicroCredits,
  hearReview,
  invariant,
  isReviewOver,
  parseMicroCredits,
  ZERO,
} from '@fairmeter/domain';
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { ANALYSE_UNDER_WAY, DECIDE_AT_LENGTH, JOIN_ANALYSIS, JOIN_LATER_ANALYSIS } from '../patches.js';
import {
  analyseReview,
  noteReviewDecision,
  noteReviewRestored,
  noteReviewTime,
  noteReviewWord,
  openReview,
  refundJobSteps,
} from '../proxies.js';

export async function usageReview(input: UsageReviewInput): Promise<void> {
  await new ReviewRun(input.caseId).live();
}

function refusedBy(refusal: WireRefusal): ApplicationFailure {
  return ApplicationFailure.nonRetryable(refusal.code, refusal.code, refusal);
}

type Passed = Parameters<typeof noteReviewTime>[0]['passed'];

interface Analysis {
  isDone: boolean;
}

/** Where in the order of analyses one was asked for. */
interface Asked {
  /** The one that was under way, by its place; null where none was. */
  readonly underWay: number | null;
  /** Of the next one. */
  readonly place: number;
}

class ReviewRun {
  private standing: StandingReview | undefined;
  private isBusy = false;
  private turns = 0;
  /** All that this run has begun, the latest last. */
  private readonly analyses: Analysis[] = [];

  /** Handlers stand before anything is waited for: what comes at once is heard. */
  constructor(private readonly caseId: string) {
    setHandler(openedReviewUpdate, async () => {
      await condition(() => this.standing !== undefined);
      return this.answer;
    });
    setHandler(sayInReviewUpdate, async (word: ReviewWord) => this.hear(word), {
      validator: (word: ReviewWord) => {
        if (this.standing !== undefined && !this.isBusy) this.mustHear(word);
      },
    });
  }

  async live(): Promise<void> {
    this.standing = await openReview({ caseId: this.caseId, asOf: Date.now() });
    for (;;) {
      if (this.now.state === 'granting') await this.inTurn(async () => this.restore());
      else if (isReviewOver(this.now.state) && allHandlersFinished()) return;
      else if (allHandlersFinished() && workflowInfo().continueAsNewSuggested) {
        await continueAsNew<typeof usageReview>({ caseId: this.caseId });
      } else await this.untilNext();
    }
  }

  private get now(): StandingReview {
    invariant(this.standing !== undefined, 'review.opened-first', 'a review goes on that was not opened');
    return this.standing;
  }

  private get answer(): ReviewAnswer {
    return { state: this.now.state };
  }

  private async hear(word: ReviewWord): Promise<ReviewAnswer> {
    await condition(() => this.standing !== undefined);
    const place = this.analyses.length;
    const underWay = this.analyses.at(-1)?.isDone === false ? place - 1 : null;
    await this.inTurn(async () => {
      this.mustHear(word);
      if (word.says === 'analyse') return this.analyse(word, { underWay, place });
      // With the same answer whichever way: what is decided on has its own time.
      const note = word.says === 'decide' && patched(DECIDE_AT_LENGTH) ? noteReviewDecision : noteReviewWord;
      return this.heard(await note({ caseId: this.caseId, asOf: Date.now(), word }));
    });
    await condition(() => this.now.state !== 'granting');
    return this.answer;
  }

  private async analyse(word: ReviewWord, asked: Asked): Promise<StandingReview> {
    const { caseId } = this;
    const isShownFirst = patched(ANALYSE_UNDER_WAY);
    const isServed = isShownFirst && this.isServed(asked);
    const own = { isDone: isServed };
    if (!isServed) this.analyses.push(own);
    if (!isShownFirst) await analyseReview({ caseId, asOf: Date.now() });
    const standing = this.heard(await noteReviewWord({ caseId, asOf: Date.now(), word }));
    if (isShownFirst && !isServed) {
      // Its row says that it is under way, whatever becomes of it: whoever asks meanwhile reads that.
      this.standing = standing;
      await analyseReview({ caseId, asOf: Date.now() });
    }
    own.isDone = true;
    return standing;
  }

  /** By an analysis that was under way when it was asked for, or that was begun since: if it came to its end. */
  private isServed({ underWay, place }: Asked): boolean {
    if (underWay !== null && this.analyses[underWay]?.isDone === true) return patched(JOIN_ANALYSIS);
    return this.analyses.slice(place).some(({ isDone }) => isDone) && patched(JOIN_LATER_ANALYSIS);
  }

  private heard({ refused, ...standing }: HeardReview): StandingReview {
    if (refused !== undefined) throw refusedBy(refused);
    return standing;
  }

  private mustHear(word: ReviewWord): void {
    const heard = hearReview(this.now, sayingOf(word));
    if (heard.ok) return;
    throw refusedBy(packRefusal(heard.refusal));
  }

  /** One after the other: each goes by what the one before it has left. */
  private async inTurn(work: () => Promise<StandingReview>): Promise<void> {
    while (this.isBusy) await condition(() => !this.isBusy);
    this.isBusy = true;
    try {
      this.standing = await work();
    } finally {
      this.isBusy = false;
      this.turns += 1;
    }
  }

  /** Job by job; what was restored before a crash is found restored. */
  private async restore(): Promise<StandingReview> {
    const { caseId } = this;
    const { restore, round } = this.now;
    let restored = ZERO;
    for (const { jobId, steps } of restore) {
      const order = { jobId, steps, lane: 'review', caseRef: caseId, round, asOf: Date.now() } as const;
      const refund = await refundJobSteps({ ...order, form: 'compensation' });
      if (refund.outcome === 'refunded') restored = add(restored, parseMicroCredits(refund.refundedMicroCredits));
    }
    const restoredMicroCredits = formatMicroCredits(restored);
    return noteReviewRestored({ caseId, asOf: Date.now(), restoredMicroCredits });
  }

  /** Until something was said, or its next time has come. */
  private async untilNext(): Promise<void> {
    const { turns } = this;
    const next = this.nextTime;
    const isTime = (): boolean => this.turns !== turns || (isReviewOver(this.now.state) && allHandlersFinished());
    if (next === null) {
      await condition(isTime);
      return;
    }
    if (await condition(isTime, Math.max(1, next.at - Date.now()))) return;
    const { passed } = next;
    await this.inTurn(async () => noteReviewTime({ caseId: this.caseId, asOf: Date.now(), passed }));
  }

  private get nextTime(): { readonly at: number; readonly passed: Passed } | null {
    const { infoUntil, targetAt, dueAt } = this.now;
    const times: readonly (readonly [number | null, Passed])[] = [
      [infoUntil, 'info'],
      [targetAt, 'target'],
      [dueAt, 'due'],
    ];
    let next: { readonly at: number; readonly passed: Passed } | null = null;
    for (const [at, passed] of times) if (at !== null && (next === null || at < next.at)) next = { at, passed };
    return next;
  }
}
