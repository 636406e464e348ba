// Activities room. What a worker may remember of a job, because it can never change: its pinned facts, and which ended
// step left its result where. Forgetting costs a read and nothing else, so the memory is small and bounded.
import type { GuideVersions } from '@fairmeter/domain';
import { invariant } from '@fairmeter/domain';
import type { JobPayer } from '@fairmeter/ledger';
import type { JobView, StepResult } from '@fairmeter/ledger/reads';
import { findJob, readStepResults } from '@fairmeter/ledger/reads';
import type { EntityManager } from '@fairmeter/platform/database';
import type { WhoPays } from '@fairmeter/records';
import { findJobVersions, findLimitSubject } from '@fairmeter/records';
import { GuideShelf } from './guide-shelf.js';
import { JobTexts } from './job-texts.js';

/** Of a job only what was settled by its admission. */
export type PinnedJob = Readonly<ReturnType<typeof pinnedOf>>;

interface Remembered {
  readonly job: PinnedJob;
  readonly results: Map<number, StepResult>;
}

/** By whose plan its limits are looked up while it runs, beside its account's. */
export function whoPays({ funding, accountId, botId, subject: askedBy }: PinnedJob): WhoPays {
  return { funding, accountId, botId, askedBy };
}

/** Every posting of a job goes to the scope that its row names, whoever asks for it. */
export function payerOf({ id: jobId, accountId, scopeId }: Pick<PinnedJob, 'id' | 'accountId' | 'scopeId'>): JobPayer {
  return { accountId, jobId, scopeId };
}

const JOBS_MAX = 2_000;
const KEYS_MAX = 10_000;

export class JobMemory {
  readonly texts = new JobTexts();
  readonly guides = new GuideShelf();
  /** A Map keeps its order: the job that was asked for longest ago comes first. */
  private readonly jobs = new Map<string, Remembered>();
  /** What the bots of jobs were told that this worker admitted, until their first step asks. */
  private readonly versions = new Map<string, GuideVersions | null>();
  private readonly limitSubjects = new Map<string, string>();

  /** Said of a job of which nothing else can have been written: by the first try of its admission. */
  admitted(jobId: string, versions: GuideVersions | null): void {
    this.versions.set(jobId, versions);
    forgetOldest(this.versions, JOBS_MAX);
  }

  /** Under which name the limits of a key are counted: given with the key, for good. */
  async limitSubject(manager: EntityManager, keyId: string): Promise<string | null> {
    const known = this.limitSubjects.get(keyId);
    if (known !== undefined) return known;
    const found = await findLimitSubject(manager, keyId);
    if (found === null) return null;
    this.limitSubjects.set(keyId, found);
    forgetOldest(this.limitSubjects, KEYS_MAX);
    return found;
  }

  async job(manager: EntityManager, jobId: string): Promise<PinnedJob> {
    return (await this.recall(manager, jobId)).job;
  }

  /** The results of all steps before `ordinal`, in order. */
  async resultsBefore(manager: EntityManager, jobId: string, ordinal: number): Promise<readonly StepResult[]> {
    const { results } = await this.recall(manager, jobId);
    const known = Array.from({ length: ordinal - 1 }, (_, index) => results.get(index + 1));
    // Another worker may have run some of them: then the ledger knows.
    const all = known.every((result) => result !== undefined) ? known : await readStepResults(manager, jobId);
    return all.filter((result) => result.ordinal < ordinal);
  }

  /** Called once the end of the step is committed. */
  stepEnded(jobId: string, result: StepResult): void {
    this.jobs.get(jobId)?.results.set(result.ordinal, result);
  }

  forget(jobId: string): void {
    this.jobs.delete(jobId);
    this.versions.delete(jobId);
    this.texts.forget(jobId);
  }

  private async recall(manager: EntityManager, jobId: string): Promise<Remembered> {
    const known = this.jobs.get(jobId);
    if (known !== undefined) {
      this.jobs.delete(jobId);
      this.jobs.set(jobId, known);
      return known;
    }
    const found = await findJob(manager, jobId);
    invariant(found !== null, 'job.no-provider-call-without-hold', `there is no job ${jobId}`);
    const noted = this.versions.get(jobId);
    const versions = noted === undefined ? await findJobVersions(manager, jobId) : noted;
    this.versions.delete(jobId);
    const remembered: Remembered = {
      job: pinnedOf(found, { subject: subjectOf(found), versions }),
      results: new Map(),
    };
    this.jobs.set(jobId, remembered);
    for (const oldest of this.jobs.keys()) {
      if (this.jobs.size <= JOBS_MAX) break;
      this.forget(oldest);
    }
    return remembered;
  }
}

/** A Map keeps its order. */
function forgetOldest(known: Map<string, unknown>, most: number): void {
  for (const oldest of known.keys()) {
    if (known.size <= most) return;
    known.delete(oldest);
  }
}

function subjectOf({ requesterKind, requesterId, botId }: JobView): string {
  const isSomebodys = requesterKind === 'visitor' || requesterKind === 'person';
  return isSomebodys ? (requesterId ?? botId) : botId;
}

interface BesideJob {
  readonly subject: string;
  readonly versions: GuideVersions | null;
}

const pinnedOf = (job: JobView, { subject, versions }: BesideJob) => ({
  id: job.id,
  /** Whose texts and files its words become: the visitor's or the person's who asked, else the bot's. */
  subject,
  accountId: job.accountId,
  /** Whose lots pay. */
  scopeId: job.scopeId,
  /** By which rule. */
  funding: job.funding,
  botId: job.botId,
  program: job.program,
  model: job.model,
  rateCardId: job.rateCardId,
  promptRef: job.promptRef,
  contextRef: job.contextRef,
  extras: job.extras,
  deadline: job.deadline,
  traceParent: job.traceParent,
  /** What its bot was told when it was admitted. */
  versions,
});
