// Test harness. A bot as the API sees it: submits, polls, reads the cost, and says what it got.
import type { TestBot } from './people.js';
import type { TestStack } from './test-stack.js';
import { until } from './until.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Submit {
  readonly key?: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
}

/** Whoever is told to ask again has an answer by then. */
const KNOWN_WITHIN_MS = 20_000;
const ENDED = ['completed', 'completed_partial', 'failed', 'cancelled', 'stopped_loop'];

export class BotClient {
  constructor(
    private readonly stack: TestStack,
    private readonly bot: TestBot,
  ) {}

  async submit({ key = 'key-1', body = { prompt: 'Write a word counter' }, signal }: Submit = {}): Promise<Answer> {
    return this.call('POST', `/v1/bots/${this.bot.botId}/jobs`, {
      headers: { 'idempotency-key': key, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** As a client does that is told to ask again: by the same key, until it is known what became of it. */
  async submitUntilKnown(wish: Submit = {}): Promise<Answer> {
    return until(
      async () => this.submit(wish),
      ({ status }) => status !== 503,
      KNOWN_WITHIN_MS,
    );
  }

  /** Asks something of a job: `cancel`, `resume`, `budget`. */
  async steer(jobId: string, verb: string, { key, body }: { key?: string; body?: object } = {}): Promise<Answer> {
    return this.call('POST', `/v1/jobs/${jobId}/${verb}`, {
      headers: {
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async post(path: string, body: Readonly<Record<string, unknown>>): Promise<Answer> {
    return this.call('POST', path, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async get(path: string): Promise<Answer> {
    return this.call('GET', path, {});
  }

  /** Polls until the job has ended. */
  async ended(jobId: string, withinMs = 20_000): Promise<Answer> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const answer = await this.get(`/v1/jobs/${jobId}`);
      if (ENDED.includes(String(answer.body['state']))) return answer;
      if (Date.now() > deadline) throw new Error(`job ${jobId} is still ${JSON.stringify(answer.body)}`);
      await new Promise((resume) => setTimeout(resume, 50));
    }
  }

  /** The answer as it comes, for bodies that are no JSON. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.stack.apiUrl}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${this.bot.key}`, ...(init.headers as Record<string, string> | undefined) },
    });
  }

  private async call(method: string, path: string, init: RequestInit): Promise<Answer> {
    const response = await this.fetch(path, { ...init, method });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
  }
}
