// Workflows room. What a reported job remembers between its calls: the open steps, which iteration each stream is in,
// and what was lacking last. Plain data, for it travels from run to run.
import type {
  BeginReportedRequest,
  BeginReportedStepResult,
  OpenReportedStep,
  ReportedState,
} from '@fairmeter/contracts';
import type { MicroCredits, Refusal } from '@fairmeter/domain';
import { add, parseMicroCredits, usesModel, ZERO } from '@fairmeter/domain';

type Begun = Extract<BeginReportedStepResult, { outcome: 'begun' }>;

/** Whoever names a new sub-agent with every step is forgotten the oldest ones: nothing may grow without end. */
const MOST_STREAMS = 100;

export class OpenSteps {
  private ordinal: number;
  private open: Map<number, OpenReportedStep>;
  private iterations: Map<string, number>;

  constructor(before: ReportedState | undefined) {
    this.ordinal = before?.ordinal ?? 0;
    this.open = new Map(before?.open.map((step) => [step.step, step]));
    this.iterations = new Map(before?.iterations);
  }

  get next(): number {
    return this.ordinal + 1;
  }

  get first(): OpenReportedStep | undefined {
    return this.open.values().next().value;
  }

  /** When the attempt began that is open for longest; none where none is to be let go. */
  get oldestSince(): number | undefined {
    return this.oldest()?.since;
  }

  get streams(): readonly string[] {
    return [...this.iterations.keys()];
  }

  at(step: number): OpenReportedStep | undefined {
    return this.open.get(step);
  }

  /** The open step that was begun first. It is taken once: whatever comes of it, it is not due again. */
  takeOldest(): OpenReportedStep | undefined {
    const oldest = this.oldest();
    if (oldest === undefined) return undefined;
    const { since: _, ...taken } = oldest;
    this.open.set(taken.step, taken);
    return taken;
  }

  heldBeside(ordinal: number): MicroCredits {
    const others = [...this.open.values()].filter(({ step }) => step !== ordinal);
    return add(ZERO, ...others.map(({ heldMicroCredits }) => parseMicroCredits(heldMicroCredits)));
  }

  hasOthers(ordinal: number): boolean {
    return [...this.open.keys()].some((step) => step !== ordinal);
  }

  /** Why this step may not begin, as far as the open ones tell. */
  refusalOf({ stream, again }: BeginReportedRequest): Refusal | null {
    if (again !== undefined) {
      return this.open.get(again)?.stream === stream ? null : { code: 'step_not_open', step: again };
    }
    const blocking = [...this.open.values()].find((step) => step.stream === stream);
    if (blocking !== undefined) return { code: 'step_open', step: blocking.step };
    const [oldest] = this.open.keys();
    // So many agents at a time have no use, and each remembered step travels.
    return this.open.size >= MOST_STREAMS && oldest !== undefined ? { code: 'step_open', step: oldest } : null;
  }

  /** Whether the step is the first of a later iteration than its stream was in. */
  opensIteration({ stream, iteration }: BeginReportedRequest): boolean {
    return iteration > (this.iterations.get(stream) ?? iteration);
  }

  /** An answer of before to a call that came again changes nothing. */
  begun(request: BeginReportedRequest, { step, attempt, heldMicroCredits }: Begun): void {
    const known = this.open.get(step);
    if (step <= this.ordinal && (known === undefined || known.attempt >= attempt)) return;
    const { stream, iteration, thing, argsHash = null, need } = request;
    this.ordinal = Math.max(this.ordinal, step);
    const { kind, model, tool } = thing;
    const name = usesModel(kind) ? model : tool;
    this.open.set(step, {
      step,
      attempt,
      stream,
      iteration,
      kind,
      name,
      argsHash,
      heldMicroCredits,
      need,
      since: Date.now(),
    });
    this.iterations.delete(stream);
    this.iterations.set(stream, iteration);
    const [oldest] = this.iterations.keys();
    if (this.iterations.size > MOST_STREAMS && oldest !== undefined) this.iterations.delete(oldest);
  }

  private oldest(): OpenReportedStep | undefined {
    let oldest: OpenReportedStep | undefined;
    for (const step of this.open.values()) {
      if (step.since !== undefined && step.since < (oldest?.since ?? Infinity)) oldest = step;
    }
    return oldest;
  }

  ended(step: number): void {
    this.open.delete(step);
  }

  snapshot(): Pick<ReportedState, 'ordinal' | 'open' | 'iterations'> {
    return { ordinal: this.ordinal, open: [...this.open.values()], iterations: [...this.iterations] };
  }
}
