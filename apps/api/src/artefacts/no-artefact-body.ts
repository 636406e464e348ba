// API room. Why a job has no ZIP, in a code to decide by and a sentence to show.
import type { NoArtefact } from '@fairmeter/domain';
import { z } from 'zod';

const WORDS: Readonly<Record<NoArtefact['reason'], string>> = {
  not_asked: 'The job was not asked for a ZIP, or the plan has none.',
  no_files: 'The job wrote no files.',
  not_yet: 'The job still runs; files are packed at its end.',
  cancelled: 'A cancelled job ends at once, without packing its files.',
  over_plan: 'The project is larger than the plan packs.',
  not_held: 'The step that packs the files could not be paid for.',
  packing_failed: 'Packing the files failed, or the job ended before it came to that.',
};

export const noArtefactBody = z.object({
  reason: z.enum(Object.keys(WORDS) as [NoArtefact['reason']]),
  text: z.string(),
  measure: z.enum(['files', 'bytes']).optional().describe('Of `over_plan`: which limit was passed.'),
  limit: z.int().optional(),
  is: z.int().optional(),
  code: z.string().optional().describe('Of `not_held`: what a step would have been refused with.'),
});

export function toNoArtefactBody(why: NoArtefact): z.output<typeof noArtefactBody> {
  return { ...why, text: WORDS[why.reason] };
}
