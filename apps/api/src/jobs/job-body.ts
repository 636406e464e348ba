// API room. A job as this door shows it: the schema is the documentation, and the converter must fit it.
import type { JobWaiting } from '@fairmeter/domain';
import { END_REASONS, ENDED_JOB_STATES, formatCredits, hasEnded, instantToText } from '@fairmeter/domain';
import { environmentOf, ENVIRONMENTS } from '@fairmeter/domain';
import {
  FUNDINGS,
  JOB_MARKERS,
  JOB_MODES,
  OPEN_JOB_STATES,
  REQUEST_KINDS,
  RESERVES,
  shortfall,
} from '@fairmeter/domain';
import type { JobView } from '@fairmeter/ledger/reads';
import { z } from 'zod';

export const credits = z
  .string()
  .regex(/^-?\d+\.\d{6}$/)
  .describe('Credits, a decimal string with six decimals.');
export const instantText = z.iso.datetime().describe('RFC 3339, UTC.');
export const jobState = z.enum([...OPEN_JOB_STATES, ...ENDED_JOB_STATES]);

export const extrasBody = z.object({
  explanation: z.boolean(),
  tests: z.boolean(),
  install_notes: z.boolean(),
  file_tree: z.boolean(),
  zip: z.boolean(),
});

export const jobBody = z.object({
  id: z.string(),
  bot_id: z.string(),
  bot_type: z.enum(['chat', 'coding']),
  environment: z.enum(ENVIRONMENTS).describe('Of the key that submitted it; everybody else submits live jobs.'),
  request_kind: z.enum(REQUEST_KINDS),
  funding: z.enum(FUNDINGS).describe('By which rule it is paid; fixed when it was submitted.'),
  purpose: z.enum(JOB_MARKERS).nullable(),
  campaign_id: z.string().nullable(),
  mode: z.enum(JOB_MODES).describe('Who runs the agent: we do, or the bot, which reports its steps.'),
  state: jobState,
  end_reason: z.enum(END_REASONS).nullable(),
  model: z.string(),
  rate_card_id: z.string().describe('The prices this job was admitted with, for all its life.'),
  iteration: z.int(),
  max_iterations: z.int(),
  steps_ended: z.int(),
  thread_id: z.string().nullable(),
  prompt_bytes: z.int(),
  context_bytes: z.int().describe('Of the files that came along, as a model is shown them.'),
  context_tokens: z.int().describe('Prompt and files together, by our own count when the job was admitted.'),
  deadline: instantText.nullable(),
  extras: extrasBody,
  reserve: z.enum(RESERVES),
  max_credits: credits,
  so_far: credits.optional().describe('While it runs: captured so far.'),
  budget: credits.optional().describe('While it runs: what is left of max_credits.'),
  held: credits.describe('Set aside for the step in flight; nothing once it has ended.'),
  charge: credits.describe('Exact once the job has ended; until then what was captured so far.'),
  refunded: credits,
  waiting: z
    .object({
      reason: z.string().describe('The code of the refusal that the next step got.'),
      required: credits,
      available: credits,
      shortfall: credits,
      resets_at: instantText.nullable().describe('When time alone may bring more.'),
      since: instantText,
      waits_until: instantText.describe('Then the job ends with what it has.'),
    })
    .optional()
    .describe('While it waits for credits: what it lacks. It goes on by itself when there is enough.'),
  created_at: instantText,
  started_at: instantText.nullable(),
  ended_at: instantText.nullable(),
  links: z.object({
    self: z.string(),
    cost: z.string(),
    events: z.string(),
    timeline: z.string(),
    result: z.string(),
    files: z.string(),
    review: z.string().optional().describe('Of a job that a loop stopped: where it is reported, by this `id`.'),
  }),
});
export type JobBody = z.output<typeof jobBody>;

export const submittedBody = jobBody.extend({
  replayed: z.boolean().describe('True when an earlier request of this key made the job.'),
});
export type SubmittedBody = z.output<typeof submittedBody>;

export function toJobBody(job: JobView, publicUrl: string | undefined): JobBody {
  const self = `${publicUrl ?? ''}/v1/jobs/${job.id}`;
  const charge = formatCredits(job.charge);
  return {
    id: job.id,
    bot_id: job.botId,
    bot_type: job.botType,
    environment: environmentOf(job.scopeId),
    request_kind: job.requestKind,
    funding: job.funding,
    purpose: job.marker,
    campaign_id: job.campaignId,
    mode: job.program === 'reported' ? 'reported' : 'managed',
    state: job.state,
    end_reason: job.endReason,
    model: job.model,
    rate_card_id: job.rateCardId,
    iteration: job.iteration,
    max_iterations: job.maxIterations,
    steps_ended: job.stepsEnded,
    thread_id: job.threadId,
    prompt_bytes: job.promptBytes,
    context_bytes: job.contextBytes,
    context_tokens: job.contextTokens,
    deadline: job.deadline === null ? null : instantToText(job.deadline),
    extras: { ...job.extras },
    reserve: job.reserve,
    max_credits: formatCredits(job.maxCredits),
    ...(hasEnded(job.state) ? {} : { so_far: charge, budget: formatCredits(shortfall(job.maxCredits, job.charge)) }),
    held: formatCredits(job.held),
    charge,
    refunded: formatCredits(job.refunded),
    ...(job.waiting === null ? {} : { waiting: waitingBody(job.waiting) }),
    created_at: instantToText(job.createdAt),
    started_at: job.startedAt === null ? null : instantToText(job.startedAt),
    ended_at: job.endedAt === null ? null : instantToText(job.endedAt),
    links: {
      self,
      cost: `${self}/cost`,
      events: `${self}/events`,
      timeline: `${self}/timeline`,
      result: `${self}/result`,
      files: `${self}/files`,
      ...(job.state === 'stopped_loop' ? { review: `${publicUrl ?? ''}/v1/reviews` } : {}),
    },
  };
}

function waitingBody({ code, required, available, ...waiting }: JobWaiting): NonNullable<JobBody['waiting']> {
  return {
    reason: code,
    required: formatCredits(required),
    available: formatCredits(available),
    shortfall: formatCredits(shortfall(required, available)),
    resets_at: waiting.resetsAt === null ? null : instantToText(waiting.resetsAt),
    since: instantToText(waiting.since),
    waits_until: instantToText(waiting.until),
  };
}
