// Providers room: how far each job has come in its script.
// Bounded: a job is forgotten when told, or when more jobs are under way than may be and it was idle longest.
import type { RequestRef } from '../request-ref.js';
import type { Script, ScriptedReply } from './script.js';

export interface TakenReply {
  readonly reply: ScriptedReply | null;
  /** Where the script was asked, for the error when it had nothing. */
  readonly place: string;
}

export class ScriptProgress {
  /** Calls so far by stage, by job and script; a Map keeps the order of last use. */
  private readonly counts = new Map<string, Map<string, number>>();

  constructor(private readonly jobsMax: number) {
    if (!Number.isInteger(jobsMax) || jobsMax < 1) {
      throw new RangeError('jobsMax must be a positive whole number');
    }
  }

  get jobCount(): number {
    return this.counts.size;
  }

  take(script: Script, ref: RequestRef): TakenReply {
    switch (script.kind) {
      case 'sequence': {
        const nth = this.count(ref.jobId, '');
        return { reply: script.replies[nth] ?? null, place: `call ${nth + 1} of ${script.replies.length}` };
      }
      case 'stages': {
        const replies = script.stages.get(ref.stage) ?? [];
        const nth = this.count(ref.jobId, ref.stage);
        return { reply: replies[nth] ?? null, place: `call ${nth + 1} of stage ${ref.stage}, has ${replies.length}` };
      }
      case 'steps': {
        const replies = script.steps.get(ref.ordinal) ?? [];
        const place = `attempt ${ref.attempt} at step ${ref.ordinal}, has ${replies.length}`;
        return { reply: replies[ref.attempt - 1] ?? null, place };
      }
      case 'always':
        return { reply: script.stages.get(ref.stage) ?? script.usual, place: `stage ${ref.stage}` };
      default:
        return script satisfies never;
    }
  }

  forget(jobId: string): void {
    this.counts.delete(jobId);
  }

  /** How often this was asked before; the asking counts, also where nothing is left. */
  private count(jobId: string, stage: string): number {
    const stages = this.counts.get(jobId) ?? new Map<string, number>();
    this.counts.delete(jobId);
    this.counts.set(jobId, stages);
    const before = stages.get(stage) ?? 0;
    stages.set(stage, before + 1);
    for (const [idlest] of this.counts) {
      if (this.counts.size <= this.jobsMax) {
        break;
      }
      this.counts.delete(idlest);
    }
    return before;
  }
}
