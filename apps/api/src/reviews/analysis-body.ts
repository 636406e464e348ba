// API room. What was found in a reported thread, in its four parts, as the analysis has kept it.
import type { JsonValue } from '@fairmeter/domain';
import { instant, instantToText } from '@fairmeter/domain';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';

export const measuredBody = z.object({
  models: z.array(z.string()),
  messages: z.int().describe('Requests; each of them has one answer. The other figures are of the latest 300.'),
  context_tokens: z.object({ latest: z.int(), most: z.int() }),
  failed_builds: z.int().describe('Previews and builds that were not green.'),
  charge: credits,
  refunded: credits,
});

const stepOfJob = { job_id: z.string(), step: z.int() };

/** It is kept and told alike, but for its instants. */
const analysisWith = <Moment extends z.ZodType<string>>(moment: Moment) =>
  z.object({
    at: moment,
    jobs: z
      .array(
        z.object({
          job_id: z.string(),
          request_kind: z.string(),
          model: z.string(),
          state: z.string(),
          end_reason: z.string().nullable(),
          iterations: z.int(),
          steps: z.int(),
          context_tokens: z.int(),
          charge: credits,
          refunded: credits,
          refundable: z.array(z.object({ step: z.int(), credits })).describe('What was left to give back, by step.'),
          created_at: moment,
        }),
      )
      .describe('The jobs of the thread one by one.'),
    loops: z
      .array(
        z.object({
          signal: z.string(),
          cause: z.string(),
          subject: z.string().nullable(),
          steps: z.array(z.object(stepOfJob)),
          repeats: z.array(z.object(stepOfJob)).describe('Those after the first honest one.'),
          incidents: z.array(z.string()),
        }),
      )
      .describe('Loops over the whole thread, so also those that went over several jobs.'),
    failures: z.array(
      z.object({ ...stepOfJob, attempt: z.int(), fault: z.string(), charge_class: z.string().nullable() }),
    ),
    left_out: z
      .object({ jobs: z.int(), failures: z.int(), loops: z.int() })
      .describe('Of a very long thread: so many earlier jobs, failures of the others, and loops are not among these.'),
    incidents: z.array(
      z.object({
        id: z.string(),
        scope: z.string(),
        name: z.string().nullable(),
        from: moment,
        until: moment.nullable(),
      }),
    ),
    baseline: z
      .object({
        job_id: z.string().describe('The dearest job of the thread: it is what is compared.'),
        request_kind: z.string(),
        model: z.string(),
        context_from: z.int(),
        context_to: z.int().nullable(),
        samples: z.int(),
        median: credits.nullable().describe('Null where too few like tasks are known: there is not enough data.'),
        p90: credits.nullable(),
        percentile: z.int().nullable().describe('Of like tasks so many in a hundred cost at most as much.'),
      })
      .nullable()
      .describe('Against jobs of the same kind, model and size of context within 30 days.'),
    advice: z
      .array(z.object({ code: z.string(), measure: z.string(), figure: z.int(), from: z.int() }))
      .describe('Tips that the jobs call for as they were measured; each is given from a figure on.'),
  });

const kept = analysisWith(z.number().transform((at) => instantToText(instant(at))));
export const analysisBody = analysisWith(instantText);

/** Of what was kept before anything was left out. */
const NOTHING_LEFT_OUT = { jobs: 0, failures: 0, loops: 0 };

export function toAnalysisBody(analysis: JsonValue): z.output<typeof analysisBody> | null {
  return analysis === null ? null : kept.parse({ left_out: NOTHING_LEFT_OUT, ...(analysis as object) });
}
