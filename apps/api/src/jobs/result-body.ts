// API room. What a job has brought: the text a model answered with, and the files it wrote, by reference.
import { whyNoArtefact, type Unpacked } from '@fairmeter/domain';
import type { JobView, ResultPlace } from '@fairmeter/ledger/reads';
import type { ArtefactView, StoredEntry } from '@fairmeter/records';
import { z } from 'zod';
import { noArtefactBody, toNoArtefactBody } from '../artefacts/no-artefact-body.js';
import { artefactBody, noticeList, noticesBody, toArtefactBody } from './coding-body.js';
import { jobState } from './job-body.js';

export const resultBody = z.object({
  job_id: z.string(),
  state: jobState,
  partial: z.boolean().describe('True while the job runs and where it ended before it was done.'),
  answer: z
    .object({ step: z.int(), bytes: z.int(), text: z.string().nullable().describe('Null once it was erased.') })
    .nullable()
    .describe('What a model wrote last for whoever asked; null before it has.'),
  files: z
    .object({
      tree: z.string().describe('The hash of all files together.'),
      count: z.int(),
      bytes: z.int(),
      list: z.array(z.object({ path: z.string(), sha256: z.string(), bytes: z.int() })),
    })
    .nullable()
    .describe('Of a job that works in a workspace; null before it wrote any, and once they were erased.'),
  artefact: artefactBody.nullable(),
  no_artefact: noArtefactBody.nullable().describe('Why there is none; its files can be read one by one even so.'),
  notices: noticesBody,
});
export type ResultBody = z.output<typeof resultBody>;

export interface JobResult {
  readonly job: JobView;
  readonly place: ResultPlace;
  readonly text: string | null;
  readonly files: readonly StoredEntry[] | null;
  readonly artefact: ArtefactView | null;
  readonly unpacked: Unpacked | null;
}

export function toResultBody({ job, place, text, files, artefact, unpacked: found }: JobResult): ResultBody {
  const { answer, tree } = place;
  const { state, extras } = job;
  return {
    job_id: job.id,
    state: job.state,
    partial: job.state !== 'completed',
    answer: answer === null ? null : { step: answer.ordinal, bytes: answer.bytes, text },
    files:
      tree === null || files === null
        ? null
        : {
            tree,
            count: files.length,
            bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
            list: files.map(({ path, sha256, bytes }) => ({ path, sha256, bytes })),
          },
    artefact: artefact === null ? null : toArtefactBody(artefact),
    no_artefact:
      artefact === null ? toNoArtefactBody(whyNoArtefact({ state, extras, hasFiles: tree !== null, found })) : null,
    notices: noticeList(job.botType),
  };
}
