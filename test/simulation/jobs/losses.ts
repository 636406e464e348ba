// Simulation, jobs. Machines that are lost at the boundaries of an activity, and machines that were only thought lost:
// what befalls which try follows from the seed. It stands between Temporal and the real activities.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ActivitiesInUse } from '@fairmeter/activities';
import type {
  ControlActivities,
  JobActivities,
  ReportedActivities,
  RunStepInput,
  StepActivities,
} from '@fairmeter/contracts';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { pause } from '../../harness/until.js';
import type { JobStory } from './story.js';

/** Where a try of an activity is lost; `unheard` goes on, and nobody listens to it any more. */
export type Loss = 'none' | 'before it' | 'before its work' | 'after its work' | 'after it' | 'unheard';

const STEP_LOSSES: readonly { readonly weight: number; readonly is: Loss }[] = [
  { weight: 68, is: 'none' },
  { weight: 5, is: 'before it' },
  { weight: 7, is: 'before its work' },
  { weight: 7, is: 'after its work' },
  { weight: 7, is: 'after it' },
  { weight: 6, is: 'unheard' },
];
const WRITE_LOSSES: readonly { readonly weight: number; readonly is: Loss }[] = [
  { weight: 84, is: 'none' },
  { weight: 7, is: 'before it' },
  { weight: 9, is: 'after it' },
];
/** Then machines live: a story comes to its end. */
const LOST_TRIES = 3;
const LONGEST_PAUSE_MS = 80;

/** Which story a job plays. Known by its bot before it is submitted, by its own id from its admission on. */
export class Cast {
  private readonly byBot = new Map<string, JobStory>();
  private readonly byJob = new Map<string, JobStory>();

  meetBot(botId: string, story: JobStory): void {
    this.byBot.set(botId, story);
  }

  meetJob(jobId: string, botId: string): void {
    const story = this.byBot.get(botId);
    if (story !== undefined) this.byJob.set(jobId, story);
  }

  of(jobId: string): JobStory | undefined {
    return this.byJob.get(jobId);
  }

  ofBot(botId: string): JobStory | undefined {
    return this.byBot.get(botId);
  }

  forget(botId: string, jobId?: string): void {
    this.byBot.delete(botId);
    if (jobId !== undefined) this.byJob.delete(jobId);
  }
}

type Writes = JobActivities & ControlActivities & ReportedActivities;

export class Losses {
  /** How many tries were lost, by kind: a run in which nothing went wrong would show nothing. */
  readonly counts = new Map<Loss, number>();
  private readonly ofThisTry = new AsyncLocalStorage<Loss>();
  /** Who goes on without being heard, with the job it works for. */
  private readonly unheard = new Map<Promise<unknown>, string>();
  private readonly tries = new Map<string, number>();
  /** Tries of steps that are at work, with the time since when. */
  private readonly atWork = new Map<
    symbol,
    { readonly jobId: string; readonly what: string; readonly since: number }
  >();

  constructor(private readonly cast: Cast) {}

  /** In front of the real activities, as a worker is given them. */
  readonly around = (parts: ActivitiesInUse) => {
    const { jobActivities: jobs, controlActivities: control, reportedActivities: reported } = parts;
    const writes: Omit<Writes, 'admitJob'> = {
      settleJob: (input) => this.writing('settle', input.jobId, () => jobs.settleJob(input)),
      noteLoop: (input) => this.writing('note', input.jobId, () => jobs.noteLoop(input)),
      changeBudget: (input) => this.writing('budget', input.jobId, () => control.changeBudget(input)),
      beginReportedStep: (input) => this.writing('begin', input.jobId, () => reported.beginReportedStep(input)),
      endReportedStep: (input) => this.writing('end', input.jobId, () => reported.endReportedStep(input)),
      abandonReportedStep: (input) => this.writing('end', input.jobId, () => reported.abandonReportedStep(input)),
    };
    const { settleJob, noteLoop, changeBudget, ...reportedActivities } = writes;
    const admitJob: JobActivities['admitJob'] = async (input) => {
      const { botId } = input.request;
      const loss = this.draw(this.cast.ofBot(botId), 'admit', botId);
      const result = await around(loss, () => jobs.admitJob(input));
      if (result.outcome === 'admitted') this.cast.meetJob(result.job.jobId, botId);
      if (loss === 'after it') throw lost(loss, 0);
      return result;
    };
    const stepActivities: StepActivities = { runStep: (input) => this.step(parts.stepActivities, input) };
    return {
      jobActivities: { admitJob, settleJob, noteLoop },
      controlActivities: { changeBudget },
      reportedActivities,
      stepActivities,
    };
  };

