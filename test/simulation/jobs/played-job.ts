// Simulation, jobs. What is known of a story that was played: who asked, what was promised, and what came back.
import type { AiJobResult } from '@fairmeter/contracts';
import type { Meters, MicroCredits } from '@fairmeter/domain';
import type { TestBot } from '../../harness/people.js';
import type { JobStory } from './story.js';

/** What came of asking for a quote: the code of its refusal where it has one. */
export type Quoted = 'not_asked' | 'given' | { readonly refusedWith: string };

export interface PlayedJob {
  readonly story: JobStory;
  readonly owner: TestBot;
  /** Null where the job was refused before it began. */
  readonly jobId: string | null;
  readonly refusedWith: string | null;
  readonly quoted: Quoted;
  /** All that the account was given. */
  readonly given: MicroCredits;
  /** The most that was promised to it, unless a budget was raised meanwhile. */
  readonly promised: MicroCredits | null;
  readonly result: AiJobResult | null;
  /** Of a reported job, what its bot said of each attempt, by `step.attempt`. */
  readonly told: ReadonlyMap<string, Partial<Meters>>;
  /** What no caller should ever hear. */
  readonly complaints: readonly string[];
}
