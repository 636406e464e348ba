// Domain room. Why a job has no ZIP: what whoever asked is told where the files are there and the ZIP is not. The files
// themselves can be read one by one in every one of these cases.
import type { Refusal } from '../failures/refusal.js';
import type { ArtefactLimit } from '../plans/plan.js';
import type { Extras } from './extras.js';
import type { JobState } from './job.js';
import { hasEnded } from './job.js';

/** Of a project before it is packed: its own files, without the notice and the listing that we add. */
export interface ProjectSize {
  readonly files: number;
  readonly bytes: number;
}

/** What a step that was to pack found in its way, as it is kept. */
export type Unpacked =
  | { readonly reason: 'over_plan'; readonly measure: keyof ProjectSize; readonly limit: number; readonly is: number }
  | { readonly reason: 'not_held'; readonly code: Refusal['code'] };

export type NoArtefact =
  Unpacked | { readonly reason: 'not_asked' | 'no_files' | 'not_yet' | 'cancelled' | 'packing_failed' };

/** The first limit of the plan that a project passes; reaching one is allowed. Null where it may be packed. */
export function overPlan(
  size: ProjectSize,
  { maxFiles, maxBytes }: ArtefactLimit,
): Extract<Unpacked, { readonly reason: 'over_plan' }> | null {
  if (size.files > maxFiles) return { reason: 'over_plan', measure: 'files', limit: maxFiles, is: size.files };
  if (size.bytes > maxBytes) return { reason: 'over_plan', measure: 'bytes', limit: maxBytes, is: size.bytes };
  return null;
}

export interface UnpackedJob {
  readonly state: JobState;
  readonly extras: Extras;
  readonly hasFiles: boolean;
  /** What its packing step left, if it came to one. */
  readonly found: Unpacked | null;
}

/** Of a job without an artefact. */
export function whyNoArtefact({ state, extras, hasFiles, found }: UnpackedJob): NoArtefact {
  if (!extras.zip) return { reason: 'not_asked' };
  if (found !== null) return found;
  if (!hasEnded(state)) return { reason: 'not_yet' };
  if (!hasFiles) return { reason: 'no_files' };
  return { reason: state === 'cancelled' ? 'cancelled' : 'packing_failed' };
}
