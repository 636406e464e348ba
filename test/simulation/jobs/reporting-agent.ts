// Simulation, jobs. A bot with an agent of its own: begins steps, ends them with what it says they used, asks the same
// twice, comes too late, falls silent, and finishes.
import type { Meters } from '@fairmeter/domain';
import type { Answer, BotClient } from '../../harness/bot-client.js';
import { pause } from '../../harness/until.js';
import type { Chance } from '../chance.js';
import type { JobStory } from './story.js';

type Body = Readonly<Record<string, unknown>>;
/** A call that meets a lost machine or a run that goes on as a new one is asked again. */
const TRIES = 30;

export class ReportingAgent {
  readonly complaints: string[] = [];
  readonly told = new Map<string, Partial<Meters>>();
  private calls = 0;
  /** Begun and never told of. */
  private readonly untold: Body[] = [];

  constructor(
    private readonly client: BotClient,
    private readonly story: JobStory,
    private readonly jobId: string,
  ) {}

  async work(): Promise<void> {
    const chance = this.story.chance.of('agent');
    const steps = chance.whole(0, 9);
    for (let step = 1; step <= steps; step++) {
      const goesOn = await this.step(this.story.chance.of(`agent/${step}`), 1 + Math.floor(step / 4));
      if (!goesOn) return;
    }
    // One in ten is never heard of again.
    if (!chance.happens(90)) return;
    const state = chance.happens(80) ? 'completed' : 'completed_partial';
    await this.call('finish', { state }, chance);
  }

  /** Once the job is over somebody looks what became of its open steps: what they cost is written down, no more. */
  async tellLate(): Promise<void> {
    for (const { step, ...body } of this.untold) {
      await this.call(`steps/${String(step)}/end`, body, this.story.chance.of('late'));
    }
  }

  /** False where there is nothing more to do. */
  private async step(chance: Chance, iteration: number): Promise<boolean> {
    const kind = chance.pick(['model_call', 'model_call', 'tool_call', 'check'] as const);
    const needs = { input_tokens: chance.whole(100, 2_000), output_tokens: chance.whole(100, 1_500) };
    const begun = await this.call(
      'steps',
      {
        kind,
        iteration,
        ...(kind === 'model_call' ? { expected: needs } : {}),
        ...(kind === 'tool_call' ? { tool: 'write', args: { path: `src/${chance.whole(1, 3)}.js` } } : {}),
      },
      chance,
    );
    if (begun.status === 402) {
      // Waits a while for better times, and asks again by another key.
      await pause(chance.whole(100, 900));
      return chance.happens(80);
    }
    if (begun.status !== 201) return false;
    const { step, attempt } = begun.body;
    await pause(chance.whole(0, 60));
    const body = { attempt, ...ended(kind, chance) };
    // Some steps are begun and, for as long as the job lives, never told of.
    if (chance.happens(6)) {
      this.untold.push({ ...body, step });
      return true;
    }
    const answer = await this.call(`steps/${String(step)}/end`, body, chance);
    if ('tokens' in body) this.told.set(`${String(step)}.${String(attempt)}`, metersOf(body.tokens as ToldTokens));
    return answer.status < 300;
  }

  private async call(path: string, body: Body, chance: Chance): Promise<Answer> {
    this.calls += 1;
    const key = `call-${this.calls}`;
    const asks = chance.happens(15) ? 2 : 1;
    const answers = await Promise.all(Array.from({ length: asks }, async () => this.ask(path, body, key)));
    for (const { status, body: told } of answers) {
      if (status >= 500) this.complaints.push(`${path} was answered ${status} ${JSON.stringify(told)}`);
    }
    // A refusal is decided anew each time: of two who asked, one may have come before the credits and one after them.
    const [done, again] = answers.filter(({ status }) => status < 300);
    if (again !== undefined && again.body['step'] !== done?.body['step']) {
      this.complaints.push(`${path} under one key was ${JSON.stringify(done?.body)} and ${JSON.stringify(again.body)}`);
    }
    const heard = done ?? answers[0];
    if (heard === undefined) throw new Error('somebody asks');
    return heard;
  }

  private async ask(path: string, body: Body, key: string): Promise<Answer> {
    for (let time = 1; ; time++) {
      const answer = await this.client.steer(this.jobId, path, { key, body });
      if (answer.status !== 503 || time === TRIES) return answer;
      await pause(150);
    }
  }
}

interface ToldTokens {
  readonly input: number;
  readonly cached_input: number;
  readonly output: number;
}

function metersOf({ input, cached_input: cachedInput, output }: ToldTokens): Partial<Meters> {
  return { input, cachedInput, output };
}

function ended(kind: 'model_call' | 'tool_call' | 'check', chance: Chance): Body {
  if (kind === 'tool_call')
    return { status: 'ok', seconds: 0.1, bytes: chance.whole(0, 900), result: `${chance.whole(1, 2)}` };
  if (kind === 'check') {
    const green = chance.happens(50);
    const error = { class: 'syntax_error', text: `line ${chance.whole(1, 9)}: unexpected token` };
    return { status: green ? 'ok' : 'error', green, ...(green ? {} : { error }) };
  }
  const tokens = {
    input: chance.whole(0, 2_000),
    cached_input: chance.happens(20) ? chance.whole(0, 900) : 0,
    output: chance.whole(0, chance.happens(5) ? 20_000 : 1_200),
  };
  return { status: 'ok', tokens };
}