  /** Within the work of a step, where a provider or a tool is asked. */
  async aroundWork<T>(work: () => Promise<T>): Promise<T> {
    const loss = this.ofThisTry.getStore() ?? 'none';
    if (loss === 'before its work') throw this.count(loss);
    const done = await work();
    if (loss === 'after its work') throw this.count(loss);
    return done;
  }

  /** Resolves when nobody works on without being heard, for that job or for any. */
  async quiet(jobId?: string): Promise<void> {
    const left = (): Promise<unknown>[] =>
      [...this.unheard].filter(([, of]) => jobId === undefined || of === jobId).map(([working]) => working);
    while (left().length > 0) await Promise.allSettled(left());
  }

  /** Which tries of a job's steps are at work, and for how long: one that hangs is no other way to be seen. */
  workingOn(jobId: string): readonly string[] {
    return [...this.atWork.values()]
      .filter((tried) => tried.jobId === jobId)
      .map(({ what, since }) => `${what} at work for ${Date.now() - since} ms`);
  }

  private async step(real: StepActivities, input: RunStepInput): Promise<Awaited<ReturnType<typeof real.runStep>>> {
    const story = this.cast.of(input.jobId);
    const { attempt } = Context.current().info;
    const chance = story?.chance.of(`step/${input.ordinal}/${attempt}`);
    const loss = chance === undefined || attempt > LOST_TRIES ? 'none' : chance.weighted(STEP_LOSSES).is;
    const pauseMs = chance?.whole(1, LONGEST_PAUSE_MS) ?? 0;
    const run = (): Promise<Awaited<ReturnType<typeof real.runStep>>> =>
      this.ofThisTry.run(loss, () =>
        this.watched(input.jobId, `${input.ordinal}/${attempt}`, () => real.runStep(input)),
      );
    if (loss === 'before it') throw this.count(loss, pauseMs);
    if (loss === 'unheard') {
      // It hung for a while, or not, and goes on: its successor is at work by then, or not yet.
      const late = chance?.happens(50) === true ? chance.whole(1, 3 * LONGEST_PAUSE_MS) : 0;
      const working = pause(late)
        .then(run)
        .catch(() => undefined)
        .finally(() => this.unheard.delete(working));
      this.unheard.set(working, input.jobId);
      throw this.count(loss, pauseMs);
    }
    const result = await run();
    if (loss === 'after it') throw this.count(loss, pauseMs);
    return result;
  }

  private async watched<T>(jobId: string, what: string, work: () => Promise<T>): Promise<T> {
    const tried = Symbol(what);
    this.atWork.set(tried, { jobId, what, since: Date.now() });
    try {
      return await work();
    } finally {
      this.atWork.delete(tried);
    }
  }

  private async writing<T>(name: string, jobId: string, work: () => Promise<T>): Promise<T> {
    const loss = this.draw(this.cast.of(jobId), name, jobId);
    const result = await around(loss, work);
    if (loss === 'after it') throw lost(loss, 0);
    return result;
  }

  /** Of the n-th try of such a writing in the story. */
  private draw(story: JobStory | undefined, name: string, of: string): Loss {
    const place = `${of}/${name}`;
    const number = (this.tries.get(place) ?? 0) + 1;
    this.tries.set(place, number);
    const loss = story?.chance.of(`${name}/${number}`).weighted(WRITE_LOSSES).is ?? 'none';
    if (loss !== 'none') this.count(loss);
    return loss;
  }

  private count(loss: Loss, pauseMs = 1): Error {
    this.counts.set(loss, (this.counts.get(loss) ?? 0) + 1);
    return lost(loss, pauseMs);
  }
}

async function around<T>(loss: Loss, work: () => Promise<T>): Promise<T> {
  if (loss === 'before it') throw lost(loss, 0);
  return work();
}

/** As Temporal learns of a lost machine, only sooner: nobody waits for a heartbeat that does not come. */
function lost(loss: Loss, pauseMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    message: `the machine was lost: ${loss}`,
    type: 'machine_lost',
    ...(pauseMs === 0 ? {} : { nextRetryDelay: pauseMs }),
  });
}
