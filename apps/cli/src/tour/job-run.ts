// Tour: one job over HTTP, as a bot would submit, watch and question it. Promises to show what the API says and nothing
// else.
import { randomUUID } from 'node:crypto';
import type { TrialBot } from '../stack/database-port.js';
import type { Terminal } from '../terminal/terminal.js';
import type { CostBreakdown } from './cost-fields.js';
import { toArtefactFacts, toCostBreakdown, toExplanation, type ArtefactFacts } from './cost-fields.js';
import { costTable } from './cost-table.js';
import { advance, eventLine, isToldToTheEnd, isWaiting, noProgress, progressBar } from './event-lines.js';
import { followEvents } from './event-stream.js';
import { eventTypes, toAcceptedJob, toJobEvent, type AcceptedJob, type JobEvent } from './fields.js';

export class TourFailedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TourFailedError';
  }
}

export interface JobWish {
  readonly prompt: string;
  readonly maxCredits: string;
  readonly maxIterations: number;
}

export interface WatchedJob {
  readonly state: string;
  readonly waited: boolean;
}

export interface ShownCost {
  readonly breakdown: CostBreakdown;
  readonly artefact: ArtefactFacts | null;
}

export class BotDesk {
  constructor(
    private readonly apiUrl: string,
    private readonly bot: TrialBot,
    private readonly terminal: Terminal,
  ) {}

  async submit({ prompt, maxCredits, maxIterations }: JobWish): Promise<AcceptedJob> {
    const path = `/v1/bots/${this.bot.botId}/jobs`;
    this.terminal.line(`POST ${path}  "${prompt}"`);
    const answer = await fetch(new URL(path, this.apiUrl), {
      method: 'POST',
      headers: { ...this.headers, 'content-type': 'application/json', 'idempotency-key': `tour-${randomUUID()}` },
      body: JSON.stringify({
        prompt,
        request_kind: 'generate',
        max_credits: maxCredits,
        max_iterations: maxIterations,
      }),
    });
    if (answer.status !== 202) {
      throw new TourFailedError(`the job was not accepted: ${answer.status} ${await answer.text()}`);
    }
    const job = toAcceptedJob(await answer.json());
    const most = `at most ${maxCredits} credits and ${maxIterations} iterations`;
    this.terminal.line(`202 ${job.id}  ${job.state}, ${most}`);
    return job;
  }

  /** To the job's end, and to what came back after it. `onWaiting` is told once, when the job first lacks credits. */
  async watch(job: AcceptedJob, onWaiting?: (event: JobEvent) => Promise<void>): Promise<WatchedJob> {
    let progress = noProgress;
    let waited = false;
    let fail: (error: unknown) => void = () => undefined;
    const failed = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    const followed = followEvents({
      url: new URL(job.events, this.apiUrl).href,
      headers: this.headers,
      onEvent: ({ id, type, data }) => {
        const event = toJobEvent(id, type, data);
        // A step that starts shows in the bar; it is news only where the job had waited for it.
        const isNews = type !== eventTypes.stepStarted || isWaiting(progress);
        progress = advance(progress, event);
        if (isNews) this.terminal.line(`  ${eventLine(event)}`);
        this.terminal.status(`  ${progressBar(progress)}`);
        if (type === eventTypes.awaitingCredits && !waited) {
          waited = true;
          onWaiting?.(event).catch(fail);
        }
        return isToldToTheEnd(progress) ? 'done' : 'go on';
      },
    });
    // A grant that fails ends the tour: without it the job would wait for a day.
    await Promise.race([followed, failed]);
    this.terminal.line(`  ${progressBar(progress)}`);
    return { state: progress.state, waited };
  }

  /** The cost as a table, and whether the meters and the card come to the same. */
  async showCost(job: AcceptedJob): Promise<ShownCost> {
    const body = await this.json(job.cost);
    const breakdown = toCostBreakdown(body);
    this.terminal.line('');
    this.terminal.line(`GET ${job.cost}`);
    for (const line of costTable(breakdown)) this.terminal.line(`  ${line}`);
    const { matches, recomputed, charge } = toExplanation(await this.json(job.explain));
    this.terminal.line(`GET ${job.explain}`);
    this.terminal.line(`  matches: ${matches}  made anew from meters and card ${recomputed}, charged ${charge}`);
    if (!matches) throw new TourFailedError(`the cost of ${job.id} is not what its meters and its card come to`);
    return { breakdown, artefact: toArtefactFacts(body) };
  }

  async state(job: AcceptedJob): Promise<string> {
    return toAcceptedJob(await this.json(`/v1/jobs/${job.id}`)).state;
  }

  async get(path: string): Promise<Response> {
    const answer = await fetch(new URL(path, this.apiUrl), { headers: this.headers });
    if (!answer.ok) throw new TourFailedError(`GET ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }

  private async json(path: string): Promise<unknown> {
    return (await this.get(path)).json();
  }

  private get headers(): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${this.bot.botKey}` };
  }
}
