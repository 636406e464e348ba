// Workflows room. A compensation: what it would come to, a second person where it is large, then page after page until
// every job has what is left for it. Where it stands is in the rows, so that whatever is repeated goes on from there.
import type { CompensationAnswer, CompensationDecision, CompensationInput } from '@fairmeter/contracts';
import { compensationUpdate, decideCompensationUpdate, packRefusal } from '@fairmeter/contracts';
import type { CompensationState } from '@fairmeter/domain';
import { mayDecideCompensation } from '@fairmeter/domain';
import { allHandlersFinished, ApplicationFailure, condition, continueAsNew, setHandler } from '@temporalio/workflow';
import { COMPENSATION_PAGES } from '../policies.js';
import { noteCompensationDecision, openCompensation, postCompensation, previewCompensation } from '../proxies.js';

export async function compensation(input: CompensationInput): Promise<CompensationState> {
  const { compensationId, previewOnly } = input;
  const pages = new Pages(input);
  const person = new SecondPerson(input.askedById);

  let after = input.resumeAfter ?? null;
  for (;;) {
    const { next } = await previewCompensation({ compensationId, asOf: Date.now(), after });
    if (next === null) break;
    after = next;
    await pages.turn('previewing', { resumeAfter: next });
  }
  if (previewOnly) return pages.end('previewed');

  const opened = await openCompensation({ compensationId, asOf: Date.now() });
  let { state } = opened;
  if (state === 'requested') {
    pages.tell(state);
    const decision = await person.until(opened.decideUntil ?? Date.now());
    state = (await noteCompensationDecision({ compensationId, decision })).state;
  }
  person.came(state);
  while (state === 'approved') {
    const { isDone } = await postCompensation({ compensationId, asOf: Date.now() });
    if (isDone) state = 'posted';
    else await pages.turn(state, {});
  }
  return pages.end(state);
}

/** How far it has got, for whoever asks; and a history kept short, by a run that goes on where this one is. */
class Pages {
  private told: CompensationState | undefined;
  private done = 0;

  constructor(private readonly input: CompensationInput) {
    setHandler(compensationUpdate, async () => {
      await condition(() => this.told !== undefined);
      return { state: this.told ?? 'previewing' };
    });
  }

  tell(state: CompensationState): void {
    this.told = state;
  }

  /** Whoever waits for an answer gets it from this run. */
  async turn(state: CompensationState, resume: Pick<CompensationInput, 'resumeAfter'>): Promise<void> {
    this.told = state;
    this.done += 1;
    if (this.done < COMPENSATION_PAGES || !allHandlersFinished()) return;
    const { compensationId, askedById, previewOnly } = this.input;
    await continueAsNew<typeof compensation>({ compensationId, askedById, previewOnly, ...resume });
  }

  async end(state: CompensationState): Promise<CompensationState> {
    this.told = state;
    await condition(allHandlersFinished);
    return state;
  }
}

/** What the second person says. The first word counts; time that is up is a word as well. */
class SecondPerson {
  private said: CompensationDecision | null | undefined;
  private outcome: CompensationState | undefined;

  constructor(askedById: string) {
    setHandler(decideCompensationUpdate, async (decision: CompensationDecision) => this.hear(decision), {
      validator: ({ verdict, by }: CompensationDecision) => {
        if (mayDecideCompensation(askedById, verdict, by)) return;
        const refusal = { code: 'second_person_needed' } as const;
        throw ApplicationFailure.nonRetryable(refusal.code, refusal.code, packRefusal(refusal));
      },
    });
  }

  async until(deadline: number): Promise<CompensationDecision | null> {
    await condition(() => this.said !== undefined, Math.max(1, deadline - Date.now()));
    this.said ??= null;
    return this.said;
  }

  came(outcome: CompensationState): void {
    this.outcome = outcome;
  }

  private async hear(decision: CompensationDecision): Promise<CompensationAnswer> {
    if (this.said === undefined) this.said = decision;
    await condition(() => this.outcome !== undefined);
    return { state: this.outcome ?? 'requested' };
  }
}
