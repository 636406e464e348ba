// Bench room, the job side. Submits jobs as a bot would, over HTTP with a key, and knows when each is settled.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Side, Submitted } from '../measure/side.js';
import type { BenchBot } from '../stack/seed-bench.js';
import { HttpClient, type HttpAnswer } from './http-client.js';
import type { SettleWatch } from './settle-watch.js';

const PROMPT =
  'Write a small command line program in JavaScript that counts the words of a text file and prints the ten most ' +
  'frequent ones with their counts, one per line, most frequent first.';

const TRIES = 5;

export interface JobWish {
  readonly bots: readonly BenchBot[];
  /** Tells the jobs of one side from those of another: in their keys, and to the script by their prompt. */
  readonly mark?: string;
  /** Whether the files come as a ZIP, which takes a step; only agents with files are asked. */
  readonly zip?: boolean;
}

export interface SubmittedJob extends Submitted {
  readonly jobId: string;
}

export class JobSide implements Side {
  readonly name = 'jobs';
  private submitted = 0;
  private repeated = 0;
  private readonly http: HttpClient;

  constructor(
    apiUrl: string,
    private readonly watch: SettleWatch,
    private readonly wish: JobWish,
  ) {
    this.http = new HttpClient(apiUrl);
  }

  get count(): number {
    return this.submitted;
  }

  /** Answers of 503: the same request was sent again, and its waiting counts as its latency. */
  get repeats(): number {
    return this.repeated;
  }

  async submit(): Promise<SubmittedJob> {
    const number = ++this.submitted;
    const { bots, mark = '', zip } = this.wish;
    const bot = bots[number % bots.length];
    if (bot === undefined) throw new Error('the bench has no bot');
    const body = JSON.stringify({
      prompt: `${PROMPT} Variant ${number}. ${mark}`,
      ...(zip === undefined ? {} : { extras: { zip } }),
    });
    const headers = { authorization: `Bearer ${bot.key}`, 'idempotency-key': `bench-${mark}-${number}` };
    const asked = performance.now();
    const answer = await this.post(`/v1/bots/${bot.botId}/jobs`, headers, body);
    const admittedMs = performance.now() - asked;
    if (answer.status !== 202) throw new Error(`a submit was answered ${answer.status}: ${answer.body}`);
    const { id } = JSON.parse(answer.body) as { readonly id: string };
    return { jobId: id, admittedMs, done: this.completed(id) };
  }

  close(): void {
    this.http.close();
  }

  private async post(path: string, headers: Readonly<Record<string, string>>, body: string): Promise<HttpAnswer> {
    for (let tries = 1; ; tries += 1) {
      const answer = await this.http.post(path, headers, body);
      if (answer.status !== 503 || tries === TRIES) return answer;
      this.repeated += 1;
      await sleep(answer.retryAfterMs);
    }
  }

  private async completed(jobId: string): Promise<void> {
    const state = await this.watch.endOf(jobId);
    if (state !== 'completed') throw new Error(`job ${jobId} ended as ${state}`);
  }
}
