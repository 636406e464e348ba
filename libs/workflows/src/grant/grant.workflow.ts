// Workflows room. A grant of credits: looked at, decided by a second person where it is large, posted once and told;
// one that ends is warned of ahead, and its end is booked. Whatever is repeated finds what was done before.
import type { GrantAnswer, GrantDecision, GrantInput, IssuedGrant } from '@fairmeter/contracts';
import { decideGrantUpdate, grantUpdate, packRefusal } from '@fairmeter/contracts';
import type { GrantState } from '@fairmeter/domain';
import { decideGrant } from '@fairmeter/domain';
import { allHandlersFinished, ApplicationFailure, condition, setHandler, sleep } from '@temporalio/workflow';
import { endGrant, issueGrant, noteGrantDecision, openGrant, warnOfGrantEnd } from '../proxies.js';

export async function grant({ grantId, askedById }: GrantInput): Promise<GrantState> {
  const decision = new SecondPerson(askedById);
  let told: GrantState | undefined;
  setHandler(grantUpdate, async () => {
    await condition(() => told !== undefined);
    return { state: told ?? 'requested' };
  });
  const { state: opened, decideUntil } = await openGrant({ grantId, asOf: Date.now() });
  let state = opened;
  if (opened === 'requested') {
    told = opened;
    const heard = await decision.until(decideUntil);
    state = (await noteGrantDecision({ grantId, decision: heard })).state;
  }
  const issued = state === 'rejected' ? null : await issueGrant({ grantId, asOf: Date.now() });
  state = issued?.state ?? state;
  told = state;
  decision.came(state);
  if (issued !== null) await toItsEnd(grantId, issued);
  await condition(allHandlersFinished);
  return state;
}

/** What the second person says. The first word counts; time that is up is a word as well. */
class SecondPerson {
  private said: GrantDecision | null | undefined;
  private outcome: GrantState | undefined;

  constructor(private readonly askedById: string) {
    setHandler(decideGrantUpdate, async (decision: GrantDecision) => this.hear(decision), {
      validator: (decision: GrantDecision) => {
        this.mustHear(decision);
      },
    });
  }

  async until(deadline: number): Promise<GrantDecision | null> {
    await condition(() => this.said !== undefined, Math.max(1, deadline - Date.now()));
    this.said ??= null;
    return this.said;
  }

  came(outcome: GrantState): void {
    this.outcome = outcome;
  }

  private async hear(decision: GrantDecision): Promise<GrantAnswer> {
    this.said = decision;
    await condition(() => this.outcome !== undefined);
    return { state: this.outcome ?? 'requested' };
  }

  private mustHear({ verdict, by }: GrantDecision): void {
    const state = this.outcome ?? standingOf(this.said);
    const heard = decideGrant({ state, askedById: this.askedById }, verdict, by);
    if (heard.ok) return;
    const { refusal } = heard;
    throw ApplicationFailure.nonRetryable(refusal.code, refusal.code, packRefusal(refusal));
  }
}

function standingOf(said: GrantDecision | null | undefined): GrantState {
  if (said === undefined) return 'requested';
  return said?.verdict === 'approve' ? 'approved' : 'rejected';
}

/** At most two timers more, however far away the end is. */
async function toItsEnd(grantId: string, { warnAt, expiresAt }: IssuedGrant): Promise<void> {
  if (expiresAt === null) return;
  if (warnAt !== null) {
    await waitUntil(warnAt);
    await warnOfGrantEnd({ grantId, asOf: Date.now() });
  }
  await waitUntil(expiresAt);
  await endGrant({ grantId, asOf: Math.max(expiresAt, Date.now()) });
}

async function waitUntil(instant: number): Promise<void> {
  if (instant > Date.now()) await sleep(instant - Date.now());
}
