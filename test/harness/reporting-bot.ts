// Test harness. A bot that runs its own agent: opens a job, begins and ends its steps, finishes it.
import type { Answer } from './bot-client.js';
import { BotClient } from './bot-client.js';
import type { BotWish, TestBot } from './people.js';
import { addKey, openBot } from './people.js';
import type { TestStack } from './test-stack.js';
import { newId } from '@fairmeter/platform/database';

export type Body = Readonly<Record<string, unknown>>;
type EndBody = Body & { readonly key?: string };

/** 1,000 tokens read, 200 written: 0.6 credits of the model that bots of tests use. */
export const USED = { tokens: { input: 1_000, output: 200 } };
export const MODEL_CALL = { kind: 'model_call', expected: { input_tokens: 2_000, output_tokens: 400 } };

export class ReportingBot {
  private calls = 0;

  private constructor(
    readonly owner: TestBot,
    readonly client: BotClient,
  ) {}

  static async open(stack: TestStack, wish: BotWish = {}): Promise<ReportingBot> {
    const owner = await openBot(stack, { credits: '100', ...wish });
    const key = `fm_live_${newId('key')}`;
    const reporting = { ...owner, key };
    await addKey(stack, reporting, ['submit', 'read', 'report']);
    return new ReportingBot(reporting, new BotClient(stack, reporting));
  }

  async openJob(body: Body = {}): Promise<string> {
    const submitted = await this.client.submit({ body: { prompt: 'Write a word counter', mode: 'reported', ...body } });
    if (submitted.status !== 202) throw new Error(`the job was refused: ${JSON.stringify(submitted.body)}`);
    return String(submitted.body['id']);
  }

  async begin(jobId: string, body: Body = {}, key = this.nextKey()): Promise<Answer> {
    return this.client.steer(jobId, 'steps', { key, body: { iteration: 1, ...MODEL_CALL, ...body } });
  }

  /** `key` is that of the call, where a test repeats it. */
  async end(jobId: string, step: unknown, { key = this.nextKey(), ...body }: EndBody = {}): Promise<Answer> {
    const told = { attempt: 1, status: 'ok', ...body };
    return this.client.steer(jobId, `steps/${String(step)}/end`, { key, body: told });
  }

  async finish(jobId: string, state = 'completed', key = this.nextKey()): Promise<Answer> {
    return this.client.steer(jobId, 'finish', { key, body: { state } });
  }

  /** A whole step; the answer is that of its end. */
  async step(jobId: string, begun: Body = {}, ended: Body = USED): Promise<Answer> {
    const answer = await this.begin(jobId, begun);
    if (answer.status !== 201) throw new Error(`a step was refused: ${JSON.stringify(answer.body)}`);
    const { step, attempt } = answer.body;
    return this.end(jobId, step, { attempt, ...ended });
  }

  private nextKey(): string {
    this.calls += 1;
    return `call-${this.calls}`;
  }
}

/** A tool call and what it answered. */
export function toolCall(tool: string, args: unknown, iteration = 1): Body {
  return { kind: 'tool_call', tool, args, iteration, expected: undefined };
}
