// Simulation, jobs. Plays one story through the API, as a bot and its owner would: quote, submit, steer, wait for the
// end. What it hears on the way that nobody should hear is kept as a complaint.
import { setTimeout as sleep } from 'node:timers/promises';
import type { AiJobResult } from '@fairmeter/contracts';
import type { MicroCredits } from '@fairmeter/domain';
import { workflowIdOf } from '../../harness/admissions.js';
import { BotClient, type Answer } from '../../harness/bot-client.js';
import { addKey, amount, giveCredits, openBot, type TestBot } from '../../harness/people.js';
import { pause } from '../../harness/until.js';
import type { JobsStage } from './jobs-stage.js';
import type { PlayedJob, Quoted } from './played-job.js';
import { ReportingAgent } from './reporting-agent.js';
import { promptOf, type JobStory, type Steer } from './story.js';

export const KEY = 'key-1';
/** Longer than any story lasts, with its waits, retries and losses. */
const ENDS_WITHIN_MS = 120_000;
const UNKNOWN_TRIES = 20;

export async function playJob(stage: JobsStage, story: JobStory): Promise<PlayedJob> {
  const owner = await openOwner(stage, story);
  const player = new Player(stage, story, owner);
  return player.play();
}

async function openOwner({ stack, cast }: JobsStage, story: JobStory): Promise<TestBot> {
  const { program, credits, budget, maxIterations } = story;
  const owner = await openBot(stack, {
    ...(program === 'answer' ? { type: 'chat' as const } : {}),
    ...(program === 'workspace' ? { program } : {}),
    credits,
    maxCredits: budget,
    maxIterations,
  });
  if (program === 'reported') {
    const key = `${owner.key}_reports`;
    const reporting = { ...owner, key };
    await addKey(stack, reporting, ['submit', 'read', 'report']);
    cast.meetBot(owner.botId, story);
    return reporting;
  }
  cast.meetBot(owner.botId, story);
  return owner;
}

class Player {
  private readonly client: BotClient;
  private readonly complaints: string[] = [];
  private given: MicroCredits;
  private promised: MicroCredits | null = null;
  private quoted: Quoted = 'not_asked';
  private isOver = false;

  constructor(
    private readonly stage: JobsStage,
    private readonly story: JobStory,
    private readonly owner: TestBot,
  ) {
    this.client = new BotClient(stage.stack, owner);
    this.given = amount(story.credits);
  }

  async play(): Promise<PlayedJob> {
    const answer = await this.submit(await this.quoteId());
    if (answer.status !== 202) return this.played(null, null, String(answer.body['code']));
    const jobId = String(answer.body['id']);
    this.promised = amount(String(answer.body['max_credits']));
    const agent = this.story.program === 'reported' ? new ReportingAgent(this.client, this.story, jobId) : null;
    const steering = Promise.all(this.story.steers.map((steer, index) => this.steer(jobId, steer, index)));
    const reporting = agent?.work();
    if (agent !== null) {
      await this.client.ended(jobId, ENDS_WITHIN_MS);
      await reporting;
      // Until then its workflow stays to hear of it.
      await agent.tellLate();
    }
    const result = await this.end();
    this.isOver = true;
    await steering;
    this.complaints.push(...(agent?.complaints ?? []));
    return { ...this.played(jobId, result, null), told: agent?.told ?? new Map() };
  }

  private played(jobId: string | null, result: AiJobResult | null, refusedWith: string | null): PlayedJob {
    const { story, owner, given, promised, quoted, complaints } = this;
    return { story, owner, jobId, refusedWith, quoted, given, promised, result, told: new Map(), complaints };
  }

  private async quoteId(): Promise<string | null> {
    if (!this.story.isQuoted) return null;
    const quoted = await this.client.post('/v1/quotes', this.request());
    const { status, body } = quoted;
    if (status === 201) {
      this.quoted = 'given';
      return String(body['id']);
    }
    this.quoted = { refusedWith: String(body['code']) };
    if (status >= 500) this.complain('a quote', quoted);
    return null;
  }

  private request(): Readonly<Record<string, unknown>> {
    const { budget, maxIterations } = this.story;
    return { prompt: promptOf(this.story), max_credits: budget, max_iterations: maxIterations };
  }

  private async submit(quoteId: string | null): Promise<Answer> {
    const { deadlineMs, reserve, program, isAskedTwice } = this.story;
    const body = {
      ...this.request(),
      reserve,
      ...(quoteId === null ? {} : { quote_id: quoteId }),
      ...(deadlineMs === null ? {} : { deadline: new Date(Date.now() + deadlineMs).toISOString() }),
      ...(program === 'reported' ? { mode: 'reported' } : {}),
    };
    const asked = await Promise.all((isAskedTwice ? [1, 2] : [1]).map(async () => this.submitUntilKnown(body)));
    const [first, ...others] = asked;
    if (first === undefined) throw new Error('somebody asks');
    for (const other of others) {
      const isSame = other.status === first.status && other.body['id'] === first.body['id'];
      if (!isSame) this.complain(`the same key answered ${first.status} ${String(first.body['id'])} and`, other);
    }
    return first;
  }

  /** Where nobody knows whether it was admitted, the same key is safe. */
  private async submitUntilKnown(body: Readonly<Record<string, unknown>>): Promise<Answer> {
    for (let time = 1; ; time++) {
      const answer = await this.client.submit({ key: KEY, body });
      if (answer.status !== 503 || time === UNKNOWN_TRIES) return answer;
      await pause(200);
    }
  }

  private async steer(jobId: string, { act, afterMs, credits }: Steer, index: number): Promise<void> {
    const until = Date.now() + afterMs;
    while (!this.isOver && Date.now() < until) await pause(Math.min(50, Math.max(1, until - Date.now())));
    // Whoever comes after the end is heard too, and changes nothing.
    if (act === 'grant') return this.grant(credits);
    if (act !== 'budget') return this.mustBeHeard(act, await this.client.steer(jobId, act));
    const max = `${credits}.000000`;
    const changed = await this.client.steer(jobId, 'budget', { key: `budget-${index}`, body: { max_credits: max } });
    if (changed.status < 300) this.promised = null;
    this.mustBeHeard(act, changed);
  }

  private async grant(credits: number): Promise<void> {
    await giveCredits(this.stage.stack, this.owner.accountId, `${credits}.000000`);
    this.given = (this.given + BigInt(credits) * 1_000_000n) as MicroCredits;
  }

  private mustBeHeard(act: string, answer: Answer): void {
    const isKnown = answer.status < 500 || answer.status === 503;
    if (!isKnown) this.complain(act, answer);
  }

  private complain(what: string, { status, body }: Answer): void {
    this.complaints.push(`${what} was answered ${status} ${JSON.stringify(body)}`);
  }

  private async end(): Promise<AiJobResult | null> {
    const handle = this.stage.stack.temporal.client.workflow.getHandle(workflowIdOf(this.owner, KEY));
    const ended = (handle.result() as Promise<AiJobResult>).catch((error: unknown) => {
      this.complaints.push(`its workflow failed: ${String(error)} ${String((error as Error).cause)}`);
      return null;
    });
    const late = new AbortController();
    const waited = sleep(ENDS_WITHIN_MS, 'late' as const, { signal: late.signal }).catch(() => null);
    const result = await Promise.race([ended, waited]);
    late.abort();
    if (result !== 'late') return result;
    this.complaints.push(`it did not end within ${ENDS_WITHIN_MS} ms`);
    return null;
  }
}
