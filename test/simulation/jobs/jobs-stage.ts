// Simulation, jobs. The real stack that stories are played on: Postgres, Temporal, API and worker, with losses in front
// of the activities and a failing wire between the worker and its database.
import type { ModelPort } from '@fairmeter/providers';
import { TestStack } from '../../harness/test-stack.js';
import { pause } from '../../harness/until.js';
import type { Chance } from '../chance.js';
import { FailingWire } from '../servers/failing-wire.js';
import { Cast, Losses } from './losses.js';
import type { PlayedJob } from './played-job.js';
import { SimulatedModels, SimulatedTools } from './providers.js';

/** Whoever waits for credits that nobody brings is not waited for long. */
const WORKER = {
  WAIT_FOR_CREDITS_MS: '5000',
  REPORTED_IDLE_MS: '4000',
  DATABASE_POOL_MAX: '16',
  DATABASE_ANSWERS_WITHIN_MS: '15000',
};
const BETWEEN_FAULTS_MS = [600, 2_500] as const;

export class JobsStage {
  private isOver = false;
  private harming: Promise<void> | undefined;
  wireFaults = 0;

  private constructor(
    readonly stack: TestStack,
    readonly cast: Cast,
    readonly losses: Losses,
    readonly models: SimulatedModels,
    private readonly wire: FailingWire,
  ) {}

  static async open(): Promise<JobsStage> {
    const cast = new Cast();
    const losses = new Losses(cast);
    const models = new SimulatedModels(losses);
    const stack = await TestStack.open({ tools: new SimulatedTools(losses), worker: WORKER });
    const wire = await FailingWire.before(stack.database.writerUrl);
    const stage = new JobsStage(stack, cast, losses, models, wire);
    await stage.startWorker(models);
    await stack.startApi();
    return stage;
  }

  /** Harms the wire now and then, until the stage is closed. */
  harm(chance: Chance): void {
    this.harming = this.harmOn(chance);
  }

  /** What went wrong so far, in a few words. */
  tell(): string {
    const losses = [...this.losses.counts].map(([loss, count]) => `${count} lost ${loss}`);
    return [...losses.sort(), `${this.wireFaults} faults of the wire`].join(', ');
  }

  /** What is remembered of a story that was judged. */
  forget({ owner, jobId }: PlayedJob): void {
    this.cast.forget(owner.botId, jobId ?? undefined);
    if (jobId !== null) this.models.forget(jobId);
  }

  async close(): Promise<void> {
    this.isOver = true;
    await this.harming;
    await this.losses.quiet();
    await this.stack.stop();
    await this.wire.close();
  }

  private async startWorker(models: ModelPort): Promise<void> {
    const { around } = this.losses;
    await this.stack.startWorkerLike({ models, around, env: { DATABASE_WRITER_URL: this.wire.url } });
  }

  private async harmOn(chance: Chance): Promise<void> {
    while (!this.isOver) {
      await pause(chance.whole(...BETWEEN_FAULTS_MS));
      if (this.isOver) return;
      this.wireFaults += 1;
      const kind = chance.whole(1, 4);
      if (kind === 1) await this.wire.cut(chance.whole(0, 120));
      else this.wire.loseAtCommit(kind === 2 ? 'command' : 'answer');
    }
  }
}
